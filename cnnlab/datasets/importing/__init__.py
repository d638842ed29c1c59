"""Importing an upload with several processes: decode, pack, find copies."""
