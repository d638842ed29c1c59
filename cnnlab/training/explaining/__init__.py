"""Where a network looks: maps of what in a picture speaks for a class, and whether they mean it."""
