"""How a run goes: its place in the queue, its phases, the dials that are turned meanwhile."""
