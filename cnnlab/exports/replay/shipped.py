"""The text of `replay.py` and of what it needs: these modules and the program's own rules."""

import importlib
import importlib.resources
import inspect
import re

STARTER = '''"""Computes every number of this bundle again: python replay.py [--train]

Needs Python 3.11 or newer with numpy and scipy, nothing of cnnlab. `check/` is what is done, and
the textbook formulas; `rules/` are the program's own rules as they were.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from check.main import main

sys.exit(main(HERE))
'''

_OWN = "cnnlab.exports.replay"
_CHECKS = (
    "agreement", "answers", "arithmetic", "main", "report", "runs", "stored", "studies", "training",
)  # fmt: skip
_RULES = (
    "domain.data.folds", "domain.data.seen", "domain.errors", "domain.holm", "domain.metrics",
    "domain.predictions", "domain.records.export", "domain.records.judgement",
    "domain.records.measured", "domain.records.result", "domain.records.training", "domain.study",
    "domain.temperature", "domain.words", "judging.calibration", "judging.classes",
    "judging.coverage", "judging.curves", "judging.intervals.fisher",
    "judging.intervals.label_intervals", "judging.intervals.ranking_intervals",
    "judging.intervals.shares", "judging.judge", "judging.label_measures", "judging.means",
    "judging.measures", "judging.ranking", "judging.slices.finding",
    "judging.slices.slice_candidates", "judging.slices.traits", "judging.suspects",
    "storage.attempts.prediction_codes", "study.chance.anchored", "study.chance.equivalence",
    "study.chance.fresh_run", "study.chance.guards", "study.chance.looks", "study.chance.optimism",
    "study.chance.paired", "study.chance.seeds_to_go", "study.chance.two_way",
    "study.chance.watching", "study.comparison", "study.judging", "study.kinds.doses",
    "study.kinds.worth", "study.kinds.worth_wording", "study.measures.bands",
    "study.measures.cross_fitting", "study.measures.judged_epochs", "study.measures.measured",
    "study.measures.measured_wording", "study.scopes", "study.seen_wording", "study.verdicts",
    "study.wording",
)  # fmt: skip
_EXCERPTS = {
    "domain.arms": ("size_words", "same_size"),
    "domain.config.dotted": ("value_at",),
}
"""Of modules that need more than numpy and scipy these functions alone."""

_HEADS = {
    "domain.arms": (
        "from collections.abc import Sequence\n\nfrom rules.domain.study import Arm\n\n"
        '_WITH = " with "\n'
    ),
    "domain.config.dotted": "from collections.abc import Mapping\nfrom typing import Any\n",
}
_LEFT_OUT = re.compile(
    r"^from cnnlab\.(?:domain\.config\.run_config|domain\.network\.planner|fields) import .*\n"
    r"|^from cnnlab\.domain\.config\.dotted import value_at, with_changes\n",
    re.MULTILINE,
)
"""What only other functions of a module need: config classes (they need pydantic), networks."""

_LATER = '"""\n\nfrom __future__ import annotations\n'


def shipped_texts() -> dict[str, str]:
    """The texts by their names in a bundle."""
    texts = {"replay.py": STARTER, "check/__init__.py": "", "rules/__init__.py": ""}
    for name in _CHECKS:
        texts[f"check/{name}.py"] = _renamed(_source(f"{_OWN}.{name}"))
    for name in _RULES:
        texts |= _module(name, _renamed(_source(f"cnnlab.{name}")))
    for name, functions in _EXCERPTS.items():
        module = importlib.import_module(f"cnnlab.{name}")
        taken = "\n\n".join(inspect.getsource(getattr(module, one)) for one in functions)
        head = f'"""An excerpt.{_LATER}\n{_HEADS[name]}\n\n'
        texts |= _module(name, head + taken)
    return texts


def _module(name: str, text: str) -> dict[str, str]:
    """A module with the packages that it lies in."""
    *packages, _ = name.split(".")
    paths = ["/".join(packages[: count + 1]) for count in range(len(packages))]
    return {f"rules/{path}/__init__.py": "" for path in paths} | {
        f"rules/{name.replace('.', '/')}.py": text
    }


def _source(name: str) -> str:
    package, _, module = name.rpartition(".")
    return (importlib.resources.files(package) / f"{module}.py").read_text(encoding="utf-8")


def _renamed(source: str) -> str:
    """With annotations that nobody evaluates, and imports of the bundle's own modules."""
    if _LEFT_OUT.search(source):
        dotted = "from cnnlab.domain.config.dotted import value_at\n"
        needs = "dotted import value_at, with_changes" in source
        source = _LEFT_OUT.sub("", source)
        source = source.replace("\nfrom cnnlab.", f"\n{dotted}from cnnlab.", 1) if needs else source
    head, _, rest = source.partition('"""\n')
    source = f"{head}{_LATER}{rest}"
    return (
        source.replace(f"{_OWN}.", "check.")
        .replace(f"{_OWN} import", "check import")
        .replace("from cnnlab.", "from rules.")
    )
