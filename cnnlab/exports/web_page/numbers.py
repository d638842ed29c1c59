"""What the page says of its model beside the answers: honest numbers in plain words, as HTML."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from cnnlab.domain.records.result import ClassRow, Evaluation
from cnnlab.domain.words import (
    UNKNOWN,
    called,
    counted,
    digits,
    exact_percent,
    percent,
    percent_range,
    points,
)
from cnnlab.exports.about import About
from cnnlab.judging.intervals.shares import wilson

_FITS = {
    "crop": "cut to a square in the middle",
    "pad": "made a square by black bars",
    "stretch": "stretched to a square",
}


@dataclass(frozen=True)
class PageFacts:
    """What is known of a run whose model becomes a page.

    Attributes:
        run: its id.
        dataset: what its dataset is called.
        train: how many images it was trained on.
        validation: how many it was judged on.
        report: what its kept model does on the validation images; None where that isn't known.
        when: the day of the export, such as `30 November 2026`.
        version: of cnnlab.
    """

    run: str
    dataset: str
    train: int
    validation: int
    report: Evaluation | None
    when: str
    version: str


def title_of(facts: PageFacts) -> str:
    """What a browser's tab is called, as text."""
    return f"{_short(facts.dataset)}: what does the picture show?"


def purpose_of(about: About) -> str:
    """What the model tells apart, one or two sentences, as text."""
    names = [called(_short(name)) for name in about.class_names[:6]]
    rest = len(about.class_names) - len(names)
    shown = ", ".join(names) + (f" and {rest:,} more" if rest > 0 else "")
    return (
        f"A neural network tells {counted(len(about.class_names), 'class', 'classes')} apart: "
        f"{shown}. It computes on this device: no picture leaves it, and no network is needed."
    )


def facts_html(about: About, facts: PageFacts) -> str:
    """The list of what is to be known, as the inside of a `dl`."""
    rows = [
        *_accuracy(facts),
        _training(about, facts),
        _confidence(about, facts),
        _threshold(about),
    ]
    rows.append(
        (
            "What it knows",
            f"Only these {counted(len(about.class_names), 'class', 'classes')}",
            "A picture of anything else is called one of them as well.",
        )
    )
    rows.append(_sees(about))
    return "".join(
        f"<div><dt>{escape(term)}</dt><dd><strong>{escape(value)}</strong>"
        f"<span>{escape(words)}</span></dd></div>"
        for term, value, words in rows
    )


def classes_html(about: About, facts: PageFacts) -> str:
    """A table of the classes that opens on wish: how many images each has, how many are found."""
    rows = _class_rows(about.class_names, facts.report)
    return (
        f"<details><summary>All {counted(len(about.class_names), 'class', 'classes')}, "
        "and how well each is found</summary>"
        '<div class="scroll" tabindex="0" role="region" aria-label="Classes"><table><thead><tr>'
        '<th scope="col">Class</th><th scope="col">Validation pictures</th>'
        f'<th scope="col">Found of them</th></tr></thead><tbody>{"".join(rows)}</tbody></table>'
        "</div></details>"
    )


def footer_of(facts: PageFacts) -> str:
    """Where the page comes from, as text."""
    return (
        f"Made with cnnlab {facts.version} on {facts.when} from the run {facts.run}. The page "
        "carries a rule that forbids it every connection: it works from disk, and keeps nothing."
    )


def _accuracy(facts: PageFacts) -> Iterator[tuple[str, str, str]]:
    if facts.report is None:
        words = (
            "The run ended before its model was evaluated: ask for numbers before relying on it."
        )
        yield "How often it is right", "Can't tell", words
        return
    images, share = facts.validation, facts.report["accuracy"]
    interval = wilson(round(share * images), images)
    yield (
        "How often it is right",
        f"{percent(share)} of {counted(images, 'picture')}",
        f"95 % interval {percent_range(interval['low'], interval['high'])}. They are "
        "validation pictures: not trained on, but looked at to choose the model, so that new ones "
        "may go a little worse.",
    )


def _training(about: About, facts: PageFacts) -> tuple[str, str, str]:
    classes = counted(len(about.class_names), "class", "classes")
    return (
        "What it was trained on",
        counted(facts.train, "picture"),
        f"Of {classes}, from the dataset {_short(facts.dataset)}. Pictures that look unlike those, "
        "by light, camera or background, may go worse.",
    )


def _confidence(about: About, facts: PageFacts) -> tuple[str, str, str]:
    if about.temperature is not None:
        return (
            "What its percentages mean",
            "Calibrated",
            f"By a temperature of {digits(about.temperature, most_decimals=3)}, fitted on the "
            "validation pictures: of answers with 80 %, about 80 in 100 should be right.",
        )
    calibration = facts.report.get("calibration") if facts.report else None
    off = (
        f" On the validation pictures they were {points(calibration['ece'])} off on average."
        if calibration
        else ""
    )
    return (
        "What its percentages mean",
        "Not calibrated",
        f"Of answers with 80 %, more or fewer than 80 in 100 may be right.{off}",
    )


def _threshold(about: About) -> tuple[str, str, str]:
    if about.threshold is None:
        return (
            "When it isn't sure",
            "It names a class all the same",
            "No threshold was set: look at the percentages yourself.",
        )
    return (
        "When it isn't sure",
        f"Says so below {exact_percent(round(about.threshold, 4))}",
        "From there on it was right often enough on the validation pictures.",
    )


def _sees(about: About) -> tuple[str, str, str]:
    image = about.image
    color = "in colour" if image.color == "rgb" else "in shades of grey"
    return (
        "How it sees a picture",
        f"{image.size} × {image.size} pixels, {color}",
        f"Any picture is {_FITS[image.resize]} and made that small, exactly as for its training.",
    )


def _class_rows(names: Sequence[str], report: Evaluation | None) -> Iterator[str]:
    known: Sequence[ClassRow | None] = report["per_class"] if report else [None] * len(names)
    for name, row in zip(names, known, strict=True):
        images = f"{row['images']:,}" if row else UNKNOWN
        found = percent(row["recall"] if row and row["images"] else None)
        yield f'<tr><th scope="row">{escape(name)}</th><td>{images}</td><td>{found}</td></tr>'


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:59]}…"
