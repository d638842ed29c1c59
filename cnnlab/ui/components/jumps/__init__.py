"""Links from the top of a long page to its sections."""
