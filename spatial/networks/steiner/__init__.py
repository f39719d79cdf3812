"""The shortest tree of streets that joins given places, with a bound that no tree can undercut."""

from spatial.networks.steiner.tree import SteinerTree, measure, solve, steiner_tree

__all__ = ["SteinerTree", "measure", "solve", "steiner_tree"]
