"""A program is Python that reads well, and says of every field where it went."""

import ast
import re
import subprocess
import sys
from typing import get_args, get_origin

import pytest

from cnnlab.augmentations.table import MEMBERS
from cnnlab.domain.config.dotted import with_changes
from cnnlab.domain.config.layer_specs import Layer
from cnnlab.domain.config.optimizer import Schedule
from cnnlab.domain.config.regularization import EarlyStopping
from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.exports.code.covered import FILES, SAID, left_out
from cnnlab.exports.code.data import classes_line
from cnnlab.exports.code.package import requirements, texts
from cnnlab.exports.code.program import program
from cnnlab.fields import bounds, walk
from tests.exports.code.made import BLOCKS, EVERYTHING, FOCAL, IN_PHASES, OWN_LAYERS, USUAL, recipe

PRESETS = tuple(dict(walk(RunConfig))["architecture.preset"].annotation.__args__)
LINES = {"resnet_small": 176, "mobilenet_v3_small": 223, "efficientnet_lite0": 215}
"""Of programs with functions for their blocks and for batch norm's statistics; others have 150."""

ALL_AUGMENTATIONS = {
    "augmentation": {
        member.name: member.usual for member in MEMBERS if member.name != "cutmix_alpha"
    }
}
KNOWN = {
    "plain": recipe(),
    "usual": recipe(USUAL),
    "everything": recipe(EVERYTHING, statistics_passes=2, frozen=("block1_conv",)),
    "own layers": recipe(OWN_LAYERS, statistics_passes=1, is_plain=False),
    "blocks": recipe(BLOCKS),
    "phases": recipe(
        IN_PHASES, statistics_passes=1, frozen=("block1_conv", *(f"layer{at}" for at in range(40)))
    ),
    "mobile": recipe({"architecture": {"preset": "mobilenet_v3_small"}}),
    "lite": recipe({"architecture": {"preset": "efficientnet_lite0"}}),
    "all augmentations": recipe(ALL_AUGMENTATIONS),
    "grayscale pad": recipe({"image": {"size": 16, "color": "grayscale", "resize": "pad"}}),
    "stretch": recipe({"image": {"size": 16, "resize": "stretch"}}),
    "focal, drawn equally": recipe(FOCAL),
    "many classes": recipe(class_names=tuple(f"class number {at}" for at in range(40))),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("programs")
    for number, each in enumerate(KNOWN.values()):
        (folder / f"program{number}.py").write_text(program(each), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "command", [["check"], ["format", "--check", "--line-length", "100"]], ids=str
)
def test_programs_please_a_linter(folder, command):
    told = [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(folder)]
    done = subprocess.run(told, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", KNOWN)
def test_a_program_needs_keras_numpy_pillow_and_what_lies_beside_it_alone(name):
    tree = ast.parse(program(KNOWN[name]))
    imported = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import)
                for alias in node.names}  # fmt: skip
    imported |= {
        node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
    }
    others = imported - sys.stdlib_module_names
    allowed = {"keras", "numpy", "PIL"}
    allowed |= {"cv2"} if name == "all augmentations" else set()
    beside = {file.removesuffix(".py") for file in texts(KNOWN[name]) if file.endswith(".py")}
    assert others <= allowed | beside and {"keras", "numpy"} | beside <= others


def lines_of_code(text):
    """Lines that are neither empty nor words."""
    words = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node)
        for line in range(node.body[0].lineno, node.body[0].end_lineno + 1)
    }
    lines = enumerate(text.splitlines(), start=1)
    return sum(bool(line.strip()) and number not in words for number, line in lines)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_usual_program_is_short(preset):
    passes = 1 if preset in LINES else 0
    values = USUAL | {"architecture": {"preset": preset}}
    text = program(recipe(values, statistics_passes=passes))
    assert lines_of_code(text) <= LINES.get(preset, 150)


def test_blocks_that_repeat_are_a_loop():
    text = program(recipe({"architecture": {"preset": "vgg_small"}}))
    assert "for block, filters in enumerate([32, 64, 128], start=1):" in text
    assert text.count("layers.Conv2D") == 2 and text.count("MaxPooling2D") == 1


@pytest.mark.parametrize(
    "name",
    [
        "quoted \"name\" 'x'",
        "🐟 Ünïcode",
        "n" * 300,
        'three """ quotes',
        "back\\slash\nline\u2028x",
    ],
)
def test_names_of_any_kind_stand_in_a_program(name):
    text = program(recipe(USUAL, name=name, class_names=(name[:50], "b\u202ec", "<b>")))
    tree = ast.parse(text)
    docstring = ast.get_docstring(tree)
    assert docstring.startswith("Trains the run")
    said = next(node for node in tree.body if isinstance(node, ast.Assign)
                and node.targets[0].id == "CLASSES")  # fmt: skip
    if isinstance(said.value, ast.List):
        assert ast.literal_eval(said.value) == [name[:50], "b\u202ec", "<b>"]


def test_many_class_names_lie_in_a_file():
    assert "classes.json" in classes_line(KNOWN["many classes"])
    assert "class number 39" in texts(KNOWN["many classes"])["classes.json"]
    assert "classes.json" not in texts(KNOWN["plain"])


