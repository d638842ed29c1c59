"""The queue: what trains, what waits in which order, and moving it."""
