"""What must hold for every figure, whatever it shows."""

import json
import re


def check_figure(figure, styles):
    """No NaN, no colour of its own for text or background, and no trace that is torn."""
    json.dumps(figure, allow_nan=False)
    layout = figure["layout"]
    assert not {"paper_bgcolor", "plot_bgcolor", "template", "font"} & layout.keys()
    allowed = {style.color for style in styles.values()}
    for annotation in layout.get("annotations", []):
        assert annotation.get("font", {}).get("color") in allowed | {None}
    for trace in figure["data"]:
        assert len(trace["x"]) == len(trace["y"])
        assert "textfont" not in trace
    return figure


def shift_of(label):
    """How far a label at the end of a curve stands above it, in px."""
    return -label["ay"] if label["showarrow"] else label["yshift"]


def words_of(annotation):
    """What an annotation says, without its colour."""
    return re.sub(r"</?span[^>]*>", "", annotation["text"])


def points_of(figure):
    return sum(len(trace["x"]) for trace in figure["data"])


def lines_of(figure):
    """The named curves by name."""
    return {trace["name"]: trace for trace in figure["data"] if trace.get("name")}
