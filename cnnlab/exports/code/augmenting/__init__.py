"""Every augmentation in plain numpy, with the meaning that it has in training.

The texts of these functions go into programs as they are: each knows numpy and the other functions
here alone. `images` are (B, H, W, C) float32 in 0..255, `rng` draws for each image by itself.
"""
