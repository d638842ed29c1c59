"""What a card says of where a model comes from: its data, its training, who made it."""

from collections.abc import Iterator

from cnnlab.documents.fields import label, shown
from cnnlab.documents.model_card.blocks import (
    Blank,
    Block,
    Bullets,
    Facts,
    Grid,
    NotKnown,
    Section,
    Words,
)
from cnnlab.documents.model_card.content import CardContent, Data
from cnnlab.documents.text import moment
from cnnlab.domain.config.run_config import RunConfig, describe_changes
from cnnlab.domain.data.split import SPLITS
from cnnlab.domain.records.training import Nothing, WorkerFacts
from cnnlab.domain.words import UNKNOWN, counted, duration, listed
from cnnlab.fields import ConfigModel

_MOST_CLASSES = 100
_OWN = " (the upload's own)"
_FITS = {"crop": "cut to a square", "pad": "with bars to a square", "stretch": "stretched"}
Row = tuple[str, str]


def data_section(content: CardContent) -> Section:
    """Which images, how many of each class in which part, and what was found in them."""
    asks = (
        "how the images were made and by whom, what they show and what they don't, who is in them "
        "and has agreed to it, how they were labelled."
    )
    if content.data is None:
        missing = NotKnown(f"The dataset {content.run.dataset} can't be read here.")
        return Section("Data", [missing, Blank(asks)])
    return Section("Data", [*_data(content, content.data), Blank(asks)])


def _data(content: CardContent, data: Data) -> Iterator[Block]:
    dataset = data.dataset
    yield Facts([
        ("Dataset", f"{dataset.name}, version {dataset.version}"),
        ("Id", dataset.id),
        ("Fingerprint", f"sha256 {data.fingerprint}"),
        ("Images", f"{dataset.images:,} in {counted(len(dataset.classes), 'class', 'classes')}"),
        ("Parts", _parts(content, data)),
    ])  # fmt: skip
    if dataset.changes:
        yield Words(f"Changed from the version before: {'; '.join(dataset.changes)}.")
    yield _counts(data)
    if len(dataset.classes) > _MOST_CLASSES:
        yield Words(f"And {len(dataset.classes) - _MOST_CLASSES:,} more classes.")
    found = [
        f"{title}{' (kept as it is by the user)' if title in data.kept else ''}: {message}"
        for title, message in data.findings
    ]
    found += data.notes
    if found:
        yield Words("What was found in the images:")
        yield Bullets(found)
    else:
        yield Words("Nothing was found wrong with the images.")


def _parts(content: CardContent, data: Data) -> str:
    told = [
        f"{part} {sum(data.parts[part]):,}{_OWN if part in data.own_parts else ''}"
        for part in SPLITS
        if sum(data.parts.get(part, ()))
    ]
    words = ", ".join(told)
    if content.config is None or len(data.own_parts) == len(SPLITS) - 1:
        return words
    what = "what the upload doesn't say is drawn" if data.own_parts else "drawn"
    return (
        f"{words}; {what} by the seed {content.config.split.seed}, class by class, with copies of "
        "a picture in one part"
    )


def _counts(data: Data) -> Grid:
    parts = [part for part in SPLITS if sum(data.parts.get(part, ()))]
    rows = [
        (name, f"{count:,}", *(f"{data.parts[part][at]:,}" for part in parts))
        for at, (name, count) in enumerate(data.dataset.classes.items())
    ]
    heads = ("class", "images", *parts)
    return Grid(heads, rows[:_MOST_CLASSES], range(1, len(heads)))


def training_section(content: CardContent) -> Section:
    """The network, how it was trained, and which epoch's weights the model has."""
    rows = [*_network(content), *_settings(content), *_course(content), *_machine(content)]
    return Section("Training", [Facts(rows)])


def _network(content: CardContent) -> Iterator[Row]:
    config, facts = content.config, content.facts
    if config is not None:
        layers = config.architecture.layers
        name = "own layers" if layers else config.architecture.preset
        yield "Network", name
        yield from _start(content.facts)
    if facts.get("parameters"):
        layers_words = f" in {counted(len(facts.get('layers', [])), 'layer')}"
        has_layers = bool(facts.get("layers"))
        yield "Parameters", f"{facts['parameters']:,}{layers_words * has_layers}"
    if config is not None:
        image = config.image
        color = "RGB" if image.color == "rgb" else "grey"
        size = f"{image.size} × {image.size} px"
        yield "Input", f"{size}, {color}, {_FITS[image.resize]}; values 0 to 255"


