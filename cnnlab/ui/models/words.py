"""What is said of a format: where it stands, and how its file compares with the model."""

from cnnlab import lab
from cnnlab.domain.records.export import ExportCheck
from cnnlab.domain.records.measured import Measured
from cnnlab.domain.run import Run
from cnnlab.domain.words import data_size, percent
from cnnlab.ui.components.formats.formats import FormatRow, FormatStage
from cnnlab.ui.text import escaped, plain

GROUPS = {
    "model": "Models: a program loads them",
    "page": "Pages: they classify by themselves",
    "code": "Code: the training as a program",
    "document": "Documents and evidence",
}
"""Headings of the groups of formats, in the order in which they are listed."""

OUTDATED = "made before the evaluation: prepare it again"
"""Of a file without the temperature or threshold that the evaluation has found since."""

_REASON_CHARACTERS = 240

_LEAST_POINTS = 0.001
"""Difference of a probability from which on it is told in points of 100; less is no number of them
that anybody reads."""


def format_rows(rows: list[lab.ExportRow]) -> list[FormatRow]:
    """The lines of the table of formats, group by group."""
    order = list(GROUPS)
    ordered = sorted(rows, key=lambda row: order.index(row.format.group))
    return [_format_row(row) for row in ordered]


def _format_row(row: lab.ExportRow) -> FormatRow:
    stage, words = stage_of(row)
    check = row.state.answer if row.state else None
    return {
        "name": row.format.name,
        "title": row.format.title + (" (calibrated)" if row.calibrated else ""),
        "purpose": row.format.purpose,
        "group": GROUPS[row.format.group],
        "stage": stage,
        "words": plain(words, limit=_REASON_CHARACTERS),
        "bytes": row.download_bytes or (check["bytes"] if check else 0),
        "agreement": agreement_words(check) if check else "",
        "accuracy": accuracy_words(check) if check else "",
        "milliseconds": _milliseconds(check) if check else "",
        "memory": _memory(check) if check else "",
        "needs": row.format.runtime,
    }


def stage_of(row: lab.ExportRow) -> tuple[FormatStage, str]:
    """Where a format stands, as a sign and in words."""
    state = row.state
    if row.images_to_check:
        return "blocked", "written: choose it, and your browser checks it before it is offered"
    if state is not None and state.answer is not None:
        stage, words = _of_ready(row, state.answer)
        return stage, f"{words}; {OUTDATED}" if row.is_outdated else words
    if state is not None and not state.is_ended:
        return "under_way", _progress(state)
    if row.pip_line:
        return "blocked", "needs packages: choose it to see the line that installs them"
    if state is not None and state.problem and state.stage != "cancelled":
        return "refused", state.problem
    return "none", "not prepared"


def _of_ready(row: lab.ExportRow, check: ExportCheck) -> tuple[FormatStage, str]:
    if "verified" in check:
        is_document = row.format.group == "document"
        seen = "its replay.py agreed" if is_document else "seen to begin as the run did"
        return "verified", f"ready, {seen}"
    if check["top1_agreement"] is not None:
        return "verified", f"ready, verified in {row.format.runtime}"
    reason, of = check.get("not_verified"), "ready"
    if row.format.group != "document":  # of which there is nothing to verify
        of = "ready, not verified"
    return "unverified", f"{of}: {reason}" if reason else of


def _progress(state: lab.ExportState) -> str:
    of = f", {state.done:,} of {state.total:,}" if state.total else ""
    return f"{state.phase}{of} ..."


def agreement_words(check: ExportCheck) -> str:
    """How a file compares with the model; empty where it wasn't compared."""
    difference, agreement = check["max_abs_difference"], check["top1_agreement"]
    if difference is None or agreement is None:
        return ""
    images, of = check.get("images"), check.get("of_images")
    where = f", on {images:,} of {of:,} validation images" if images and of else ""
    when = "at the start " if "verified" in check else ""
    unknown = lab.uncompared_words(check)
    return (
        f"{when}{difference_words(check)}, same class in {percent(agreement)}{where}"
        f"{f'. {unknown}' if unknown else ''}"
    )


def difference_words(check: ExportCheck) -> str:
    """The largest difference of a probability; empty where it wasn't compared."""
    difference = check["max_abs_difference"]
    if difference is None:
        return ""
    if difference >= _LEAST_POINTS:
        return f"largest difference {100 * difference:.1f} points"
    return f"largest difference {difference:.1e}" if difference else "no difference"


def accuracy_words(check: ExportCheck) -> str:
    """How often a file is right, beside the model in float32; empty where that isn't known."""
    own, model = check.get("accuracy"), check.get("accuracy_float32")
    if own is None or model is None or own["value"] is None:
        return ""
    beside = (
        "as in float32" if own["value"] == model["value"] else f"float32: {percent(model['value'])}"
    )
    loss = lab.loss_words(check)
    return f"{percent(own['value'])}{_interval(own)}; {beside}{f'. {loss}' if loss else ''}"


def _interval(measured: Measured) -> str:
    low, high = measured["low"], measured["high"]
    return "" if low is None or high is None else f" ({100 * low:.1f} to {percent(high)})"


def _milliseconds(check: ExportCheck) -> str:
    milliseconds = check["milliseconds_per_image"]
    return "" if milliseconds is None else f"{milliseconds:.3g} ms"


def _memory(check: ExportCheck) -> str:
    memory = check.get("memory_bytes")
    return data_size(memory) if memory else ""


def compared_words(run: Run, chosen: lab.ExportFormat, check: ExportCheck) -> str:
    """What was measured of a file, as one sentence in Markdown; empty where there is nothing."""
    if "verified" in check:
        return escaped(check["verified"], limit=1000)
    if check["top1_agreement"] is None or check["milliseconds_per_image"] is None:
        reason = check.get("not_verified")
        label = "" if chosen.group == "document" else "Not verified: "
        return f"{label}{escaped(reason, limit=1000).rstrip('.')}." if reason else ""
    loss, unknown = lab.loss_words(check), lab.uncompared_words(check)
    return (
        f"Loaded again in {chosen.runtime} and compared on validation images{_in_float32(run)}: "
        f"{difference_words(check)}, same class in {percent(check['top1_agreement'])}, "
        f"{_milliseconds(check)} per image.{f' **{escaped(loss, limit=400)}**' if loss else ''}"
        f"{f' {escaped(unknown, limit=400)}' if unknown else ''}"
    )


def _in_float32(run: Run) -> str:
    precision = run.config["training"].get("precision", "float32")
    return "" if precision == "float32" else f" in float32, while training computed in {precision}"
