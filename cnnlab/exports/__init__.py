"""Formats that a trained model is given away in: one file each."""
