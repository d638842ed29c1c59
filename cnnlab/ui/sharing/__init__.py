"""Sharing one thing by a link: the dialog that makes links, lists and revokes them."""
