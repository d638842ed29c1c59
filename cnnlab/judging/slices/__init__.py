"""Slices of the images on which a model is worse: candidates, traits, confirmation."""
