"""Presets: what they say of themselves."""

import re
from typing import get_args

from cnnlab.domain.config.architecture import Preset
from cnnlab.domain.config.presets import FIXED_PRESETS, PRESET_WORDS, PRESETS


def test_every_preset_says_what_it_is_good_for_and_what_it_costs():
    assert set(PRESET_WORDS) == {*PRESETS, *FIXED_PRESETS} == set(get_args(Preset))
    for preset, words in PRESET_WORDS.items():
        assert "the time of Small CNN" in words or preset == "small_cnn"
        assert not re.search(r"\bm?s an image", words)  # of which machine?
        assert len(words) < 260
