"""Secrets that are handed out, of which only a hash is stored: keys of sessions, links."""

import hashlib
import secrets


def new_key() -> str:
    """A random secret of 256 bits, as it stands in a cookie or an address."""
    return secrets.token_urlsafe(32)


def hash_of(key: str) -> str:
    """What is stored of a secret: its SHA-256, in hex. Nobody finds the secret from it."""
    return hashlib.sha256(key.encode()).hexdigest()
