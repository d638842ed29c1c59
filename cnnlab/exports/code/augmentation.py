"""What a run does to its training images, as a function `augment` and what that calls."""

import ast
import functools
import re
from pathlib import Path

from cnnlab.augmentations.chain import stages_of
from cnnlab.augmentations.colour import COLOUR
from cnnlab.augmentations.warp import WARP
from cnnlab.domain.config.augmentation import Augmentation
from cnnlab.exports.code import augmenting
from cnnlab.exports.code.lines import INDENT, number

_PLACES = {
    "crop_fraction": "crop",
    "perspective_fraction": "perspective",
    "flip": "flip",
    "zoom_fraction": "zoom",
    "shear_degrees": "shear",
    "rotation_degrees": "rotation",
    "shift_fraction": "shift",
}
"""Functions of what is done by one warp, in the order in which they move an output pixel."""

_BENDS = {"elastic_px": "elastic"}

_COLOURS = {
    "contrast_fraction": "contrast",
    "brightness_fraction": "brightness",
    "saturation_fraction": "saturation",
    "hue_fraction": "hue",
    "grayscale_fraction": "grayscale",
    "color_degeneration_fraction": "color_degeneration",
}
"""In the order in which they change a pixel."""

_ALONE = {
    "blur_sigma_px": "blur",
    "invert_fraction": "invert",
    "solarize_fraction": "solarize",
    "posterize_bits": "posterize",
    "autocontrast_fraction": "autocontrast",
    "equalize_fraction": "equalize",
    "clahe_fraction": "clahe",
    "sharpness_fraction": "sharpness",
    "noise_stddev": "noise",
    "erasing_fraction": "erasing",
    "randaugment_operations": "randaugment",
    "augmix": "augmix",
    "mixup_alpha": "mixup",
    "cutmix_alpha": "cutmix",
}

FUNCTIONS = _PLACES | _BENDS | _COLOURS | _ALONE
"""The function of each augmentation, by the field that switches it on."""

_MAGNITUDE = "randaugment_magnitude"
_COLOUR_ONLY = {"saturation", "hue", "grayscale", "color_degeneration"}
_BLENDS = {"mixup", "cutmix"}
_CLIPPED = "images.clip(0, 255)"
_TYPE = re.compile(r": (np\.[\w.]+|float|int|str)(?=[,)]|$)")


def augment_section(augmentation: Augmentation, channels: int) -> list[list[str]]:
    """Functions, those that are called first; none where nothing is done.

    Args:
        augmentation: of the config.
        channels: of an image.
    """
    if not augmentation.is_on:
        return []
    body = _body(augmentation, channels)
    called = set().union(*(_names_in(line.strip()) for line in body)) & set(functions())
    wanted = _closure(called)
    has_luma = any("LUMA" in line for name in wanted for line in functions()[name])
    return [
        *([[_luma()]] if has_luma else []),
        *(lines for name, lines in functions().items() if name in wanted),
        [
            "def augment(images, targets, rng):",
            f'{INDENT}"""Change a batch at random, each image by itself."""',
            *body,
        ],
    ]


def needs_opencv(augmentation: Augmentation) -> bool:
    """Whether a function calls OpenCV."""
    return "clahe_fraction" in augmentation.active()


def _body(augmentation: Augmentation, channels: int) -> list[str]:
    """A line for each change, with the clipping that training does between them."""
    lines: list[str] = []
    is_in_range = True
    for stage, members in stages_of(augmentation.strengths()):
        names = [member.name for member in members]
        if stage is WARP or names[0] in _BENDS:
            lines += _moved(augmentation, names)
            continue
        ordered = [name for name in _COLOURS if name in names] if stage is COLOUR else names
        told = [_line(augmentation, name) for name in ordered if _acts(name, channels)]
        if not told:
            continue
        if stage.needs_range and not is_in_range:
            lines, is_in_range = [*lines, f"{INDENT}images = {_CLIPPED}"], True
        lines += told
        is_in_range = is_in_range and not stage.leaves_range
    return [*lines, f"{INDENT}return {'images' if is_in_range else _CLIPPED}, targets"]


def _acts(name: str, channels: int) -> bool:
    return channels == 3 or FUNCTIONS[name] not in _COLOUR_ONLY


def _moved(augmentation: Augmentation, names: list[str]) -> list[str]:
    ordered = [name for name in _PLACES | _BENDS if name in names]
    return [
        f"{INDENT}x, y = places(images)",
        *(_line(augmentation, name) for name in ordered),
        f"{INDENT}images = read_at(images, x, y)",
    ]


def _line(augmentation: Augmentation, name: str) -> str:
    if name == "flip":
        return _flips(getattr(augmentation, name))
    function, value = FUNCTIONS[name], getattr(augmentation, name)
    changed = "images"
    if name in _PLACES | _BENDS:
        changed = "x, y"
    elif function in _BLENDS:
        changed = "images, targets"
    arguments = [changed]
    if not isinstance(value, bool):
        arguments.append(number(value))
    if function == "randaugment":
        arguments.append(number(getattr(augmentation, _MAGNITUDE)))
    return f"{INDENT}{changed} = {function}({', '.join([*arguments, 'rng'])})"


def _flips(directions: str) -> str:
    axes = {"horizontal": "x", "vertical": "y"}.get(directions)
    one = f"flip({axes}, rng)" if axes else "flip(x, rng), flip(y, rng)"
    return f"{INDENT}{axes or 'x, y'} = {one}"


@functools.cache
def functions() -> dict[str, list[str]]:
    """The lines of every function of `augmenting`, each behind those that it calls."""
    found: dict[str, list[str]] = {}
    for module in ("geometry", "colour", "blends", "operations"):
        lines = _module(module).splitlines()
        for node in ast.parse("\n".join(lines)).body:
            if isinstance(node, ast.FunctionDef):
                head = [f"def {node.name}({', '.join(one.arg for one in node.args.args)}):"]
                body = lines[node.body[0].lineno - 1 : node.end_lineno]
                found[node.name] = head + [_untyped(line) for line in body]
    return found


def _untyped(line: str) -> str:
    """A line of a function; one that begins a function within it without the types."""
    if not line.strip().startswith("def "):
        return line
    return _TYPE.sub("", line.partition(" -> ")[0]) + ":"


def _module(name: str) -> str:
    # Read and not imported: OpenCV, which one function needs, costs time and memory.
    return Path(augmenting.__path__[0], f"{name}.py").read_text(encoding="utf-8")


def _luma() -> str:
    return next(line for line in _module("colour").splitlines() if line.startswith("LUMA"))


def _names_in(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def _closure(wanted: set[str]) -> set[str]:
    """Functions with all that they call."""
    called = set(wanted)
    for name in wanted:
        called |= _names_in("\n".join(functions()[name])) & set(functions())
    return called if called == wanted else _closure(called)
