"""What a search costs beyond its runs, what pruning saves, and what TPE is worth against chance.

    python tests/benchmarks/search.py overhead [--trials 40]
    python tests/benchmarks/search.py record POOL [--trials 41] [--epochs 12]
    python tests/benchmarks/search.py replay POOL [--repeats 3]
    python tests/benchmarks/search.py --smoke

`overhead` drives the real supervisor, store and sampler with trainings that take no time, and
compares a trial with a run that waited in the queue: CPU and wall seconds of each, disk included.

`record` is live: a search by chance and without pruning over eight fields, `tiny_cnn` at 32 px on
the bundled images, in `CNNLAB_HOME`. It keeps each setting with its curve (minutes of CPU).

`replay` is no training: the product's own sampler and pruning rule ask, and the nearest recorded
setting that wasn't given yet answers with its curve, epoch by epoch. Goals: a search with pruning
uses at most 0.6 of the epochs of the same without, and ends within 0.5 points of it.

`--smoke` does all three with a few short trials.
"""

import json
import math
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cnnlab import lab
from cnnlab.domain.config.run_config import RunConfig
from cnnlab.domain.run import Run, Status
from cnnlab.domain.search import Search, Trial, TrialState
from cnnlab.domain.search_ranges import SEARCHED
from cnnlab.searching.best import best_trial
from cnnlab.searching.pruning import why_hopeless
from cnnlab.searching.sampling import drawn_settings
from tests.benchmarks.app_process import end_supervisor
from tests.benchmarks.options import option_parser

FIELDS = (
    "optimizer.learning_rate", "optimizer.name", "regularization.dropout", "regularization.l2",
    "regularization.batch_norm", "architecture.filters", "training.batch_size",
    "augmentation.rotation_degrees",
)  # fmt: skip
RANGES = tuple(SEARCHED[field] for field in FIELDS)
MOST_EPOCHS_SHARE, MOST_POINTS_LOST, MOST_OVERHEAD_SECONDS = 0.6, 0.5, 0.3


def base(dataset, epochs):
    network = {"preset": "tiny_cnn"}
    return RunConfig(
        dataset=dataset, image={"size": 32}, architecture=network, training={"epochs": epochs}
    )


def overhead(trials):
    """Print what a trial costs more than a run of the queue."""
    from cnnlab.storage.searches import SearchStore  # noqa: PLC0415
    from tests.runner.place import Place  # noqa: PLC0415
    from tests.runner.searching.stepped import Stepped  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        os.environ["CNNLAB_HOME"] = folder
        start = base(lab.import_dataset(lab.SAMPLE).id, 6)
        place = Place(Path(folder), Stepped())
        search = replace(lab.new_search(start, RANGES, trials=trials), id="o1")
        store = SearchStore(place.home)
        for number in range(trials):
            config = start.model_dump(mode="json")
            place.store.create(
                Run(f"r{number:03}", "r", start.dataset, config, Status.QUEUED, study="s")
            )
        plain = _spent(place, lambda: not place.store.list(Status.QUEUED, Status.RUNNING))
        store.create(search)
        place.supervisor = place.new_supervisor()
        searched = _spent(place, lambda: not _goes_on(place, store, trials))
        place.engine.dispose()
    for name, each in (("a queued run", plain), ("a trial", searched)):
        print(f"{name:>13}: {each[0] / trials:.3f} s CPU, {each[1] / trials:.3f} s wall")
    more = [(one - other) / trials for one, other in zip(searched, plain, strict=True)]
    print(f"overhead: {more[0]:.3f} s CPU, {more[1]:.3f} s wall (goal: {MOST_OVERHEAD_SECONDS} s)")


def _goes_on(place, store, trials):
    is_searching = store.decisions("o1").status == "searching"
    return is_searching and len(place.store.list(search="o1")) <= trials


def _spent(place, is_done):
    """CPU and wall seconds of the supervisor's rounds until it is done."""
    cpu, wall = 0.0, 0.0
    while not is_done():
        began = time.process_time(), time.perf_counter()
        place.supervisor.tick()
        cpu += time.process_time() - began[0]
        wall += time.perf_counter() - began[1]
    return cpu, wall


def record(pool, trials, epochs):
    """Train settings drawn by chance and keep their curves."""
    start = base(lab.import_dataset(lab.SAMPLE).id, epochs)
    search = lab.launch_search(
        lab.new_search(
            start, RANGES, trials=trials, prunes=False, sampler="random", confirm_seeds=2
        )
    )
    while (view := lab.view_search(search.id)).status == "searching":
        kept = [
            {"values": trial.values, "curve": trial.curve, "value": trial.value}
            for trial in view.trials
            if trial.state is TrialState.COMPLETE
        ]
        pool.write_text(json.dumps({"epochs": epochs, "settings": kept}))
        print(f"{len(kept)} of {trials}", flush=True)
        lab.ensure_supervised()
        time.sleep(5)
    lab.stop_search(search.id)


