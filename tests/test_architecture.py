"""Dependencies point one way, and the server never loads Keras."""

import subprocess
import sys
from pathlib import Path

import tests

ROOT = Path(__file__).parent.parent
LAYERS = ["cnnlab.cli.main", "cnnlab.lab", "cnnlab.server.routes", "cnnlab.ui.navigation"]


def test_imports_follow_the_layers():
    answer = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stdout


def test_the_server_process_never_loads_keras():
    """Whatever isn't a worker's may be imported by it, a package that is new as well."""
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((ROOT / "cnnlab").rglob("*.py"))
        if path.relative_to(ROOT / "cnnlab").parts[0] not in ("training", "worker")
        and path.name != "__main__.py"
    ]
    program = (
        "import importlib, sys\n"
        f"for name in {[*modules, 'cnnlab.worker.process.channel']!r}:\n"
        "    importlib.import_module(name)\n"
        "import app\n"
        "print(sorted({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert answer.stdout.strip() == "[]", answer.stderr


def test_the_pages_load_nothing_that_few_of_them_need():
    """Each of these takes the server 14 MB or more, for as long as it lives.

    `import scipy` loads a part once it is used; `from scipy import special` loads it at once, and
    with it all of numpy, its compiler of Fortran included: a fourth of the start of a command.
    """
    large = {
        "keras",
        "tensorflow",
        "pyarrow",
        "cv2",
        "pandas",
        "sklearn",
        "optuna",
        "scipy.special",
    }
    program = f"import sys, app; app.load_page_modules(); print(sorted({large} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True
    )
    assert answer.stdout.strip() == "[]", answer.stderr


def test_tests_are_ours():
    """A package that writes ONNX brings a top-level folder of this name (`tools`, too)."""
    assert [Path(place) for place in tests.__path__] == [ROOT / "tests"]
    named = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    assert named == {"cnnlab", "pages", "tests"}


def test_rooms_stay_small():
    limits = {"pages": 80, "cnnlab": 450}
    too_long = [
        f"{path.relative_to(ROOT)}: {lines} lines"
        for folder, limit in limits.items()
        for path in (ROOT / folder).rglob("*.py")
        if (lines := len(path.read_text().splitlines())) > limit
    ]
    assert not too_long
