"""How sure a measure is, image by image: exact, score and bootstrap intervals."""
