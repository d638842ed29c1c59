"""Pictures taken one after the other."""
