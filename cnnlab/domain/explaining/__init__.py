"""Where a network looks: the ways to say it, and maps as pictures."""
