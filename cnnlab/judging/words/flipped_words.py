"""What is said of labels that were made wrong on purpose, where a model is judged by them."""

from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.words import counted


def flipped_words(judgement: Judgement) -> str:
    """That some labels are wrong, and what that does to the numbers; empty where none is."""
    flipped = judgement.get("flipped_labels", 0)
    if not flipped:
        return ""
    were = "was" if flipped == 1 else "were"
    return (
        f"{counted(flipped, 'label')} of these {judgement['images']:,} {were} made wrong on "
        "purpose (label noise), and the model is judged by them as it was trained: where it sees "
        "such an image rightly, that counts as an error, and where it has learned the wrong label "
        "by heart, as right."
    )
