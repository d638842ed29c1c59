from cnnlab.domain.study import Arm, Study
from cnnlab.figures.study import arm_styles, band_figure
from cnnlab.figures.swatch import MARK_PATHS, swatch
from tests.made_runs import epoch_record


def test_a_swatch_has_the_hue_and_the_mark_of_its_curve():
    arms = tuple(Arm(f"arm {number}", {}) for number in range(14))
    styles = arm_styles(Study("s", "s", "d", {}, arms, (0,)))
    histories = {arm.name: {0: [epoch_record(0), epoch_record(1)]} for arm in arms}
    figure = band_figure(histories, "val_accuracy", styles, height=400)
    curves = [trace for trace in figure["data"] if trace["mode"].startswith("lines")]
    assert len(curves) == len(arms)
    for curve in curves:
        drawn = swatch(styles[curve["name"]])
        assert f"stroke='{curve['line']['color']}'" in drawn
        mark = MARK_PATHS.get(curve.get("marker", {}).get("symbol"), "no mark")
        assert (mark in drawn) == ("marker" in curve)
    assert len({swatch(style) for style in styles.values()}) == len(arms)
