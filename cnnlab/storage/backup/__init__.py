"""A home as one file, and a home made of it again."""
