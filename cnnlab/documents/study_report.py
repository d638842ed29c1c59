"""The report of a study: one HTML file that opens without a network and prints well.

Pure: what is known of the study goes in, the text of the file comes out.
"""

from collections.abc import Iterator

from cnnlab.documents.charts import (
    arm_switches,
    curve_chart,
    curves_of,
    forest_chart,
    further_chart,
    gap_charts,
    said,
)
from cnnlab.documents.content import Content
from cnnlab.documents.fields import base_list
from cnnlab.documents.page import render_page
from cnnlab.documents.tables import (
    arms_table,
    runs_table,
    secondary_table,
    starts_table,
    verdicts_table,
)
from cnnlab.documents.text import moment, safe
from cnnlab.documents.words import HOW_TO_READ, answer, limits, others
from cnnlab.domain.data.dataset import Dataset
from cnnlab.domain.words import counted
from cnnlab.study.chance.fresh_run import ALONE
from cnnlab.study.rules_wording import fresh_run_words, look_words, rules_words, unknown_words
from cnnlab.study.wording import judged_words

_MOST_CLASSES, _MOST_OPEN_RUNS = 40, 40


def render_report(content: Content, plotly: str) -> str:
    """The report as one HTML file.

    Args:
        content: what is known of the study.
        plotly: the text of Plotly.js, which is put into the file.
    """
    return render_page(content.study.name, "\n".join(_sections(content)), plotly=plotly)


def _sections(content: Content) -> Iterator[str]:
    yield _head(content)
    yield _section("Data", _data_card(content.dataset, content))
    yield _section("Arms", _arms(content))
    yield _section("Verdicts", _verdicts(content))
    yield _section("Curves", _curves(content))
    yield _section(
        "Secondary metrics",
        "<p><b>No claim rests on these.</b> They weren't chosen before the launch, and with enough "
        "of them one always stands out; the intervals here are for orientation.</p>"
        + secondary_table(content)
        + "".join(map(further_chart, content.measured)),
    )
    yield _section("Every run", _runs(content))
    yield _section("Same start", _starts(content))
    yield _section(
        "Limits",
        f'<ul class="limits">{"".join(f"<li>{text}</li>" for text in limits(content))}</ul>',
    )


def _section(title: str, body: str) -> str:
    anchor = title.lower().replace(" ", "-")
    return f'<section id="{anchor}"><h2>{title}</h2>{body}</section>'


def _head(content: Content) -> str:
    study = content.study
    further = [words for answered in content.answers for words in answered.words]
    how = "".join(f"<li>{line}</li>" for line in HOW_TO_READ)
    made = f", report of {moment(content.made_at)}" if content.made_at else ""
    return (
        f"<header><h1>{safe(study.name)}</h1>"
        f'<p class="answer">{answer(content)}</p>{said(further)}<p>{others(content)}</p>'
        f'<p class="muted">{counted(len(study.arms), "arm")} with '
        f"{counted(len(study.seeds), 'seed')} each, {content.counted} of "
        f"{counted(len(study.pairs), 'run')} counted; launched {moment(study.created_at)}{made}; "
        f"study <code>{safe(study.id)}</code></p>"
        f"<aside><h2>How to read this</h2><ul>{how}</ul></aside></header>"
    )


def _data_card(dataset: Dataset, content: Content) -> str:
    classes = list(dataset.classes.items())
    names = ", ".join(
        f"{safe(name, limit=60)} ({count:,})" for name, count in classes[:_MOST_CLASSES]
    )
    more = len(classes) - _MOST_CLASSES
    rest = f" and {more:,} more" if more > 0 else ""
    splits = ", ".join(f"{name} {count:,}" for name, count in content.splits.items() if count)
    own = "the upload's own" if dataset.splits else "drawn for the study, the same for all arms"
    if content.study.is_split_anew:
        own += " of a seed; each seed has other training and validation images"
    judged = content.validation_images
    rows = [
        ("Dataset", f"{safe(dataset.name)}, version {dataset.version}"),
        ("Images", f"{dataset.images:,}"),
        (f"{len(classes):,} classes", names + rest),
        ("Splits", f"{splits} ({own})"),
        ("Judged on", "–" if judged is None else f"{judged:,} validation images, in every run"),
        ("Id", f"<code>{safe(dataset.id)}</code>"),
    ]
    return (
        '<dl class="card">'
        + "".join(f"<div><dt>{term}</dt><dd>{text}</dd></div>" for term, text in rows)
        + "</dl>"
    )


def _arms(content: Content) -> str:
    return (
        f"{arms_table(content)}<details><summary>The whole base config</summary>"
        f'<div class="base">{base_list(content.study.base)}</div></details>'
    )


def _verdicts(content: Content) -> str:
    unknown = "".join(
        f'<p class="muted">{safe(words)}</p>' for words in unknown_words(content.verdicts)
    )
    looked = f" {words}" if (words := look_words(content.study, content.alpha)) else ""
    return (
        f"<p>{rules_words(content.study)} These rules were fixed before the launch. Arms are "
        f"compared with {safe(content.compared_with)}.{looked}</p>"
        f"{verdicts_table(content)}{_fresh_runs(content)}{unknown}{forest_chart(content)}"
        + "".join(map(further_chart, content.answers))
    )


def _fresh_runs(content: Content) -> str:
    """How likely each arm wins once more, for who is to decide on it."""
    lines = [
        f"<li>{safe(arm)}: {safe(words)}</li>"
        for arm, found in content.verdicts.items()
        for words in fresh_run_words(found, content.study)
    ]
    if not lines:
        return ""
    return f'<h3>On a fresh run</h3><ul>{"".join(lines)}</ul><p class="muted">{safe(ALONE)}</p>'


def _curves(content: Content) -> str:
    if not any(any(of_arm.values()) for of_arm in content.histories.values()):
        return "<p>No epoch is finished yet.</p>"
    curves = "".join(curve_chart(content, metric) for metric in curves_of(content))
    return (
        f"{arm_switches(content)}{curves}<h3>Each arm by itself</h3><p>Clean train accuracy solid, "
        f"validation dashed, the gap between them shaded.</p>{gap_charts(content)}"
    )


def _runs(content: Content) -> str:
    epoch = "best" if content.study.judged_at == "best" else "last"
    runs = content.all_runs
    opened = " open" if len(runs) <= _MOST_OPEN_RUNS else ""
    return (
        f'<p class="muted">Judged: {judged_words(content.study)}. All other metrics: at the '
        f"{epoch} epoch.</p><details{opened}><summary>{counted(len(runs), 'run')}</summary>"
        f"{runs_table(content)}</details>"
    )


def _starts(content: Content) -> str:
    if not content.starts:
        return "<p>Known as soon as the first runs have begun.</p>"
    arms = len(content.study.arms)
    same = all(len(start.same_weights) == arms for start in content.starts)
    order = all(len(start.same_order) == arms for start in content.starts)
    told = "With each seed all arms began with the same weights" if same else (
        "With each seed the arms began with the same weights, layer by layer, where the table says "
        "so"
    )  # fmt: skip
    told += (
        " and saw the same batches in the same order." if order
        else "; not all of them saw the same batches in the same order."
    )  # fmt: skip
    return f"<p>{told} The evidence: checksums that each run recorded.</p>{starts_table(content)}"
