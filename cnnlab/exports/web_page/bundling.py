"""Modules of the browser as one script, for a file that asks for nothing."""

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

_IMPORT = re.compile(r'^import \{ ([^}]+) \} from "(\.[a-z_./]+\.mjs)"$', re.MULTILINE)
_EXPORT = re.compile(
    r"^export (?:default )?(?=(?:async )?(?:function|class|const) (\w+))", re.MULTILINE
)
_DOCUMENTATION = re.compile(r"^ */\*\*(?:[^*]|\*(?!/))*\*/\n|^ *//.*\n", re.MULTILINE)


def bundled(folder: Path, first: str) -> str:
    """A module with all that it imports, as one: each in a function of its own, in their order.

    Args:
        folder: where they lie.
        first: the module that begins, by its path from there.
    """
    functions = [_as_function(folder, name) for name in _in_order(folder, first, set())]
    script = "\n".join(["const modules = {}", *functions])
    if "</script" in script or "import " in script:
        raise AssertionError("a module has what can't be put into one script")
    return script


def _in_order(folder: Path, name: str, seen: set[str]) -> Iterator[str]:
    """The modules that one needs, those that are imported from before it."""
    seen.add(name)
    for _, path in _IMPORT.findall((folder / name).read_text(encoding="utf-8")):
        if (other := _named_in(name, path)) not in seen:
            yield from _in_order(folder, other, seen)
    yield name


def _as_function(folder: Path, name: str) -> str:
    text = (folder / name).read_text(encoding="utf-8")
    given = ", ".join(_EXPORT.findall(text))
    text = _DOCUMENTATION.sub("", _EXPORT.sub("", text)).strip()

    def taken(found: re.Match[str]) -> str:
        return f'const {{ {found[1]} }} = modules["{_named_in(name, found[2])}"]'

    return f'modules["{name}"] = (() => {{\n{_IMPORT.sub(taken, text)}\nreturn {{ {given} }}\n}})()'


def _named_in(name: str, path: str) -> str:
    """The module that one calls by a relative path, as a path from the folder of all."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), path))
