"""Every upload of the corpus goes through the command line and ends as it must."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from cnnlab import lab
from cnnlab.cli.main import main
from cnnlab.domain.config.run_config import load_config
from cnnlab.lab.runs import new_run
from cnnlab.lab.workplace import workplace
from tests.datasets.corpus import BOMBS, CASES
from tests.datasets.corpus.case import PAIR, Case
from tests.datasets.uploads import images, make_zip

ROOT = Path(__file__).parents[2]
REFUSAL_SECONDS = 10
MORE_MEMORY_MB = 300


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A home with a dataset and a run, in the middle of folders that are watched."""
    with pytest.MonkeyPatch.context() as patch:
        watched = tmp_path_factory.mktemp("watched")
        for name in ("outside", "tmp", "a/b/c"):
            (watched / name).mkdir(parents=True)
        patch.setenv("CNNLAB_HOME", str(watched / "a/b/c/home"))
        patch.setattr(tempfile, "tempdir", str(watched / "tmp"))
        patch.chdir(watched / "outside")
        earlier = make_zip(watched / "earlier.zip", images("a/1.jpg", "b/2.jpg"))
        dataset = lab.import_dataset(earlier)
        run = new_run(load_config({"dataset": dataset.id}), name="a run")
        workplace().runs.create(run)
        workplace().home.attempt(run.id, 1).mkdir(parents=True)
        (workplace().home.attempt(run.id, 1) / "events.jsonl").write_text("kept")
        yield Place(watched, dataset, run)


class Place:
    def __init__(self, watched, dataset, run):
        self.watched = watched
        self.home = workplace().home.root
        self._dataset, self._run = dataset, run

    def outside(self):
        return {name: state for name, state in files(self.watched) if self.home not in name.parents}

    def inside(self):
        """All of the home but its database, which is asked."""
        assert lab.load_dataset(self._dataset.id) == self._dataset
        assert workplace().runs.load(self._run.id) == self._run
        return {
            name: state for name, state in files(self.home) if not name.name.startswith("cnnlab.db")
        }


def files(folder):
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        yield path, (info.st_mode, info.st_mtime_ns, info.st_size) if path.is_file() else None


def memory_mb(key):
    status = Path("/proc/self/status").read_text()
    return int(re.search(rf"{key}:\s+(\d+) kB", status)[1]) / 1000


def cpu_seconds():
    """Of this process and those it started: the wall's clock depends on who else is working."""
    return sum(os.times()[:4])


@pytest.fixture
def run_case(place, capsys):
    def run(case: Case):
        folder = place.watched / "case"
        folder.mkdir()
        upload = case.build(folder)
        options = [option.replace("{folder}", str(folder)) for option in case.options]
        outside, inside = place.outside(), place.inside()
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
        memory, start = memory_mb("VmRSS"), cpu_seconds()
        code = main(["import", str(upload), "--json", "--name", case.name, *options])
        seconds, memory = cpu_seconds() - start, memory_mb("VmHWM") - memory
        assert memory < MORE_MEMORY_MB
        assert place.outside() == outside
        after = place.inside()
        assert {name: after.get(name) for name in inside if name.is_file()} == {
            name: state for name, state in inside.items() if name.is_file()
        }
        said = capsys.readouterr()
        new = [name for name in after if name not in inside]
        if code == 0:
            lab.delete_dataset(json.loads(said.out)["dataset"])
        return code, said, seconds, new

    yield run
    shutil.rmtree(place.watched / "case")


BY_HAND = ("a million rows",)
"""Those that take ten seconds, with a smaller one of the kind beside them."""


def _param(case: Case):
    marks = [pytest.mark.exhaustive] if case.name in BY_HAND else []
    return pytest.param(case, id=case.name, marks=marks)


@pytest.mark.parametrize("case", [_param(case) for case in CASES])
def test_every_upload_ends_as_it_must(case, run_case):
    code, said, seconds, new = run_case(case)
    assert "Traceback" not in said.err
    if case.refused is not None:
        assert code == 2, said
        assert said.out == ""
        (sentence,) = said.err.splitlines()
        assert re.search(case.refused, sentence)
        assert sentence.isprintable()
        assert new == []
        assert seconds < REFUSAL_SECONDS
    else:
        assert code == 0, said.err
        check_answer(case, json.loads(said.out))
        assert {name.parent.name for name in new} == {"datasets", json.loads(said.out)["dataset"]}


def check_answer(case: Case, answer):
    assert answer["classes"] == dict(case.classes)
    assert answer["splits"] == case.splits
    skipped = {file["file"]: file["reason"] for file in answer["skipped"]}
    assert sorted(skipped) == sorted(case.skipped)
    for file, reason in case.skipped.items():
        assert re.search(reason, skipped[file])
    kinds = {warning["kind"] for warning in answer["warnings"]}
    assert kinds >= {*case.warnings, *(["skipped"] if case.skipped else [])}
    assert ("layout" in kinds) == ("layout" in case.warnings)
    assert all(warning["message"].isprintable() for warning in answer["warnings"])


@pytest.mark.slow
def test_bombs_need_little_memory(home, tmp_path):
    uploads = []
    for number, case in enumerate(BOMBS):
        (tmp_path / str(number)).mkdir()
        uploads.append(case.build(tmp_path / str(number)))
    plain = make_zip(tmp_path / "plain.zip", PAIR)
    module = "tests.datasets.corpus.limited"
    command = [sys.executable, "-m", module, str(MORE_MEMORY_MB), plain, *uploads]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    _, *answers, codes = map(json.loads, answer.stdout.splitlines())
    expected = {case.name: 2 if case.refused else 0 for case in BOMBS}
    assert dict(zip(expected, codes, strict=True)) == expected, answer.stderr
    taken = [case for case in BOMBS if not case.refused]
    assert [answer["classes"] for answer in answers] == [case.classes for case in taken]


SHELL_CASES = ("flat bomb", "a TIFF with a tile of 3.6 gigapixels", "a tar.gz")
MORE_SHELL_CASES = (
    "a hard link in a tar",
    "a cell of 200 KB",
    "nothing but damaged images",
    "links in a folder",
)
"""One of each kind: all others have gone through the same function in this process."""


@pytest.mark.parametrize(
    "name",
    [
        *SHELL_CASES,
        *(pytest.param(name, marks=pytest.mark.exhaustive) for name in MORE_SHELL_CASES),
    ],
)
def test_a_shell_gets_an_answer_or_one_line(home, tmp_path, name):
    (case,) = [case for case in CASES if case.name == name]
    upload = case.build(tmp_path)
    options = [option.replace("{folder}", str(tmp_path)) for option in case.options]
    command = [sys.executable, "-m", "cnnlab", "import", upload, "--json", *options]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == (2 if case.refused else 0)
    if case.refused:
        assert answer.stdout == ""
        assert re.fullmatch(rf".*{case.refused}.*\n", answer.stderr)
    else:
        check_answer(case, json.loads(answer.stdout))
