"""A config in words: its fields and values as the screen says them, what is wrong, what differs."""
