"""From prepared images to the augmented batches of every step."""
