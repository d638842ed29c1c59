"""Which files a page opens: the others it refuses in words."""

_BEGINNINGS = (b"\xff\xd8", b"\x89PNG", b"GIF8", b"BM")


def opens(content: bytes) -> bool:
    """Whether a page opens a picture file, by its first bytes: JPEG, PNG, WebP, GIF and BMP."""
    is_webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    return is_webp or content.startswith(_BEGINNINGS)
