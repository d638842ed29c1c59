"""Starlette routes of our own: upload, live stream, downloads."""
