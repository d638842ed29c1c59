"""Switches: each with a picture of its own, and words for on and off."""

from streamlit.material_icon_names import ALL_MATERIAL_ICONS

from cnnlab.augmentations.table import ICONS, MEMBERS
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.fields import extra, walk
from cnnlab.ui.form.switch import icon_of, is_shown_on
from tests.ui.apps import open_page


def test_every_augmentation_has_a_picture_of_its_own():
    icons = [member.icon for member in MEMBERS]
    assert len(set(icons)) == len(icons) and set(icons) <= ALL_MATERIAL_ICONS


def test_every_strength_has_one():
    prefixes = {"augmentation": "aug_", "regularization": "reg_"}
    named = [path.split(".") for path, info in walk(RunConfig) if extra(info, "usual")]
    keys = [f"{prefixes[part]}{name}" for part, name in named if part in prefixes]
    icons = {key: icon_of(key).strip(":").removeprefix("material/") for key in keys}
    assert len(icons) > len(ICONS) and set(icons.values()) <= ALL_MATERIAL_ICONS


def test_all_that_are_drawn_say_how_they_stand(dataset, plain_start):
    app = open_page("train")
    switches = [one for one in app.button if one.key.endswith("_switch")]
    assert len(switches) > 20
    assert not any(is_shown_on(one.label) for one in switches)
    app.button(key="augment_medium").click().run()
    on = {one.key for one in app.button if is_shown_on(one.label)}
    assert {"aug_rotation_degrees_switch", "aug_zoom_fraction_switch"} <= on
    assert "reg_dropout_switch" not in on
