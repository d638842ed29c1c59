"""Scrolling to what a click has brought."""
