"""What is said of looks at test images; plain text, not yet escaped."""

from cnnlab.domain.data.vault import VaultLooks
from cnnlab.domain.records.judgement import Judgement
from cnnlab.domain.records.measured import Measured
from cnnlab.domain.words import counted
from cnnlab.judging.words.sentences import difference_words, share_words
from cnnlab.judging.words.vault_words import look_words
from cnnlab.ui.text import moment


def looks_words(looks: VaultLooks) -> str:
    """How often, by how many runs and when these images were looked at."""
    if not looks.recorded:
        return look_words(looks)
    return f"{look_words(looks)} The last one was on {moment(looks.recorded[-1].at)}."


def next_look_words(looks: VaultLooks, run: str) -> str:
    """Which look a press of the button is.

    Args:
        looks: so far.
        run: id of the run that would be looked at.
    """
    again = (
        " This run was looked at before; to see its numbers again counts again, as it can be "
        "chosen by again."
        if run in looks.runs
        else ""
    )
    return f"This will be look {len(looks.at_most) + 1:,} at these images.{again}"


def opened_words(judgement: Judgement, looks: VaultLooks) -> str:
    """The accuracy on the test images and which look it is.

    Args:
        judgement: of the model on them.
        looks: at them, with this one.
    """
    number = len(looks.at_most)
    return (
        f"Look {number:,} at these {counted(judgement['images'], 'test image')}: "
        f"{share_words(judgement['measures']['accuracy'])} right."
    )


def minus_words(difference: Measured) -> str:
    """Validation minus test accuracy with its interval, and what it means.

    Args:
        difference: as `look_at_test` measured it.
    """
    value, low, high = (difference[key] for key in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return ""
    said = f"Validation minus test: {difference_words(difference)}."
    if low > 0:
        return (
            f"{said} That may be because its epoch, and perhaps its settings, were chosen by the "
            "validation images, which flatters it there, or because the test images are harder or "
            "of another kind, as those of a folder of their own can be."
        )
    if high < 0:
        return f"{said} It does better on the test images: they may be easier ones."
    return f"{said} The interval holds zero, so no difference can be told."
