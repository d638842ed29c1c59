"""What the room expects, and what the data say to it."""

import math
from collections.abc import Mapping, Sequence

from cnnlab.documents.story.slides import Asked, ExpectSlide, Option, VerdictRow, VerdictSlide
from cnnlab.documents.story.words import MOST_CHARACTERS, short
from cnnlab.domain.arms import change_words, size_words
from cnnlab.domain.study import Kind, Study
from cnnlab.domain.words import counted, listed
from cnnlab.figures.answers.difference_axis import far_off
from cnnlab.study.rules_wording import ABOUT, margin_words, other_scope
from cnnlab.study.verdicts import METRICS, Comparison, Verdict
from cnnlab.study.wording import HOW_MUCH, MAYBE_TOO_LITTLE, SAID, TOO_LITTLE, where_words

MOST_ASKED = 5
"""With more arms than this only the best one is asked for."""
NONE = ""
"""The answer that no arm is better than the reference."""
_SAME = "same"
_ANSWERS = {
    str(Verdict.HELPS): SAID[Verdict.HELPS],
    _SAME: "no difference",
    str(Verdict.HURTS): SAID[Verdict.HURTS],
}
_TOLD = (Verdict.HELPS, Verdict.HURTS, Verdict.NO_DIFFERENCE, Verdict.CANNOT_TELL)
_CLAIMS = frozenset(_TOLD) - {Verdict.CANNOT_TELL}
_MOST_NAMES = 3
_LIMIT = 28


def expectations(study: Study, compared: Mapping[str, Comparison]) -> ExpectSlide:
    """What the room is asked before it sees the curves; of many arms only which one is best."""
    judged = _judged(compared)
    label = METRICS[study.primary].label
    if asks_for_best(study, compared):
        options: list[Option] = [
            {"value": name, "label": label_of(study, name, _LIMIT)} for name in judged
        ]
        options.append({"value": NONE, "label": "none of them"})
        line = f"Which one does best, by {label}, against {_against(study)}?"
        return {
            "title": "What do you expect?",
            "line": line,
            "rows": [{"arm": "", "label": "", "options": options}],
        }
    options = [{"value": value, "label": words} for value, words in _ANSWERS.items()]
    rows: list[Asked] = [
        {"arm": name, "label": label_of(study, name), "options": options} for name in judged
    ]
    line = f"By {label}, against {_against(study)}."
    return {"title": "What do you expect?", "line": line, "rows": rows}


def asks_for_best(study: Study, compared: Mapping[str, Comparison]) -> bool:
    """Whether the room names the best arm, instead of saying of each whether it helps."""
    count = len(_judged(compared))
    return count > MOST_ASKED or (study.kind is Kind.DOSE and count > 1)


def verdict_slide(study: Study, compared: Mapping[str, Comparison], runs: int) -> VerdictSlide:
    """The verdicts in words and the differences with their intervals.

    Args:
        study: as it was launched.
        compared: of its primary metric, by arm.
        runs: how many count so far.
    """
    metric = METRICS[study.primary]
    judged = _judged(compared)
    prefix = "" if runs >= len(study.pairs) else "So far: "
    title = headline(study, judged)
    return {
        "title": prefix + title if prefix else title[:1].upper() + title[1:],
        "line": f"Difference in {metric.label} from {_against(study)}, in {metric.unit}, "
        f"{where_words(study)}. {_key(study, judged)}",
        "unit": metric.unit,
        "margin": round(metric.scale * study.margin, 6),
        "better": "right" if metric.higher_is_better else "left",
        "rows": _with_far_ones(
            [
                _row(study, label_of(study, name), found, metric.scale)
                for name, found in judged.items()
            ],
            metric.scale * study.margin,
        ),
        "replies": _replies(study, judged),
    }


def headline(study: Study, judged: Mapping[str, Comparison]) -> str:
    """The verdicts of all arms in one line: 'augmentation helps; can't tell for L2'."""
    if not any(found.verdict in _CLAIMS for found in judged.values()):
        is_early = any(found.is_early for found in judged.values())
        return "we can't tell yet" if is_early else "we can't tell"
    by_size = study.kind is Kind.WORTH
    parts = []
    for verdict in _TOLD:
        told = _told_as(verdict, study, judged)
        if told:
            said = (_on_sizes if by_size else _on_arms)([label for label, _ in told], verdict)
            parts.append(said + _too_little(told, "at " if by_size else ""))
    return (f"{change_words(*study.arms[:2])} " if by_size else "") + "; ".join(parts)


def _told_as(
    verdict: Verdict, study: Study, judged: Mapping[str, Comparison]
) -> list[tuple[str, Comparison]]:
    """The arms of a verdict, each with its label."""
    return [
        (label_of(study, name, _LIMIT), found)
        for name, found in judged.items()
        if found.verdict is verdict
    ]


def _on_sizes(names: Sequence[str], verdict: Verdict) -> str:
    named = listed(names) if len(names) <= _MOST_NAMES else f"{len(names)} sizes"
    return f"{SAID[verdict]} at {named}"


def _on_arms(names: Sequence[str], verdict: Verdict) -> str:
    is_few, said = _can_be_listed(names), SAID[verdict]
    if verdict in (Verdict.CANNOT_TELL, Verdict.NO_DIFFERENCE):
        return f"{said} for {listed(names) if is_few else f'{len(names)} others'}"
    verb = said if len(names) == 1 else said.removesuffix("s")
    return f"{listed(names) if is_few else counted(len(names), 'arm')} {verb}"


