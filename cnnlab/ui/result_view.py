"""What a run gave: the model to download, how good it is and where it errs."""

from typing import Any

import pandas as pd
import streamlit as st

from cnnlab import lab
from cnnlab.server.downloads import model_address
from cnnlab.ui.charts import confusion_figure
from cnnlab.ui.components import render_figure
from cnnlab.ui.text import percent, plain

_CONFUSION_LEAST_PX, _CONFUSION_MOST_PX, _CELL_PX = 320, 720, 36


def render_result(run: str) -> None:
    """The result section of an ended run; nothing if no epoch was finished."""
    result = lab.view_run(run).result
    report = result.get("report")
    if not report:
        return
    st.subheader("Result", anchor=False)
    st.caption(
        f"The model of the best epoch ({report['best_epoch'] + 1}) on the validation images: "
        f"accuracy {percent(report['accuracy'])}, cross-entropy {report['cross_entropy']:.3g}, "
        f"macro F1 {percent(report['macro']['f1'])}."
    )
    _render_download(run, result)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**Confusion matrix**")
        classes = [row["class"] for row in report["per_class"]]
        height = _CELL_PX * len(classes) + 80
        render_figure(
            confusion_figure(report["confusion"], classes),
            key="confusion_matrix",
            alt="Confusion matrix: rows are true classes, columns predicted ones",
            height=max(_CONFUSION_LEAST_PX, min(height, _CONFUSION_MOST_PX)),
        )
    with right:
        st.markdown("**Per class**")
        _render_per_class(report["per_class"])


def _render_download(run: str, result: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="download_model"):
        st.link_button(
            "Download the model", model_address(run), type="primary", icon=":material/download:"
        )
        check = result["export"]
        st.caption(
            f"A zip with `model.keras`, the class names and a usage example. Loaded again in plain "
            f"Keras and compared on validation images: largest difference "
            f"{check['max_abs_difference']:.1e}, same class in {percent(check['top1_agreement'])}, "
            f"{check['milliseconds_per_image']:.3g} ms per image, "
            f"{check['bytes'] / 1024**2:.3g} MB."
        )


def _render_per_class(rows: list[dict[str, Any]]) -> None:
    table = pd.DataFrame(rows)
    table["class"] = [plain(name) for name in table["class"]]
    score = {"min_value": 0.0, "max_value": 1.0, "format": "percent"}
    st.dataframe(
        table,
        key="per_class_table",
        hide_index=True,
        width="stretch",
        column_config={
            "class": "Class",
            "images": "Images",
            "precision": st.column_config.ProgressColumn("Precision", **score),
            "recall": st.column_config.ProgressColumn("Recall", **score),
            "f1": st.column_config.ProgressColumn("F1", **score),
        },
    )
