"""A Ray cluster on which runs train: what is asked of it over HTTP, its nodes, its checks."""
