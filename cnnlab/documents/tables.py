"""The tables of a report, as HTML."""

from collections.abc import Iterable, Sequence

from cnnlab.documents.content import Content, SharedStart
from cnnlab.documents.fields import changes_list
from cnnlab.documents.text import amount, amounts, chance, level, safe
from cnnlab.domain.run import Run
from cnnlab.domain.study import Arm
from cnnlab.domain.words import UNKNOWN, counted, digits, exact_percent, listed, percent
from cnnlab.figures.study import arm_styles
from cnnlab.figures.swatch import swatch
from cnnlab.figures.traces import Style
from cnnlab.study.measures.bands import value_of
from cnnlab.study.rules_wording import ABOUT, other_scope
from cnnlab.study.verdicts import METRICS, Comparison, Metric, Verdict, summary

_CHECKSUM_CHARACTERS = 12


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[int]) -> str:
    """A table in a box of its own that scrolls where it is wider than the page.

    Args:
        heads: HTML of the column heads.
        rows: HTML of the cells; the first one names its row.
        numbers: columns that hold numbers.
    """
    kinds = [' class="number"' if column in numbers else "" for column in range(len(heads))]
    head = "".join(
        f'<th scope="col"{kind}>{text}</th>' for text, kind in zip(heads, kinds, strict=True)
    )
    body = "".join(f"<tr>{_cells(row, kinds)}</tr>" for row in rows)
    return (
        f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cells(row: Sequence[str], kinds: Sequence[str]) -> str:
    first = f'<th scope="row"{kinds[0]}>{row[0]}</th>'
    return first + "".join(
        f"<td{kind}>{cell}</td>" for cell, kind in zip(row[1:], kinds[1:], strict=True)
    )


def arm_name(name: str, style: Style) -> str:
    """An arm's name behind a sample of its line."""
    return (
        f'<span class="arm"><span class="line">{swatch(style)}</span>'
        f'<span class="name">{safe(name)}</span></span>'
    )


def arms_table(content: Content) -> str:
    """Each arm with its differences from the base, and nothing else."""
    study, styles = content.study, arm_styles(content.study)
    rows = [
        (arm_name(arm.name, styles[arm.name]) + _mark(content, arm), changes_list(study, arm))
        for arm in study.arms
    ]
    return table(("arm", "differs from the base in"), rows, numbers=())


def _mark(content: Content, arm: Arm) -> str:
    return ' <span class="muted">reference</span>' if arm == content.study.reference else ""


def verdicts_table(content: Content) -> str:
    """Each arm on the primary metric: in words, mean, difference, both intervals, p value."""
    study, metric, styles = content.study, content.primary, arm_styles(content.study)
    rows = []
    for arm in study.arms:
        mean, seeds = _mean(content, arm.name, metric)
        said, difference, *rest = _judged(content, content.verdicts.get(arm.name), metric)
        name = arm_name(arm.name, styles[arm.name])
        rows.append((name, said, str(seeds), mean, difference, *rest))
    heads = (
        "arm",
        "verdict",
        "seeds",
        f"{metric.label}, mean ± sd",
        f"difference ({metric.unit})",
        f"interval on {ABOUT[study.about]}: the claim",
        f"interval on {ABOUT[other_scope(study)]}",
        "adjusted p",
    )
    return table(heads, rows, numbers=(2, 3, 4, 5, 6, 7))


def _judged(
    content: Content, found: Comparison | None, metric: Metric
) -> tuple[str, str, str, str, str]:
    if found is None:
        return (UNKNOWN,) * 5
    if found.verdict is Verdict.REFERENCE:
        return _verdict(found), *(UNKNOWN,) * 4
    other = found.in_scope(other_scope(content.study))
    ends = found.low, found.high, other.low, other.high
    mean, *shown = amounts([found.mean, *ends], metric, signed=True)
    both = _interval(shown[:2], found.confidence), _interval(shown[2:], other.confidence)
    return _verdict(found), mean, *both, chance(found.p_adjusted)


def _verdict(found: Comparison) -> str:
    """The words of a verdict, the first ones marked."""
    said, rest = map(safe, found.words_in_two)
    if not said or found.verdict is None:
        return safe(found.words)
    kind = found.verdict.value
    if found.verdict is Verdict.REFERENCE:
        rest = ""
    return f'<span class="words"><span class="pill {kind}">{said}</span>{rest}</span>'


def _interval(ends: Sequence[str], confidence: float | None) -> str:
    if confidence is None or UNKNOWN in ends:
        return UNKNOWN
    return f'{" to ".join(ends)}<br><span class="muted">{exact_percent(confidence)}</span>'


def _mean(content: Content, arm: str, metric: Metric) -> tuple[str, int]:
    values = content.values[metric.name].get(arm, {})
    found = summary(values)
    spread = "" if found.sd is None else f" ± {amount(found.sd, metric)}"
    return level(found.mean, metric) + spread, len(values)


def secondary_table(content: Content) -> str:
    """The other metrics: described, and not judged."""
    styles = arm_styles(content.study)
    study = content.study
    metrics = [METRICS[name] for name in study.metrics if name != study.primary]
    rows = []
    for arm in content.study.arms:
        cells = [arm_name(arm.name, styles[arm.name])]
        for metric in metrics:
            found = content.comparisons.get(metric.name, {}).get(arm.name)
            cells += [_mean(content, arm.name, metric)[0], _difference(found, metric)]
        rows.append(cells)
    heads = ["arm"]
    for metric in metrics:
        heads += [f"{metric.label}, mean ± sd", f"difference ({metric.unit})"]
    return table(heads, rows, numbers=range(1, len(heads)))


def _difference(found: Comparison | None, metric: Metric) -> str:
    if found is None or found.verdict is Verdict.REFERENCE:
        return UNKNOWN
    mean, *ends = amounts([found.mean, found.low, found.high], metric, signed=True)
    if found.low is None:
        return mean
    return f"{mean}<br><small>{_interval(ends, found.confidence)}</small>"


def runs_table(content: Content) -> str:
    """Every run with what it measured and the checksum of its initial weights."""
    styles = arm_styles(content.study)
    rows = []
    for run in content.all_runs:
        checksum = str(content.facts.get(run.id, {}).get("init_checksum", ""))
        arm = run.arm or run.name
        name = arm_name(arm, styles[arm]) if arm in styles else safe(arm)
        rows.append(
            (
                str(run.config["training"]["seed"]),
                name,
                _status(content, run),
                *_numbers(content, run),
                _checksum(checksum),
            )
        )
    heads = (
        "seed",
        "arm",
        "run",
        "best epoch",
        "epochs",
        f"{content.primary.label}, judged",
        "validation accuracy",
        "validation cross-entropy",
        "clean train accuracy",
        "gap (points)",
        "initial weights",
    )
    return table(heads, rows, numbers=(0, 3, 4, 5, 6, 7, 8, 9))


def _status(content: Content, run: Run) -> str:
    words = run.status.value
    if run.status.is_ended and not content.counts(run):
        words += ", not counted"
    return words


def _numbers(content: Content, run: Run) -> tuple[str, ...]:
    shown = content.judged(run)
    of_arm = content.values[content.study.primary].get(run.arm or "", {})
    judged = of_arm.get(run.config["training"]["seed"])
    best = UNKNOWN if run.best_epoch is None else str(run.best_epoch + 1)
    done = str(run.last["epoch"] + 1) if run.last else UNKNOWN
    accuracy, clean = (value_of(shown, key) for key in ("val_accuracy", "clean_accuracy"))
    return (
        best,
        done,
        level(judged, content.primary),
        percent(accuracy),
        digits(value_of(shown, "val_cross_entropy"), most_decimals=4),
        percent(clean),
        amount(value_of(shown, "gap"), METRICS["gap"], signed=True),
    )


def starts_table(content: Content) -> str:
    """What the arms began with in common; seeds of which the same holds share a row."""
    alike: dict[tuple[str, str, str], list[SharedStart]] = {}
    for start in content.starts:
        told = (
            _arms(content, start.same_weights),
            _networks(start),
            _arms(content, start.same_order),
        )
        alike.setdefault(told, []).append(start)
    rows = [
        (
            "<br>".join(str(start.seed) for start in starts),
            "<br>".join(_checksum(start.checksum) for start in starts),
            *told,
        )
        for told, starts in alike.items()
    ]
    heads = (
        "seed",
        "reference's weights",
        "arms that begin with the same ones",
        "arms with another network",
        "arms with the same batch order",
    )
    return table(heads, rows, numbers=(0,))


def _checksum(checksum: str) -> str:
    """Its first digits; all of them are told where the pointer rests."""
    short = safe(checksum[:_CHECKSUM_CHARACTERS]) or UNKNOWN
    return f'<code title="{safe(checksum)}">{short}</code>'


def _arms(content: Content, names: Sequence[str]) -> str:
    if len(names) == len(content.study.arms):
        return "all"
    others = [safe(name) for name in names if name != content.study.reference.name]
    return ", ".join(others) if others else "none"


def _networks(start: SharedStart) -> str:
    if not start.other_network:
        return "none"
    return "<br>".join(
        f"{safe(arm)}: {_layers(layers)}" for arm, layers in start.other_network.items()
    )


def _layers(layers: Sequence[str]) -> str:
    if not layers:
        return "no layer is shared"
    return f"{counted(len(layers), 'layer')} shared ({safe(listed(layers))})"
