import dataclasses

import pytest

from cnnlab.domain.run import Run, Status
from cnnlab.runner.devices import Alike, Capacity, assign

TWO_GPUS = Capacity(("gpu:0", "gpu:1"), cpu_slots=1)


def runs(*wanted):
    return [
        Run(str(number), "", "d", {"training": {"device": device}}, Status.QUEUED)
        for number, device in enumerate(wanted)
    ]


def assigned(wanted, capacity, occupied=()):
    given = assign(runs(*wanted.split()), occupied, capacity)
    return " ".join(device or "-" for device in given)


@pytest.mark.parametrize(
    ("wanted", "occupied", "given"),
    [
        ("auto auto auto", [], "gpu:0 gpu:1 -"),
        ("auto gpu gpu", ["gpu:0"], "gpu:1 - -"),
        ("gpu:1 gpu:1 auto", [], "gpu:1 - gpu:0"),
        ("auto cpu cpu auto", ["gpu:1"], "gpu:0 cpu - -"),
        ("gpu:0 auto", ["gpu:0"], "- gpu:1"),  # who waits lets others pass
        ("all_gpus auto cpu", [], "all_gpus - cpu"),
        ("all_gpus auto gpu:1 cpu", ["gpu:0"], "- - - cpu"),  # or it would wait for ever
        ("auto all_gpus", [], "gpu:0 -"),
        ("auto gpu:0 cpu", ["all_gpus"], "- - cpu"),
        ("gpu:7 auto", [], "gpu:7 gpu:0"),  # its worker says best that there is none
        ("gpu:7 gpu:7 gpu:8 gpu:9 auto", [], "gpu:7 - - - gpu:0"),  # but of one at a time
        ("gpu:8 gpu", ["gpu:7"], "- gpu:0"),
        ("gpu:7 gpu:0 gpu:1 cpu", [], "gpu:7 gpu:0 gpu:1 -"),  # it counts as well
        ("gpu:7", ["gpu:0", "gpu:1", "cpu"], "-"),
    ],
)
def test_one_run_on_each_gpu(wanted, occupied, given):
    assert assigned(wanted, TWO_GPUS, occupied) == given


def test_a_gpu_that_somebody_else_has_is_not_given():
    capacity = dataclasses.replace(TWO_GPUS, taken=frozenset({"gpu:0"}))
    assert assigned("auto auto", capacity) == "gpu:1 -"
    assert assigned("all_gpus", capacity) == "-"


KINDS = {"gpu:0": "A100", "gpu:1": "A100", "gpu:2": "H200", "gpu:3": "H200", "gpu:4": "H200"}
TWO_KINDS = Capacity(tuple(KINDS), kinds=KINDS)


def of_study(*seeds):
    return [
        Run(str(number), "", "d", {"training": {"seed": seed}}, Status.QUEUED, study="s")
        for number, seed in enumerate(seeds)
    ]


def test_arms_of_one_seed_get_the_same_kind_where_it_is_free():
    alike = Alike()
    given = assign(of_study(0, 1, 0, 1, 0), [], TWO_KINDS, alike)
    assert [KINDS[gpu] for gpu in given] == ["H200", "A100", "H200", "A100", "H200"]
    occupied = ["gpu:0", "gpu:1", "gpu:2", "gpu:3"]
    assert assign(of_study(0), occupied, TWO_KINDS, alike) == ["gpu:4"]
    occupied = ["gpu:1", "gpu:2", "gpu:3", "gpu:4"]
    assert assign(of_study(0), occupied, TWO_KINDS, alike) == ["gpu:0"]  # none stays idle for it


def test_a_later_arm_follows_those_that_train():
    alike = Alike()
    (first,) = of_study(0)
    alike.note(first, "gpu:1", TWO_KINDS)
    assert assign(of_study(0), ["gpu:1"], TWO_KINDS, alike) == ["gpu:0"]
    assert assign(of_study(0), ["gpu:1"], TWO_KINDS) == ["gpu:2"]


def test_where_no_gpu_is_known_all_share_the_cpu():
    wanted = "auto gpu:0 all_gpus cpu"
    assert assigned(wanted, Capacity()) == "cpu - - -"
    assert assigned(wanted, Capacity(cpu_slots=3), ["cpu"]) == "cpu cpu - -"
    assert assigned("auto", Capacity(), ["cpu", "cpu"]) == "-"  # fewer slots than before


def test_runs_of_studies_share_the_cpu_and_nobody_is_passed_for_ever():
    waiting = [
        dataclasses.replace(run, study=study)
        for run, study in zip(runs("cpu", "cpu", "cpu", "cpu"), ["s", "s", None, "s"], strict=True)
    ]
    capacity = Capacity(cpu_slots=1, study_slots=2)
    assert assign(waiting, [], capacity)[:3] == ["cpu", "cpu", None]
    assert assign(waiting, ["cpu"], capacity)[:2] == ["cpu", None]
    assert not any(assign(waiting[2:], ["cpu"], capacity))
    assert assign(waiting[2:], [], capacity) == ["cpu", "cpu"]


def test_a_config_without_a_device_means_any():
    assert assign([Run("a", "", "d", {}, Status.QUEUED)], [], TWO_GPUS) == ["gpu:0"]
