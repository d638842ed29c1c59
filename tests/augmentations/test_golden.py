"""The numbers that each augmentation draws, and the pixels that it makes, are those of before."""

import json

import numpy as np
import pytest

import cnnlab
from cnnlab.augmentations import table
from tests.augmentations import golden

KEPT = json.loads(golden.FILE.read_text())
LAST_DIGITS = ("normal", "gamma")
"""Kinds of draws that are computed with functions whose last digits differ by processor."""

OTHER_BITS = (
    "{} no longer gives the numbers of earlier runs, which nobody can repeat or resume then. If "
    f"that is meant, raise cnnlab.BITS_VERSION and run `{golden.RENEW}` in the same commit."
)


def test_the_table_is_of_this_version():
    assert KEPT["bits_version"] == cnnlab.BITS_VERSION, f"run `{golden.RENEW}`"


@pytest.mark.parametrize("name", [member.name for member in table.MEMBERS])
def test_draws_and_pixels(name):
    assert name in KEPT["augmentations"], f"{name} is new: run `{golden.RENEW}`"
    kept = KEPT["augmentations"][name]
    made = golden.made(kept["strengths"], kept["image"])
    message = OTHER_BITS.format(name)
    assert made["draws"].keys() == kept["draws"].keys(), message
    for drawn, expected in kept["draws"].items():
        relative = 1e-5 if drawn.startswith(LAST_DIGITS) else 0
        np.testing.assert_allclose(
            made["draws"][drawn], expected, rtol=relative, err_msg=f"{drawn}: {message}"
        )
    np.testing.assert_allclose(made["own_label"], kept["own_label"], rtol=1e-5, err_msg=message)
    for levels in ("pixels", "means"):
        np.testing.assert_allclose(made[levels], kept[levels], atol=2.5e-3, err_msg=message)


def test_no_entry_is_of_an_augmentation_that_is_gone():
    assert sorted(KEPT["augmentations"]) == sorted(member.name for member in table.MEMBERS)


def test_renewing_leaves_what_is_of_this_version_and_adds_what_is_missing():
    kept = KEPT["augmentations"]
    changed = {name: {"of": "before"} for name in kept if name != "flip"}
    again = golden.renewed({"bits_version": cnnlab.BITS_VERSION, "augmentations": changed})
    assert again["augmentations"] == changed | {"flip": again["augmentations"]["flip"]}
    assert again["augmentations"]["flip"]["draws"] == kept["flip"]["draws"]


def test_another_version_renews_all(monkeypatch):
    monkeypatch.setattr(table, "MEMBERS", table.MEMBERS[:1])
    of_before = {"bits_version": cnnlab.BITS_VERSION - 1, "augmentations": {"flip": {"of": "old"}}}
    again = golden.renewed(of_before)
    assert again["bits_version"] == cnnlab.BITS_VERSION
    assert again["augmentations"]["flip"]["draws"] == KEPT["augmentations"]["flip"]["draws"]
