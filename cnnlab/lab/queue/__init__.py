"""The queue of runs: what trains, what waits in which order, in one workspace and in all."""
