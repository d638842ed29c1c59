"""What programs read that watch the app: whether it is well, and its numbers."""