OTHER_VALUES = {
    "architecture.conv_blocks": 2,
    "architecture.layers": [{"kind": "conv"}],
    "architecture.phases": [{"epochs": 2, "trainable_blocks": 0}],
    "architecture.pretrained": "imagenet",
    "dataset": "another",
    "optimizer.schedule": "cosine",
    "regularization.early_stopping": True,
    "split.test": 0.1,
    "training.batch_size": 7,
    "training.device": "gpu:0",
}
NEEDS = {
    "regularization.stochastic_depth": {"architecture.preset": "resnet_small"},
    "optimizer.nesterov": {"optimizer.name": "sgd"},
    "optimizer.momentum": {"optimizer.name": "sgd"},
    "training.focal_gamma": {"training.loss": "focal"},
    "augmentation.randaugment_magnitude": {"augmentation.randaugment_operations": 2},
}


def another(name, info, now):
    """A legal value of a field that isn't the one it has."""
    if name in OTHER_VALUES:
        return OTHER_VALUES[name]
    kinds = [
        one for one in get_args(info.annotation) or (info.annotation,) if one is not type(None)
    ]
    if get_origin(info.annotation) is not None and isinstance(kinds[0], str):
        return next(one for one in kinds if one != now)
    if bool in kinds:
        return not now
    low, high = bounds(info)
    span = (high if high is not None else 4) - (low or 0)
    candidates = [(low or 0) + share * span for share in (0.5, 0.25, 0.75)]
    tried = (int(one) if int in kinds else float(one) for one in candidates if one is not None)
    return next(one for one in tried if one not in (now, low, 0))


FIELDS = dict(walk(RunConfig))


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_changes_the_program_or_is_said_to_be_elsewhere(name):
    before = with_changes({"image": {"size": 64}}, NEEDS.get(name, {}))
    now = load_config(before).model_dump()
    for part in name.split("."):
        now = now[part]
    after = with_changes(before, {name: another(name, FIELDS[name], now)})
    try:
        texts_of = [program(recipe(values)) for values in (before, after)]
    except Exception as error:
        raise AssertionError(f"{name}: {after}") from error
    if name in FILES or (name in SAID and not SAID[name]):
        return
    assert texts_of[0] != texts_of[1], f"{name} changes nothing and nothing is said of it"
    if name in SAID:
        assert SAID[name].partition("{")[0] in " ".join(texts_of[1].split())


def test_what_is_listed_as_elsewhere_is_a_field():
    assert set(FILES) | set(SAID) <= set(FIELDS)


def parts_of(union):
    """The classes of a union with a tag."""
    inner = get_args(union)[0]
    return get_args(inner)


@pytest.mark.parametrize("model", parts_of(Schedule), ids=lambda model: model.__name__)
def test_every_field_of_a_schedule_changes_the_program(model):
    base = model(warmup_epochs=2).model_dump()
    plain = program(recipe({"optimizer": {"schedule": base}}))
    for name, info in model.model_fields.items():
        if name != "name":
            values = base | {name: another(name, info, base[name])}
            assert program(recipe({"optimizer": {"schedule": values}})) != plain, name


def test_every_field_of_early_stopping_changes_the_program():
    base = EarlyStopping().model_dump()
    plain = program(recipe({"regularization": {"early_stopping": base}}))
    for name, info in EarlyStopping.model_fields.items():
        values = base | {name: another(name, info, base[name])}
        assert program(recipe({"regularization": {"early_stopping": values}})) != plain, name


@pytest.mark.parametrize("model", parts_of(Layer), ids=lambda model: model.__name__)
def test_every_field_of_a_layer_changes_the_program(model):
    base = model().model_dump()
    layers = [base, {"kind": "flatten"}]
    plain = program(recipe({"architecture": {"layers": layers}}))
    for name in model.model_fields:
        if name in ("kind",):
            continue
        changed = {
            "activation": "tanh",
            "rate": 0.3,
            "stddev": 0.3,
            "units": 7,
            "enabled": False,
            "use_bias": False,
            "merge": "add",
            "paths": [[], [{"kind": "conv", "filters": 16}]],
        }.get(name, 4)
        layers = [base | {name: changed}, {"kind": "flatten"}]
        assert program(recipe({"architecture": {"layers": layers}})) != plain, name


def test_what_is_left_out_stands_at_the_top():
    told = recipe(EVERYTHING | {"training": {"device": "gpu:0"}}, said=("a dial that was turned",))
    said = left_out(told)
    top = " ".join(ast.get_docstring(ast.parse(program(told))).split())
    assert all(clause in top for clause in said) and len(said) == 3
    whole = ast.get_docstring(ast.parse(program(recipe())))
    assert "Nothing of the run is left out." in " ".join(whole.split())


def test_a_notebook_alone_needs_what_draws_and_shows_it():
    told = texts(recipe(), is_notebook=True)["requirements.txt"]
    assert told.endswith("matplotlib\njupyterlab\n")
    assert "matplotlib" not in texts(recipe())["requirements.txt"]


def test_versions_are_exact_and_opencv_is_named_only_where_it_is_used():
    versions = {"tensorflow": "2.21.0", "keras": "3.15.1", "opencv-python-headless": "5.0.0"}
    assert requirements(recipe(versions=versions)) == "tensorflow==2.21.0\nkeras==3.15.1\n"
    told = requirements(recipe({"augmentation": {"clahe_fraction": 0.3}}, versions=versions))
    assert re.search(r"^opencv-python-headless==5.0.0$", told, re.MULTILINE)
