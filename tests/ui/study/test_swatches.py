import re
from urllib.parse import unquote

from cnnlab.figures.swatch import swatch
from cnnlab.figures.traces import Style
from cnnlab.ui.study.swatches import swatches


def test_each_pill_has_a_piece_of_its_arms_curve():
    styles = [Style("#808080"), Style("#2f6fd0"), Style("#d6447a", mark="square")]
    sheet = swatches("arms_shown_s1", styles)
    drawn = [line for line in sheet.splitlines() if "nth-of-type" in line]
    assert [line.split("::")[0] for line in drawn] == [
        f".st-key-arms_shown_s1 button:nth-of-type({place})" for place in (1, 2, 3)
    ]
    for line, style in zip(drawn, styles, strict=True):
        [picture] = re.findall(r'url\("data:image/svg\+xml,([^"]*)"\)', line)
        named = " xmlns='http://www.w3.org/2000/svg'"
        assert unquote(picture).replace(named, "", 1) == swatch(style)
