"""An area that takes a zip file."""