def _start(facts: WorkerFacts | Nothing) -> Iterator[Row]:
    """What the network began with, in which phases it was trained, and what stood still."""
    start = facts.get("pretrained")
    if not start:
        yield "Start", "trained from scratch"
    else:
        new = listed(list(dict.fromkeys(name.partition("/")[0] for name in start["new"])))
        licence = f" (licence: {start['licence']})" if start["licence"] else ""
        yield (
            "Start",
            f"weights of {start['source']}{licence}, sha256 {start['sha256'][:12]}: "
            f"{counted(start['taken'], 'array')} taken over, begun anew: {new or 'none'}",
        )
    for phase in facts.get("phases", []):
        name, _, words = phase["words"].partition(": ")
        yield name, f"{words}, from epoch {phase['first_epoch'] + 1} on"
    if once := facts.get("cached_features"):
        yield "Computed once", once


def _settings(content: CardContent) -> Iterator[Row]:
    config = content.config
    if config is None:
        yield "Settings", "of another version of cnnlab, which this one doesn't take"
        return
    optimizer = config.optimizer
    schedule = shown("optimizer.schedule", optimizer.model_dump(mode="json")["schedule"])
    yield (
        "Optimizer",
        f"{optimizer.name}, learning rate {optimizer.learning_rate:g}, schedule: {schedule}",
    )
    yield "Regularizers", _active(config.regularization, "regularization")
    yield "Augmentation", _active(config.augmentation, "augmentation")
    yield "Changed from the defaults", ", ".join(describe_changes(config)) or "nothing"
    training = config.training
    yield (
        "Batch, precision",
        f"{counted(content.facts.get('batch_size') or training.images_per_step, 'image')}, "
        f"{training.precision}",
    )
    yield "Seeds", f"training {training.seed}, parts {config.split.seed}"


def _active(part: ConfigModel, name: str) -> str:
    active = part.active()  # type: ignore[attr-defined]
    told = [
        f"{label(f'{name}.{field}')} {shown(f'{name}.{field}', value)}"
        for field, value in active.items()
    ]
    return ", ".join(told) or "none"


def _course(content: CardContent) -> Iterator[Row]:
    run, epochs = content.run, len(content.history)
    asked = run.config["training"]["epochs"]
    message = f". {run.message}" if run.message else ""
    yield "Epochs", f"{epochs:,} of {asked:,}; the run has {run.status}{message}"
    if content.model_epoch is not None:
        yield "Weights", _which_weights(content, content.model_epoch)
    if run.changed_by_hand:
        yield "Turned by hand", "dials were turned while it trained"
    if run.origin:
        yield "Forked from", f"run {run.origin['run']}, epoch {run.origin['epoch'] + 1}"
    if run.study:
        yield "Study", f"{content.study or run.study}, arm '{run.arm}'"


def _which_weights(content: CardContent, epoch: int) -> str:
    words, run = f"of epoch {epoch + 1}", content.run
    if len(content.history) == 1:
        return f"{words}, the only one"
    if _takes_last(content.config):
        return f"{words}: early stopping was told not to go back to the best one"
    if epoch == run.best_epoch:
        return f"{words}, which had the best validation accuracy"
    best = "" if run.best_epoch is None else f"; the best one, {run.best_epoch + 1}, isn't at hand"
    return f"{words}, the best whose weights were kept{best}"


def _takes_last(config: RunConfig | None) -> bool:
    stopping = config.regularization.early_stopping if config else None
    return stopping is not None and not stopping.restore_best


def _machine(content: CardContent) -> Iterator[Row]:
    facts, result = content.facts, content.result
    if facts.get("device"):
        yield "Device", str(facts["device"])
    seconds = result.get("seconds")
    trained = sum(record["seconds"] for record in content.history)
    told = f"{duration(trained)} of training"
    yield (
        "Time",
        told if seconds is None else f"{told}, {duration(seconds)} with all that was measured",
    )
    if facts.get("deterministic"):
        yield "Repeatable", str(facts["deterministic"])


def versions_section(content: CardContent) -> Section:
    """By what it was made, and the checksums by which a repetition is known."""
    facts, run = content.facts, content.run
    versions = facts.get("versions", {})
    named = [f"{name} {number}" for name, number in versions.items()]
    bits = facts.get("bits_version")
    rows = [
        ("Run", f"{run.id}, attempt {run.attempt}"),
        ("Trained", f"{moment(run.started_at or run.created_at)} to {moment(run.ended_at or '')}"),
        ("Versions", listed(named) or UNKNOWN),
        ("Initial weights", str(facts.get("init_checksum") or UNKNOWN)),
        ("Weights after the last epoch", str(content.result.get("weights_checksum") or UNKNOWN)),
        ("Order of the images", str(facts.get("batch_order_checksum") or UNKNOWN)),
        ("This card", f"made on {moment(content.made_at)}"),
    ]
    if bits is not None:
        rows.insert(3, ("Bits version", str(bits)))
    blocks: list[Block] = [Facts(rows)]
    if content.version_note:
        blocks.append(Words(content.version_note))
    return Section("Versions", blocks)
