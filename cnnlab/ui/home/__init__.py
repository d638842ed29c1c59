"""Home: what this is, in a picture and one click, and where its user left off."""
