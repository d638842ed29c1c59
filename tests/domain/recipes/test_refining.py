"""What is searched near a good model."""

from dataclasses import replace

from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.recipes.good_model import good_recipe
from cnnlab.domain.recipes.refining import refined_ranges
from cnnlab.domain.search import Search
from cnnlab.domain.search_ranges import check_search
from tests.domain.recipes.test_good_model import PHOTOS


def _ranges(facts):
    config = good_recipe(facts).applied_to(RunConfig())
    return config, {one.field: one for one in refined_ranges(config, facts)}


def test_the_good_model_lies_within_all_that_is_searched():
    for facts in (PHOTOS, replace(PHOTOS, has_imagenet=True)):
        config, ranges = _ranges(facts)
        search = Search("o1", "", "", config.model_dump(mode="json"), tuple(ranges.values()), 10)
        check_search(search, classes=10)
        for field, value in search.start.items():
            assert ranges[field].low <= value <= ranges[field].high, field
        assert "architecture.preset" not in ranges


def test_nothing_goes_beyond_what_was_found_safe():
    unsafe = {"augmentation.rotation_degrees": 4.0, "augmentation.shift_fraction": 0.0}
    _, ranges = _ranges(replace(PHOTOS, unsafe=unsafe))
    assert ranges["augmentation.rotation_degrees"].high == 4
    assert "augmentation.shift_fraction" not in ranges
