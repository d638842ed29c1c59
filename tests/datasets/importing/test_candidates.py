"""Candidates are found in a shortened space; here they are compared with all pairs looked at."""

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cnnlab.datasets.importing import candidates
from cnnlab.datasets.importing.candidates import find_candidates
from cnnlab.datasets.pictures.appearance import LOOK, contrasts


@pytest.fixture
def looks():
    """1,200 looks: noise, some of it flat, and smooth ones that resemble each other."""
    generator = np.random.default_rng(0)
    looks = np.zeros(1200, LOOK)
    noise = generator.integers(0, 256, (1000, 4, 4)).repeat(4, 1).repeat(4, 2)
    slopes = np.linspace(0, 200, 16)[:, None] * generator.uniform(0, 1, (200, 1, 1))
    waves = generator.normal(0, 8, (200, 16, 16)) + np.broadcast_to(slopes, (200, 16, 16))
    looks["glance"] = np.concatenate([noise, waves.clip(0, 255)])
    looks["glance"][1150:1160] = 128
    looks["glance"][10:400:10] = looks["glance"][11:400:10] // 2 + 3
    return looks


def pairs_of(folder, looks, rows, shares=1):
    path = folder / "looks.npy"
    np.save(path, looks)
    common = {"looks": str(path), "rows": rows, "shares": shares}
    parts = [part for n in range(shares) for part in find_candidates(common | {"share": n})]
    return [tuple(pair) for part in parts for pair in part["pairs"]]


def all_pairs(looks, rows):
    """Every pair that correlates by more than 0.9 at 8 px and differs by less than 1.6 at 16 px."""
    glances = looks["glance"][rows].astype(np.float64)
    coarse = glances.reshape(-1, 8, 2, 8, 2).mean(axis=(2, 4))
    coarse, fine = (standard(values.reshape(len(rows), -1)) for values in (coarse, glances))
    one, other = np.nonzero(np.triu(coarse @ coarse.T > 0.9 * 64, 1))
    close = np.abs(fine[one] - fine[other]).max(axis=1) < 1.6
    return {(rows[a], rows[b]) for a, b in zip(one[close], other[close], strict=True)}


def standard(values):
    values = values - values.mean(axis=1, keepdims=True)
    return values / np.maximum(values.std(axis=1, keepdims=True), 1.0)


@pytest.mark.parametrize("shares", [1, 3])
def test_no_pair_is_missed_and_none_is_added(tmp_path, looks, shares, monkeypatch):
    monkeypatch.setattr(candidates, "_TILE", 64)
    monkeypatch.setattr(candidates, "_PARTNERS", 1200)
    rows = [row for row in range(1200) if row % 7]
    found = pairs_of(tmp_path, looks, rows, shares)
    assert len(found) == len(set(found)) > 1000
    assert set(found) == all_pairs(looks, rows)


@pytest.mark.parametrize("shares", [1, 3])
def test_endless_variants_hide_no_other_copies(tmp_path, looks, shares, monkeypatch):
    """Each has its nearest partners, whatever the number of processes, and all hang together."""
    monkeypatch.setattr(candidates, "_TILE", 64)
    generator = np.random.default_rng(1)
    variants = looks["glance"][3] // 2 + generator.integers(40, 60, (300, 16, 16))
    looks["glance"][100:400] = variants
    looks["glance"][1000:1100] = looks["glance"][500:600] // 2 + 3
    found = pairs_of(tmp_path, looks, list(range(1200)), shares)
    assert np.bincount([row for row, _ in found]).max() == candidates._PARTNERS
    assert sorted(found) == sorted(pairs_of(tmp_path, looks, list(range(1200))))
    assert {(row, row + 500) for row in range(500, 600)} <= set(found)
    rows, partners = np.array(found).T
    graph = coo_array((np.ones(len(found)), (rows, partners)), (1200, 1200))
    _, group = connected_components(graph, directed=False)
    assert len(set(group[100:400])) == 1


def test_contrasts_are_standard_deviations(looks):
    glances = np.concatenate([looks["glance"]] * 3)
    assert (contrasts(glances) == glances.std(axis=(1, 2))).all()