def _can_be_listed(names: Sequence[str]) -> bool:
    is_whole = len(names) == 1 or not any(name.endswith("…") for name in names)
    return len(names) <= _MOST_NAMES and is_whole


def _too_little(told: Sequence[tuple[str, Comparison]], begin: str = "") -> str:
    """Which of the claims may not matter: ' (dropout: maybe too little to matter)'.

    Args:
        told: claims, each with the label of its arm.
        begin: stands before the labels.
    """
    said = []
    for beside in (HOW_MUCH, MAYBE_TOO_LITTLE, TOO_LITTLE):
        names = [label for label, found in told if found.too_little == beside]
        if len(names) == len(told):
            return f", {beside}"
        if names:
            named = begin + listed(names) if _can_be_listed(names) else f"{len(names)} of them"
            said.append(f"{named}: {beside}")
    return f" ({'; '.join(said)})" if said else ""


def label_of(study: Study, name: str, limit: int = MOST_CHARACTERS) -> str:
    """An arm as the slides call it; sizes aren't told from each other by the change they share."""
    return short(size_words(name) if study.kind is Kind.WORTH else name, limit)


def _judged(compared: Mapping[str, Comparison]) -> dict[str, Comparison]:
    return {
        name: found for name, found in compared.items() if found.verdict is not Verdict.REFERENCE
    }


def _against(study: Study) -> str:
    if study.kind is Kind.WORTH:
        return f"the same number of images without {change_words(*study.arms[:2])}"
    return short(study.reference.name)


def _row(study: Study, label: str, found: Comparison, scale: float) -> VerdictRow:
    other = found.in_scope(other_scope(study))
    mean, low, high, other_low, other_high = (
        round(scale * value, 4) if value is not None and math.isfinite(value) else None
        for value in (found.mean, found.low, found.high, other.low, other.high)
    )
    return {
        "arm": found.arm,
        "label": label,
        "verdict": str(found.verdict),
        "said": found.said,
        "words": found.words,
        "mean": mean,
        "low": low,
        "high": high,
        "other_low": other_low,
        "other_high": other_high,
        "is_far": False,
    }


def _with_far_ones(rows: list[VerdictRow], margin: float) -> list[VerdictRow]:
    """The rows, those marked that would shrink the intervals of all others."""
    drawn = [row for row in rows if row["low"] is not None and row["mean"] is not None]
    ends = []
    for row in drawn:
        known = (row["mean"], row["low"], row["high"], row["other_low"], row["other_high"])
        values = [value for value in known if value is not None]
        ends.append((min(values), max(values)))
    for place in far_off(ends, margin):
        drawn[place]["is_far"] = True
    return rows


def _key(study: Study, judged: Mapping[str, Comparison]) -> str:
    """What the bars mean: as many of them as are drawn."""
    if all(found.low is None for found in judged.values()):
        return ""
    key = f"Bar: on {ABOUT[study.about]}, which the claim is about"
    other = other_scope(study)
    if any(found.in_scope(other).low is not None for found in judged.values()):
        key += f"; thin: on {ABOUT[other]}"
    return f"{key}. Shaded: up to {margin_words(study)}, no difference."


def _replies(study: Study, judged: Mapping[str, Comparison]) -> dict[str, dict[str, str]]:
    if asks_for_best(study, judged):
        return {NONE: _replies_on_best(study, judged)}
    return {
        name: {value: _reply(value, found) for value in _ANSWERS} for name, found in judged.items()
    }


def _reply(expected: str, found: Comparison) -> str:
    begin = f"You expected: {_ANSWERS[expected]}."
    is_met = found.verdict == (Verdict.NO_DIFFERENCE if expected == _SAME else expected)
    if is_met and not found.too_little:
        return f"{begin} The data say so too."
    if expected == _SAME and found.verdict is Verdict.CANNOT_TELL and not found.is_early:
        return f"{begin} The data can't tell, which is no proof of it."
    return f"{begin} The data say: {found.said}."


def _replies_on_best(study: Study, judged: Mapping[str, Comparison]) -> dict[str, str]:
    against = _against(study)
    replies = {
        name: f"You expected {short(name)} to do best. Against {against} the data say: "
        f"{found.said}." + _highest(name, judged)
        for name, found in judged.items()
    }
    helping = _told_as(Verdict.HELPS, study, judged)
    shown = f"{len(helping)} that help" if len(helping) > 1 else "1 arm that helps"
    said = f"The data show {shown}{_too_little(helping)}."
    if not helping:
        is_open = any(found.verdict is Verdict.CANNOT_TELL for found in judged.values())
        proof = ", which is no proof that none does" if is_open else ""
        said = f"The data show none that helps{proof}."
    return replies | {NONE: f"You expected none of them to help. {said}"}


def _highest(name: str, judged: Mapping[str, Comparison]) -> str:
    """How the arm's mean stands among the others; they aren't tested against each other."""
    means = {
        other: found.mean * (1 if METRICS[found.metric].higher_is_better else -1)
        for other, found in judged.items()
        if found.mean is not None and math.isfinite(found.mean)
    }
    if name not in means or len(means) < 2:
        return ""
    best = max(means, key=means.__getitem__)
    which = "Its mean is the best of all" if best == name else f"The best mean is {short(best)}'s"
    return f" {which}; the arms weren't tested against each other."
