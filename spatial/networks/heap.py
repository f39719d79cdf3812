"""A binary heap in two arrays, for compiled searches.

Nothing is ever moved up: a node that becomes nearer is pushed once more, and what comes out late is skipped.

References
----------
.. [1] Williams, J. W. J. (1964). Algorithm 232: Heapsort. Communications of the ACM 7, 347-348.
   doi:10.1145/512274.512284
"""

from typing import Any

from numpy.typing import NDArray

from layers.compiling import compiled

Keys = NDArray[Any]
Items = NDArray[Any]
"""Numbers of any kind: compiled functions are made for the kinds they are called with."""


@compiled
def push(keys: Keys, items: Items, size: int, key: float, item: int) -> int:
    """Put an item into a heap of `size` items, in place [1]_; return the new size."""
    place = size
    while place > 0:
        above = (place - 1) >> 1
        if keys[above] <= key:
            break
        keys[place], items[place] = keys[above], items[above]
        place = above
    keys[place], items[place] = key, item
    return size + 1


@compiled
def pop(keys: Keys, items: Items, size: int) -> int:
    """Take the first item, which stands at index nought, out of a heap, in place [1]_; return the new size."""
    size -= 1
    key, item = keys[size], items[size]
    place, below = 0, 1
    while below < size:
        if below + 1 < size and keys[below + 1] < keys[below]:
            below += 1
        if key <= keys[below]:
            break
        keys[place], items[place] = keys[below], items[below]
        place, below = below, 2 * below + 1
    keys[place], items[place] = key, item
    return size
