"""Lessons: claims of the textbook, each tested on the user's own images by a study of its own."""
