"""Tags: what a user notes of a run's model to find it by, such as 'approved'."""

from collections.abc import Sequence

from cnnlab.domain.errors import BadInputError

MOST_TAGS = 10
MOST_CHARACTERS = 40


def checked_tags(tags: Sequence[str]) -> list[str]:
    """Tags as they are stored: without space around them, each once, whatever its case.

    Raises:
        BadInputError: there are too many, or one is too long.
    """
    found: dict[str, str] = {}
    for tag in tags:
        clean = " ".join(tag.split())
        if len(clean) > MOST_CHARACTERS:
            raise BadInputError(
                f"A tag has at most {MOST_CHARACTERS} characters. "
                f"Received {len(clean)}: {clean[:MOST_CHARACTERS]!r}..."
            )
        if clean:
            found.setdefault(clean.casefold(), clean)
    if len(found) > MOST_TAGS:
        raise BadInputError(
            f"A model has at most {MOST_TAGS} tags. Received: {len(found)}. Take some away."
        )
    return list(found.values())
