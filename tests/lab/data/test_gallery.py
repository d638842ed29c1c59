import io

import numpy as np
import pytest
from PIL import Image

from cnnlab import lab
from cnnlab.domain.data.dataset import Finding
from cnnlab.domain.errors import NotFoundError


def test_images_are_found_by_class_text_and_finding(dataset):
    assert len(lab.find_images(dataset.id)) == 48
    dark = lab.find_images(dataset.id, label="dark")
    assert {facts.label for facts in lab.image_facts(dataset.id, dark)} == {"dark"}
    both = lab.find_images(dataset.id, text="/1.PNG")
    assert [facts.file for facts in lab.image_facts(dataset.id, both)] == [
        "bright/1.png",
        "dark/1.png",
    ]
    finding = Finding("near_duplicates", "", 1, ((5, 40), (3, 2)))
    assert lab.find_images(dataset.id, finding=finding).tolist() == [5, 40, 3, 2]
    assert lab.find_images(dataset.id, finding=finding, label="bright").tolist() == [5, 3, 2]
    assert len(lab.find_images(dataset.id, split="test")) == 0
    with pytest.raises(NotFoundError, match="no class 'blue'"):
        lab.find_images(dataset.id, label="blue")


def test_facts_and_thumbnails_are_of_the_right_image(dataset):
    facts = lab.image_facts(dataset.id, np.array([0, 47]))
    assert [(one.row, one.label, one.width_px, one.split) for one in facts] == [
        (0, "bright", 16, None),
        (47, "dark", 16, None),
    ]
    bright, dark = (
        np.asarray(Image.open(io.BytesIO(lab.thumbnail(dataset.id, row, 12)))) for row in (0, 47)
    )
    assert bright.shape == (12, 12, 3)
    assert bright.mean() > 150 > dark.mean()
    for row in (-1, 48):
        with pytest.raises(NotFoundError, match="has no image"):
            lab.thumbnail(dataset.id, row, 12)
