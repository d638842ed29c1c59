"""Presets: what they say of themselves."""

from typing import get_args

from cnnlab.domain.config.architecture import Preset
from cnnlab.domain.config.presets import FIXED_PRESETS, PRESET_WORDS, PRESETS


def test_every_preset_says_what_it_is_good_for_and_what_it_costs():
    assert set(PRESET_WORDS) == {*PRESETS, *FIXED_PRESETS} == set(get_args(Preset))
    for words in PRESET_WORDS.values():
        assert "CPU core" in words
        assert len(words) < 260
