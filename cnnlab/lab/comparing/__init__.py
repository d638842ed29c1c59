"""Runs side by side: what they were asked to do, say of the same images, and cost."""
