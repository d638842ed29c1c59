"""Pictures with maps of where a model looks: each beside itself with its map over it."""
