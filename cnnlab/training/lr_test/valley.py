"""The learning rate that a curve of losses suggests."""

from collections.abc import Sequence


def longest_fall(losses: Sequence[float]) -> tuple[int, int]:
    """Where the longest decreasing subsequence ends, and how long it is.

    Args:
        losses: finite, at least one.

    Returns:
        The first place at which one of the greatest length ends, 0-based, and that length.
    """
    lengths: list[int] = []
    for loss in losses:
        before = zip(losses, lengths, strict=False)
        lengths.append(1 + max((length for earlier, length in before if loss < earlier), default=0))
    longest = max(lengths)
    return lengths.index(longest), longest


def valley(losses: Sequence[float]) -> int:
    """The place of the learning rate that fastai's `valley` suggests.

    It takes the longest decreasing subsequence as if it were a stretch without gaps, and goes half
    of its length into it: a third, and half of a third.

    Source: `valley` in fastai/callback/schedule.py (fastai 2.7; the rule is ESRI's,
    https://forums.fast.ai/t/automated-learning-rate-suggester/44199).

    Args:
        losses: smoothed, by rising rate, finite, at least one; ends that don't count are left out.

    Returns:
        0-based.
    """
    end, length = longest_fall(losses)
    third = length / 3
    return max(0, end - length + int(third) + int(third / 2))
