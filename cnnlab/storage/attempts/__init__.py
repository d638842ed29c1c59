"""What an attempt of a run writes, file by file, and how it is read while it grows."""
