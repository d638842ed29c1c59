"""An area that takes files or a folder."""
