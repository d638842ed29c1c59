"""Runs, their epochs and steps, and studies as tables for other programs."""
