"""Pictures that are taken one by one: kept under a class, shown, taken back."""

import io

import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.domain.errors import NotFoundError

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def picture(color):
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), color).save(buffer, "PNG")
    return buffer.getvalue()


def colors(token, label, count=9):
    shown = lab.last_pictures(token, label, count=count, size_px=32)
    assert all(image.size == (32, 24) for image in shown)
    return [image.getpixel((5, 5)) for image in shown]


@pytest.fixture
def token(home):
    token = lab.begin_pictures()
    for label, color in (("cup", RED), ("pen", BLUE), ("cup", GREEN)):
        lab.add_picture(token, label, picture(color))
    return token


def test_the_last_pictures_of_a_class_are_shown_the_newest_first(token):
    assert colors(token, "cup") == [GREEN, RED]
    assert colors(token, " cup ", count=1) == [GREEN]
    assert colors(token, "pen") == [BLUE]
    assert colors(token, "box") == []
    with pytest.raises(NotFoundError):
        lab.last_pictures("0" * 32, "cup", count=1, size_px=32)


def test_a_picture_that_is_taken_back_is_gone_from_the_disk_and_no_other(token, home):
    folder = home / "uploads" / token / "file" / "pictures"
    lab.remove_last_picture(token, "pen")
    assert [path.name for path in sorted(folder.iterdir())] == ["00001.jpg", "00003.jpg"]
    lab.add_picture(token, "pen", picture(RED))  # takes no other's place
    assert (colors(token, "cup"), colors(token, "pen")) == ([GREEN, RED], [RED])
    lab.remove_last_picture(token, "cup")
    assert lab.count_pictures(token) == {"cup": 1, "pen": 1}
    lab.remove_last_picture(token, "box")  # has none
    assert len(list(folder.iterdir())) == 2
