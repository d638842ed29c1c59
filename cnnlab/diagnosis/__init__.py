"""What one run's curves say, in plain words (pure)."""
