"""How a study's arms stand distorted images: one finding in words, and all arms side by side."""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from cnnlab.domain.study import Study
from cnnlab.domain.words import capitalized, percent
from cnnlab.figures.study import arm_styles
from cnnlab.study.measures.measured import (
    Evaluations,
    Strength,
    measured_of,
    robustness_of,
    telling_strengths,
)
from cnnlab.study.measures.measured_wording import robustness_finding
from cnnlab.ui.components.table.table import Column, render_table
from cnnlab.ui.study.swatches import swatch_address
from cnnlab.ui.text import escaped, plain

_SHARE = partial(percent, decimals=0)
_CLEAN, _ALL = "clean", "all"


def render_robustness_table(study: Study, evaluations: Mapping[str, Evaluations]) -> None:
    """Show the accuracy of each arm on the same few distortions; nothing before it is measured.

    Args:
        study: whose arms they are.
        evaluations: by arm and seed.
    """
    told = telling_strengths(evaluations.values())
    if not told:
        return
    reference = study.reference.name
    others = [arm.name for arm in study.arms if arm.name != reference]
    finding = robustness_finding(evaluations, others, reference)
    if finding is not None:
        st.markdown(escaped(finding, limit=400))
    styles = arm_styles(study)
    render_table(
        [_row(arm.name, evaluations[arm.name], told) for arm in study.arms],
        key="robustness_table",
        name="Accuracy on distorted images",
        columns={
            "arm": Column("Arm"),
            _CLEAN: Column("Undistorted", "number", _SHARE),
            **{row.distortion: _column(row) for row in told},
            _ALL: Column("Mean of all", "number", _SHARE, "Over all distortions at all strengths."),
        },
        marks=[swatch_address(styles[arm.name]) for arm in study.arms],
    )
    st.caption(
        "Mean accuracy over the seeds. Of each distortion the strength at which the arms differ "
        "most; below are all."
    )


def _column(told: Strength) -> Column:
    return Column(capitalized(f"{told.distortion} {told.shown}"), "number", _SHARE)


def _row(arm: str, evaluations: Evaluations, told: list[Strength]) -> dict[str, Any]:
    found = robustness_of(evaluations)
    row: dict[str, Any] = {"arm": plain(arm)}
    for of_kind in found.values():
        for clean in (one for one in of_kind if not one.strength):
            row[_CLEAN] = clean.mean
    for wanted in told:
        of_kind = found.get(wanted.distortion, [])
        row |= {one.distortion: one.mean for one in of_kind if one.strength == wanted.strength}
    overall = [
        value
        for evaluation in evaluations.values()
        if math.isfinite(value := measured_of(evaluation, "robustness"))
    ]
    return row | ({_ALL: sum(overall) / len(overall)} if overall else {})
