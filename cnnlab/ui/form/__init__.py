"""The form of a config."""
