"""Searches as the supervisor brings them on: what their trials say, what is decided next."""
