"""Weights that networks start with: where they come from, how they are vetted, and kept."""