def replay(pool, repeats):
    """Print what pruning saves and loses, and what is found after how many trials."""
    recorded = json.loads(pool.read_text())
    settings, epochs = recorded["settings"], recorded["epochs"]
    trials = min(40, len(settings))
    top = max(one["value"] for one in settings)
    print(f"{len(settings)} settings of {epochs} epochs; the best is worth {100 * top:.1f} %")
    print(f"{'sampler':>8} {'pruning':>8} {'epochs':>7} {'best':>7}  best after 10, 20, 30 trials")
    for sampler in ("tpe", "random"):
        ends = {}
        for prunes in (False, True):
            done = [
                _replayed(settings, epochs, trials, f"{repeat}", sampler, prunes=prunes)
                for repeat in range(repeats)
            ]
            ends[prunes] = done
            used = statistics.mean(sum(len(one.curve) for one in found) for found in done)
            best = [_best(found) for found in done]
            early = [statistics.mean(_best(found[:n]) for found in done) for n in (10, 20, 30)]
            print(
                f"{sampler:>8} {'yes' if prunes else 'no':>8} {used:7.0f} "
                f"{100 * statistics.mean(best):6.1f} %  "
                + ", ".join(f"{100 * value:.1f} %" for value in early)
            )
        shares = [
            sum(len(one.curve) for one in pruned) / sum(len(one.curve) for one in whole)
            for whole, pruned in zip(ends[False], ends[True], strict=True)
        ]
        lost = [
            100 * (_best(whole) - _best(pruned))
            for whole, pruned in zip(ends[False], ends[True], strict=True)
        ]
        print(
            f"{sampler:>8}: {max(shares):.2f} of the epochs at most (goal {MOST_EPOCHS_SHARE}), "
            f"{max(lost):.2f} points lost at most (goal {MOST_POINTS_LOST})"
        )


def _best(trials):
    return max((one.value for one in trials if one.value is not None), default=math.nan)


def _replayed(settings, epochs, trials, name, sampler, *, prunes):
    """A whole search: its trials in order."""
    start = base("d", epochs).model_dump(mode="json")
    search = Search(name, name, "d", start, RANGES, trials, sampler=sampler, prunes=prunes)
    left, done = list(settings), []
    for number in range(trials):
        asked = next(drawn_settings(search, done, number))
        answer = min(left, key=lambda one: _distance(asked, one["values"]))
        left.remove(answer)
        done.append(_trained(search, number, answer, done))
    assert best_trial(search, done)
    return done


def _trained(search, number, answer, before):
    """What becomes of a trial: its curve is told epoch by epoch, until it is ended."""
    curve = tuple(math.nan if value is None else value for value in answer["curve"])
    for epoch in range(1, len(curve)):
        seen = Trial(
            number, answer["values"], TrialState.RUNNING, None, None, {0: curve[:epoch]}, {}, 0.0
        )
        if why := why_hopeless(search, seen, before):
            return replace(seen, state=TrialState.PRUNED, words=why)
    whole = {"state": TrialState.COMPLETE, "value": answer["value"], "curves": {0: curve}}
    return Trial(number, answer["values"], second=None, runs={}, seconds=0.0, **whole)


def _distance(asked, there):
    """How far two settings are from each other, each field over its range."""
    total = 0.0
    for one in RANGES:
        first, second = asked[one.field], there[one.field]
        if one.choices or first is None or second is None:
            total += first != second
            continue
        ends = [max(value, 1e-9) for value in (one.low, one.high, first, second)]
        low, high, first, second = map(math.log, ends) if one.log else ends
        total += ((first - second) / (high - low)) ** 2
    return total


def smoke():
    """All of it, as small as it can be."""
    overhead(2)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["CNNLAB_HOME"] = f"{folder}/home"
        record(Path(folder) / "pool.json", 2, 1)
        replay(Path(folder) / "pool.json", 1)
        end_supervisor()


def main():
    parser = option_parser(__doc__)
    parser.add_argument("what", nargs="?", choices=("overhead", "record", "replay"))
    parser.add_argument("pool", type=Path, nargs="?", help="of recorded settings")
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    if given.smoke:
        smoke()
    elif given.what is None:
        parser.error("say what: overhead, record or replay")
    elif given.what == "overhead":
        overhead(given.trials)
    elif given.pool is None:
        parser.error("name the file of the pool")
    elif given.what == "record":
        record(given.pool, given.trials, given.epochs)
    else:
        replay(given.pool, given.repeats)


if __name__ == "__main__":
    main()
