"""What a closer look at a study shows: one part of it at a time."""
