"""What a worker does to look inside the nets of runs that have ended."""
