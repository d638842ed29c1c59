"""The training loop: what happens at every step and epoch, and how it is told."""
