"""What a model says about images with everything random off."""
