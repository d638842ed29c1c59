"""A table that is read, sorted and opened by a click; cards on a phone."""
