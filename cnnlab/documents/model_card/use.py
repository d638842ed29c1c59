"""What a card says of using a model: what it is for, what it costs, what to beware of."""

from collections.abc import Iterator

from cnnlab.documents.model_card.blocks import (
    Blank,
    Block,
    Bullets,
    Facts,
    Grid,
    Lead,
    NotKnown,
    Section,
    Words,
)
from cnnlab.documents.model_card.content import CardContent, PreparedFile
from cnnlab.documents.model_card.quality import accuracy_of
from cnnlab.documents.text import moment
from cnnlab.domain.config.wording.labels import in_labels
from cnnlab.domain.run import Status
from cnnlab.domain.words import UNKNOWN, counted, data_size, duration, percent
from cnnlab.judging.words.flipped_words import flipped_words
from cnnlab.judging.words.lost_words import loss_words, uncompared_words
from cnnlab.judging.words.sentences import share_words

_NAMED_CLASSES = 20
_CLOSED = (
    "It knows its classes only: a picture of anything else is given one of them too, and it may be "
    "sure of it."
)
_SAME_KIND = (
    "What is measured here is about images that come as the validation images came. Other cameras, "
    "places or times are another kind, and nothing is claimed about them."
)


def head(content: CardContent) -> Iterator[Block]:
    """The model in a sentence, its classes, and what this document is."""
    of = f" of {content.data.dataset.name}" if content.data else ""
    told = f"It tells {counted(len(content.classes), 'class', 'classes')}{of} apart"
    known = accuracy_of(content)
    if known is None:
        yield Lead(f"{told}. How good it is wasn't measured.")
    else:
        accuracy, images = known
        yield Lead(
            f"{told}: {share_words(accuracy)} of {counted(images, 'validation image')} are right."
        )
    named = ", ".join(f"'{name}'" for name in content.classes[:_NAMED_CLASSES])
    more = len(content.classes) - _NAMED_CLASSES
    yield Words(f"Classes: {named}{f' and {more:,} more' if more > 0 else ''}.")
    when = f", trained {moment(content.run.ended_at)}" if content.run.ended_at else ""
    yield Words(
        f"Model card of the run {content.run.id}{when} with cnnlab. After Mitchell et al. 2019 "
        "(arXiv 1810.03993). What is marked as to be filled in only the people know who give the "
        "model away."
    )


def intended_use_section() -> Section:
    """Blanks, and what holds for every classifier."""
    return Section(
        "Intended use",
        [
            Blank("what the model is for, and who is meant to use it."),
            Blank("what it must not be used for."),
            Words(_CLOSED),
            Words(_SAME_KIND),
        ],
    )


def ethics_section() -> Section:
    """A blank: no measurement answers it."""
    return Section(
        "Ethical considerations",
        [
            Blank(
                "who may be harmed by a wrong answer and how much, whether images show people or "
                "what is private, which groups were looked at apart, who decides in the end."
            )
        ],
    )


def licence_section() -> Section:
    """Blanks: under which terms model and images are given away, and whom to ask."""
    return Section(
        "Licences and contact",
        [
            Blank("licence of the model."),
            Blank("licence of the images, and whether it allows this model."),
            Blank("who made it, whom to write to, how to cite it."),
        ],
    )


def caveats_section(content: CardContent) -> Section:
    """What limits the numbers, as far as it is known."""
    found = list(_caveats(content))
    none = Words("Nothing beyond what is said above was noticed.")
    return Section("Caveats", [Bullets(found)] if found else [none])


def _caveats(content: CardContent) -> Iterator[str]:
    if content.run.status is not Status.FINISHED:
        yield f"The run has {content.run.status}: it didn't train as long as it was told to."
    if content.run.changed_by_hand:
        yield "Dials were turned by hand while it trained: no config repeats it."
    yield from content.flattered
    if content.judgement and (flipped := flipped_words(content.judgement)):
        yield flipped
    for found in content.diagnoses:
        if found.severity in ("problem", "warning"):
            yield f"{found.title}: {in_labels(found.words)}"


def cost_section(content: CardContent) -> Section:
    """Parameters, time, and of each file that is prepared its size, speed, memory and agreement."""
    rows = []
    if content.facts.get("parameters"):
        rows.append(("Parameters", f"{content.facts['parameters']:,}"))
    trained = sum(record["seconds"] for record in content.history)
    device = content.facts.get("device")
    rows.append(("Training", duration(trained) + (f" on {device}" if device else "")))
    blocks: list[Block] = [Facts(rows), *_files(content)]
    return Section("Cost and files", blocks)


def _files(content: CardContent) -> Iterator[Block]:
    if not content.prepared:
        yield NotKnown(
            "No file of the model is prepared yet, so nothing is known of its size, speed and "
            "memory: prepare one on the Models page or with the command export "
            f"(python -m cnnlab export {content.run.id} --format keras --to .), and make this card "
            "again."
        )
        return
    yield Words(
        "Files that are prepared. Each was loaded again in its own runtime and compared with the "
        "model in float32 on validation images, read from their files; times and memory are of "
        "single images on the machine that prepared it."
    )
    heads = (
        "format", "file", "size", "compared on", "same class", "largest difference", "right",
        "ms an image", "memory",
    )  # fmt: skip
    compared = [one for one in content.prepared if "verified" not in one.check]
    yield Grid(heads, list(map(_file_row, compared)), range(2, len(heads)))
    unverified = [
        f"{_title(one)}: {one.check.get('not_verified', '')}"
        for one in compared
        if one.check["top1_agreement"] is None
    ]
    yield from (
        Words(f"{_title(one)}: {one.check['verified']}.")
        for one in content.prepared
        if "verified" in one.check
    )
    of_classes = (loss_words, uncompared_words)
    said = [(one, words(one.check)) for one in content.prepared for words in of_classes]
    yield from (Words(f"{_title(one)}: {words}") for one, words in said if words)
    if unverified:
        yield Words("Not verified:")
        yield Bullets(unverified)


def _title(file: PreparedFile) -> str:
    return f"{file.title}, calibrated" if file.calibrated else file.title


def _file_row(file: PreparedFile) -> tuple[str, ...]:
    check = file.check
    difference, milliseconds = check["max_abs_difference"], check["milliseconds_per_image"]
    accuracy, memory = check.get("accuracy"), check.get("memory_bytes")
    images = check.get("images")
    return (
        _title(file),
        file.file,
        data_size(check["bytes"]),
        UNKNOWN if images is None else counted(images, "image"),
        percent(check["top1_agreement"]),
        UNKNOWN if difference is None else f"{difference:.1e}",
        UNKNOWN if accuracy is None else share_words(accuracy),
        UNKNOWN if milliseconds is None else f"{milliseconds:.3g}",
        UNKNOWN if memory is None else data_size(memory),
    )
