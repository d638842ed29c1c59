"""Every button of a dataset's report makes a version with other content."""

import pytest
from PIL import Image, ImageFilter

from cnnlab import lab
from cnnlab.datasets.findings import FINDING_TITLES
from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.config.run_config import SplitFractions
from tests.datasets.test_findings import encoded, hash_of, picture
from tests.datasets.uploads import make_zip


def flawed(prefix):
    """Two sound classes of 12 and all that can be wrong, each once."""
    files = {
        f"{name}/{n}.png": picture(hash_of(name) + n) for name in ("cat", "dog") for n in range(12)
    }
    files |= {
        "dog/copy.png": files["dog/3.png"],
        "dog/cat.png": files["cat/5.png"],
        "cat/blank.png": Image.new("RGB", (64, 48), (90, 120, 40)),
        "cat/dark.png": picture(71).point(lambda level: level // 12),
        "cat/blurred.png": picture(72).filter(ImageFilter.GaussianBlur(9)),
        "dog/tiny.png": picture(73, (9, 9)),
        "dog/long.png": picture(74, (240, 30)),
        "fox/1.png": picture(75),
        "fox/2.png": picture(76),
        "owl/1.png": files["cat/7.png"].rotate(180),
        "owl/2.png": files["cat/7.png"].rotate(180),
    }
    contents = {f"{prefix}{name}": encoded(image) for name, image in files.items()}
    return contents | {f"{prefix}cat/near.jpg": encoded(files["cat/1.png"], "JPEG", quality=40)}


def drawn_split():
    return flawed("")


def own_split():
    files = flawed("train/")
    more = {
        f"val/{name}/v{n}.png": encoded(picture(900 + n)) for n, name in enumerate(("cat", "dog"))
    }
    leak = {"val/cat/leak.png": files["train/cat/9.png"], "val/emu/1.png": encoded(picture(950))}
    return files | more | leak


def content_of(home, dataset):
    index = ImageIndex(home / "datasets" / dataset)
    names = [index.class_names[label] for label in index.labels]
    return sorted(zip(index.files, names, map(str, index.given_splits), index.hashes, strict=True))


@pytest.mark.parametrize("upload", [drawn_split, own_split])
def test_every_remedy_makes_a_version_of_other_content(home, tmp_path, upload):
    dataset = lab.import_dataset(make_zip(tmp_path / "flawed.zip", upload()))
    findings = lab.findings(dataset.id)
    others = {"lost_detail"}  # of large pictures: what it asks for is another size, no version
    if upload is drawn_split:
        others |= {"leak", "class_sets"}
    assert {finding.kind for finding in findings} == set(FINDING_TITLES) - others
    before = content_of(home, dataset.id)
    for finding in findings:
        for remedy in finding.remedies:
            told = (finding.kind, remedy)
            assert lab.images_changed(dataset.id, finding, remedy) > 0, told
            fixed = lab.apply_remedy(dataset.id, finding.kind, remedy)
            assert (fixed.parent, fixed.version) == (dataset.id, 2), told
            assert content_of(home, fixed.id) != before, told


def test_new_splits_are_drawn_where_the_uploads_own_lack_classes(home, tmp_path):
    files = {
        f"{split}/{name}/{n}.png": encoded(picture(hash_of(split + name) + n))
        for split, names in (("train", "abc"), ("val", "bcd"))
        for name in names
        for n in range(5)
    }
    dataset = lab.import_dataset(make_zip(tmp_path / "differ.zip", files))
    [told] = [warning for warning in dataset.warnings if warning.kind == "class_sets"]
    assert "'d' has no training image" in told.message
    assert "'a' has no validation image" in told.message
    sets = lab.class_sets(dataset.id, SplitFractions())
    assert (sets.untrained, sets.unjudged, sets.lost_images) == (("d",), ("a",), 5)
    redrawn = lab.apply_remedy(dataset.id, "class_sets", "draw_split")
    assert redrawn.splits is None
    assert not lab.class_sets(redrawn.id, SplitFractions())
    assert "class_sets" not in {finding.kind for finding in lab.findings(redrawn.id)}
    without = lab.apply_remedy(dataset.id, "class_sets", "exclude")
    assert list(without.classes) == ["a", "b", "c"]
    assert lab.class_sets(without.id, SplitFractions()).untrained == ()
