"""Whom an OIDC server may let in: addresses and domains that a setting names."""

import os

OIDC_ALLOWED = "CNNLAB_OIDC_ALLOWED"


def is_allowed(email: str) -> bool:
    """Whether `CNNLAB_OIDC_ALLOWED` names this address or its domain.

    Args:
        email: in small letters.
    """
    name, at, domain = email.rpartition("@")
    given = os.environ.get(OIDC_ALLOWED, "").casefold().split(",")
    allowed = {one.strip().removeprefix("@") for one in given} - {""}
    return bool(name and at and domain) and bool(allowed & {email, domain})
