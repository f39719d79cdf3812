"""The plan: demand, networks, balance, review, maps, and the pipeline that joins them."""
