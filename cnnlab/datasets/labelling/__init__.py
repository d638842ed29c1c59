"""From the names and tables of an upload to one label for each image."""
