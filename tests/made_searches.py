"""Searches without any training: their runs are written as workers and the supervisor do."""

import itertools
from datetime import UTC, datetime, timedelta

import numpy as np

from cnnlab.domain.history import best_epoch
from cnnlab.domain.run import Run, Status, new_run_id
from cnnlab.domain.search import Search
from cnnlab.lab.workplace import workplace
from cnnlab.storage.searches import SearchStore
from tests.made_studies import rising, write_epochs

_numbers = itertools.count(0x8000)  # other ids than those of made studies


def made_search(search: Search, trials, decisions=None):
    """Store a search with trials, without queueing anything.

    Args:
        search: from `lab.new_search`.
        trials: for each its values and the validation accuracy that it comes near.
        decisions: taken so far.
    """
    store = SearchStore(workplace().home)
    store.create(search)
    for number, (values, best) in enumerate(trials):
        for seed in search.seeds:
            made_trial_run(search, number, values, best, seed=seed)
    if decisions is not None:
        store.decide(search.id, decisions)
    return search


def made_trial_run(
    search: Search,
    number,
    values,
    best,
    *,
    seed=0,
    epochs=None,
    status=Status.FINISHED,
    message=None,
):
    """One run of a trial with all of its epochs, or so many of them."""
    config = search.config(values, seed)
    created = datetime.now(UTC) + timedelta(milliseconds=next(_numbers))
    run = Run(
        new_run_id(created, f"{next(_numbers):04x}"),
        f"trial {number} · {search.name}",
        search.dataset,
        config.model_dump(mode="json"),
        Status.QUEUED,
        search=search.id,
        trial=number,
        created_at=created.isoformat(timespec="milliseconds"),
    )
    place = workplace()
    place.runs.create(run)
    planned = config.training.epochs
    generator = np.random.default_rng([seed, number])
    records = rising(best, generator, epochs=planned)[: planned if epochs is None else epochs]
    known = {}
    if records:
        write_epochs(run, records)
        top = best_epoch(records)
        known = {"last": records[-1], "best": records[top], "best_epoch": top}
    ended = {"ended_at": created.isoformat(timespec="milliseconds")} if status.is_ended else {}
    place.runs.update(run.id, status=status, message=message, **known, **ended)
    return place.runs.load(run.id)
