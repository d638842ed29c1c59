from cnnlab.figures.traces import Style
from cnnlab.ui.study.swatches import swatches


def test_each_pill_has_a_piece_of_its_arms_curve():
    styles = [Style("#808080"), Style("#2f6fd0"), Style("#d6447a", mark="square")]
    sheet = swatches("arms_shown_s1", styles)
    drawn = [line for line in sheet.splitlines() if "nth-of-type" in line]
    assert [line.split("::")[0] for line in drawn] == [
        f".st-key-arms_shown_s1 button:nth-of-type({place})" for place in (1, 2, 3)
    ]
    assert [line.split("3px ")[1].split(";")[0] for line in drawn] == [
        "solid #808080",
        "solid #2f6fd0",
        "solid #d6447a",
    ]
