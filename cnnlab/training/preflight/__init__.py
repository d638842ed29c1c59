"""A look at a run before it is launched."""
