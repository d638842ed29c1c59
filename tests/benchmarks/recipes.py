"""What the recipe of a good model gains over the defaults; writes a table in Markdown.

    python tests/benchmarks/recipes.py texture shape photos.zip --to recipe_rows.jsonl
    python tests/benchmarks/recipes.py --smoke

Sets are names of `tests/made_sets.py`, zips or folders. Every row is an ordinary training by a
worker on one CPU core, of at most `--per-class` training images of each class. Accuracy is that of
the validation images, in percent, after the last epoch and, in brackets, of the best epoch, whose
model is kept: mean over the seeds; the difference is one of pairs with the same seed, with its
standard deviation. Seconds are of that process on the CPU. Rows that stand in the file already are
not trained again. Weights of ImageNet are left out unless `--pretrained` is given: then they have
to be there, and count as a recipe of their own. `--smoke` trains a set of few images once with
each recipe, and keeps no row.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse
import statistics
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab.domain.config.run_config import RunConfig, load_config
from cnnlab.domain.recipes.good_model import good_recipe
from cnnlab.domain.recipes.recipe import Recipe, RecipeName
from cnnlab.domain.run import Status
from cnnlab.lab.before_launch.recipes import set_facts
from cnnlab.lab.runs import new_run
from cnnlab.lab.workplace import workplace
from tests.benchmarks.kept_rows import Row, all_rows
from tests.benchmarks.options import option_parser
from tests.benchmarks.preset_table import measure
from tests.made_sets import SETS

PLAIN, GOOD, PRETRAINED = "plain", "good", "good, pretrained"

_TOLD = ("set", "recipe", "per_class", "seed")
"""By what two rows of the table differ."""


def main() -> None:
    """Train what is missing and print the table."""
    given = _options()
    rows = all_rows(given, _planned(given), _TOLD, _trained)
    for line in table(rows):
        print(line)


def _options() -> argparse.Namespace:
    parser = option_parser(__doc__)
    parser.add_argument("sets", nargs="*", default=list(SETS), metavar="SET")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--per-class", type=int, default=60, help="most training images of a class")
    parser.add_argument("--pretrained", action="store_true", help="with weights of ImageNet, too")
    parser.add_argument("--to", type=Path, default=Path("recipe_rows.jsonl"), help="file of rows")
    parser.add_argument("--home", type=Path, help="where runs and weights are kept")
    given = parser.parse_args()
    if given.smoke:
        given.sets, given.seeds, given.per_class = ["few_images"], 1, 5
    return given


def _planned(given: argparse.Namespace) -> Iterator[Row]:
    """Everything once before anything is repeated: what there is can be read at any time."""
    recipes = (PLAIN, GOOD, *([PRETRAINED] if given.pretrained else []))
    for seed, name, recipe in product(range(given.seeds), given.sets, recipes):
        yield {
            "set": Path(name).stem,
            "recipe": recipe,
            "per_class": given.per_class,
            "seed": seed,
        }


def _trained(row: Row, dataset: str, worker: ProcessPoolExecutor) -> Row:
    """The row with what was measured in the worker."""
    before = load_config(
        {
            "dataset": dataset,
            "split": {"images_per_class": row["per_class"]},
            "training": {"seed": row["seed"], "device": "cpu"},
        }
    )
    config = _recipe(row["recipe"], before).applied_to(before)
    run = new_run(config, name=row["recipe"])
    workplace().runs.create(run)
    measured = worker.submit(measure, run.id, run.config).result()
    workplace().runs.update(run.id, status=Status.FINISHED)
    ends = measured["accuracies"]
    print(*row.values(), ends[-1], max(ends), measured["seconds"], file=sys.stderr, flush=True)
    return row | measured | {"run": run.id, "config": config.model_dump(mode="json")}


def _recipe(name: str, before: RunConfig) -> Recipe:
    if name == PLAIN:
        return Recipe(RecipeName.PLAIN)
    facts = replace(set_facts(before), has_imagenet=name == PRETRAINED)
    return good_recipe(facts)


def table(rows: list[Row]) -> Iterator[str]:
    """Lines of Markdown: what every set came to by each recipe, and what that took."""
    recipes = list(dict.fromkeys(row["recipe"] for row in rows))
    yield f"| set | {' | '.join(recipes)} | gained by {GOOD} |"
    yield "|---" * (len(recipes) + 2) + "|"
    for name in dict.fromkeys(row["set"] for row in rows):
        cells = [
            {row["seed"]: row for row in rows if (row["set"], row["recipe"]) == (name, recipe)}
            for recipe in recipes
        ]
        told = [_cell(list(cell.values())) for cell in cells]
        yield f"| {name} | {' | '.join(told)} | {_gain(cells[0], cells[recipes.index(GOOD)])} |"


def _cell(rows: list[Row]) -> str:
    if not rows:
        return ""
    last = statistics.mean(row["accuracies"][-1] for row in rows)
    best = statistics.mean(max(row["accuracies"]) for row in rows)
    seconds = statistics.mean(row["seconds"] for row in rows)
    return f"{100 * last:.1f} ({100 * best:.1f}), {seconds:.0f} s"


def _gain(plain: dict[int, Row], good: dict[int, Row]) -> str:
    ends = [
        100 * (good[seed]["accuracies"][-1] - plain[seed]["accuracies"][-1])
        for seed in plain.keys() & good.keys()
    ]
    if not ends:
        return ""
    spread = f" ± {statistics.stdev(ends):.1f}" if len(ends) > 1 else ""
    return f"{statistics.mean(ends):+.1f}{spread}"


if __name__ == "__main__":
    main()
