"""How the process of a worker goes: given its jobs, doing each to its end, alive meanwhile."""
