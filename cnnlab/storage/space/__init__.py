"""Room on the disk: who has been promised some, and what is kept for the moment it runs out."""
