"""Maps that are kept, and the checks of their methods."""

import numpy as np
import pytest

from cnnlab.domain.errors import DamagedError
from cnnlab.storage.attempts.explanation import (
    ExplanationFolder,
    StoredMaps,
    read_check,
    write_check,
)

CHECK = {"method": "hirescam", "signed": 0.1, "sizes": None, "pictures": 12}


def test_maps_are_kept_with_three_digits_however_large_they_are(tmp_path):
    random = np.random.default_rng(0)
    values = random.normal(0, 1, (3, 4, 5)).astype(np.float32)
    values[1] *= 1e6
    values[2] = 0
    squares = random.integers(0, 256, (3, 8, 8, 3), np.uint8)
    files = ExplanationFolder(tmp_path)
    files.write_maps(StoredMaps(values, squares))
    found = files.read_maps()
    np.testing.assert_allclose(found.values, values, atol=1e-3 * np.abs(values[0]).max(), rtol=1e-3)
    np.testing.assert_array_equal(found.squares, squares)


def test_a_damaged_or_missing_file_is_told_by_its_path(tmp_path):
    files = ExplanationFolder(tmp_path)
    with pytest.raises(DamagedError, match=r"maps\.npz is missing"):
        files.read_maps()
    files.maps.write_bytes(b"PK broken")
    with pytest.raises(DamagedError, match=r"maps\.npz is damaged"):
        files.read_maps()


def test_a_check_is_kept_by_its_method_and_made_again_where_it_is_damaged_or_of_an_earlier_form(
    tmp_path,
):
    assert read_check(tmp_path, "hirescam") is None
    write_check(tmp_path, CHECK)
    assert read_check(tmp_path, "hirescam") == CHECK
    assert read_check(tmp_path, "occlusion") is None
    [file] = tmp_path.glob("*.json")
    for content in ("{", '{"method": "hirescam", "head": 0.1, "all": 0.2, "pictures": 12}'):
        file.write_text(content)
        assert read_check(tmp_path, "hirescam") is None
