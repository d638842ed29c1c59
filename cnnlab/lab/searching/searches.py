"""What a user can do with searches."""

from dataclasses import dataclass, replace

from cnnlab.domain.default_names import LONGEST_SEARCH, default_name
from cnnlab.domain.errors import (
    BadInputError,
    ConfigError,
    DamagedError,
    DatasetError,
    RunStateError,
)
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run, Status
from cnnlab.domain.search import Decisions, Search, SearchStatus
from cnnlab.domain.search_ranges import check_search, edges
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.access.limits import check_may_queue, counted_alone
from cnnlab.lab.data.gallery import open_index
from cnnlab.lab.pretrained import check_pretrained
from cnnlab.lab.runs import as_it_is, delete_run, is_stopping, resume_run, stop_run
from cnnlab.lab.searching.designs import is_unnamed
from cnnlab.lab.study.studies import delete_study, resume_study, stop_study, study_runs
from cnnlab.lab.workplace import Workplace, delete_listed, named_dataset, workplace
from cnnlab.runner.launch import ensure_supervisor
from cnnlab.storage.searches import SearchStore

_STOPPED = "Stopped by hand."


@asks(Action.EDIT)
def launch_search(search: Search) -> Search:
    """Store a search and see to it that a supervisor takes it up.

    One that nobody has named is told from the others.

    Raises:
        ConfigError: the search isn't possible, or pretrained weights aren't there.
        NotFoundError: there is no such dataset.
        DatasetError: the dataset can't be split as asked, or has only one class.
        QuotaError: the workspace may have no further run wait, or store nothing more.
    """
    stores, dataset = workplace(), named_dataset(search.dataset)
    search = check_search(search, max(2, len(dataset.classes)))
    for values in ({}, *(values for _, values in edges(search))):
        check_pretrained(search.config(values, search.seeds[0]))
    if len(dataset.classes) < 2:
        raise DatasetError(
            f"The dataset {dataset.name!r} has only one class: a search needs two or more."
        )
    open_index(dataset.id).split(search.config({}, search.seeds[0]).split)
    searches = SearchStore(stores.home)
    if is_unnamed(search):
        taken = {one.name for one in searches.list()}
        name = default_name(search.name, dataset.name, taken, LONGEST_SEARCH)
        search = replace(search, name=name)
    with counted_alone():
        check_may_queue()
        searches.create(search)
    ensure_supervisor(stores.home)
    return search


@asks(Action.VIEW)
def list_searches() -> list[Search]:
    """All searches, newest first."""
    return SearchStore(workplace().home).list()


@asks(Action.VIEW)
def load_search(search: str) -> Search:
    """Return a search.

    Raises:
        NotFoundError: there is none with this id.
        StorageError: its file is damaged.
    """
    return SearchStore(workplace().home).load(search)


@asks(Action.VIEW)
def search_runs(search: str) -> list[Run]:
    """The runs of a search's trials, in the order in which they train."""
    runs = map(as_it_is, workplace().runs.list(search=search))
    return sorted(runs, key=lambda run: (run.created_at, run.id))


@dataclass(frozen=True)
class SearchState:
    """What decides which buttons a search has, also where its files can't be read.

    Attributes:
        name: what the user calls it, or its id where that can't be read.
        status: where it stands; failed where that can't be read.
        is_active: whether any of its runs waits or trains, those of its closing study included.
    """

    name: str
    status: SearchStatus
    is_active: bool


@asks(Action.VIEW)
def search_state(search: str) -> SearchState:
    """Where a search stands.

    Raises:
        NotFoundError: there is no search with this id.
    """
    stores = workplace()
    searches = SearchStore(stores.home)
    decisions = readable_decisions(searches, search)
    try:
        name = searches.load(search).name
    except DamagedError:
        name = search
    active = [status for status in Status if not status.is_ended]
    runs = stores.runs.list(*active, search=search)
    if decisions.study:
        runs += stores.runs.list(*active, study=decisions.study)
    return SearchState(
        name, decisions.status, any(not as_it_is(run).status.is_ended for run in runs)
    )


@asks(Action.EDIT)
def stop_search(search: str) -> None:
    """Stop a search with all of its runs; what is found stays, and it may go on.

    Raises:
        NotFoundError: there is no search with this id.
    """
    stores = workplace()
    searches = SearchStore(stores.home)
    with searches.alone(search):  # from here on nothing new is queued
        decisions = readable_decisions(searches, search)
        if decisions.status.is_live:
            stopped = replace(decisions, status=SearchStatus.STOPPED, message=_STOPPED)
            searches.decide(search, replace(stopped, ends_runs=True))
    # The last in the queue first, or the next would start whenever one is stopped.
    for run in reversed(search_runs(search)):
        if not run.status.is_ended:
            stop_run(run.id)
    if _has_study(stores, decisions):
        stop_study(str(decisions.study))
    with searches.alone(search):  # until here the supervisor would go on with it if we died
        decisions = readable_decisions(searches, search)
        if decisions.ends_runs:
            searches.decide(search, replace(decisions, ends_runs=False))


def readable_decisions(searches: SearchStore, search: str) -> Decisions:
    """What was decided; of a search whose file is damaged that it failed by that.

    Raises:
        NotFoundError: there is no search with this id.
    """
    try:
        return searches.decisions(search)
    except DamagedError as error:
        return Decisions(SearchStatus.FAILED, str(error))


@asks(Action.EDIT)
def resume_search(search: str) -> None:
    """Go on with a search that was stopped, or that ended because trials failed.

    Its runs that were stopped go on, but those of trials that were ended early; further trials are
    begun as long as the budget lasts.

    Raises:
        NotFoundError: there is no search with this id.
        RunStateError: it has finished, or some of its runs are being stopped: they would stay so.
    """
    stores = workplace()
    searches = SearchStore(stores.home)
    with searches.alone(search):
        decisions = searches.decisions(search)
        if decisions.status is SearchStatus.FINISHED:
            raise RunStateError(
                f"The search {searches.load(search).name!r} has finished: launch another one to "
                "look further."
            )
        runs = search_runs(search)
        closing = study_runs(str(decisions.study)) if _has_study(stores, decisions) else []
        wanted = [*(run for run in runs if run.trial not in decisions.pruned), *closing]
        if any(map(is_stopping, wanted)):
            raise RunStateError(
                f"Some runs of the search {searches.load(search).name!r} still tidy up after the "
                "stop: go on in a moment."
            )
        for run in runs:
            if run.status is Status.STOPPED and run.trial not in decisions.pruned:
                resume_run(run.id)
        if not decisions.status.is_live:
            status = SearchStatus.CONFIRMING if decisions.study else SearchStatus.SEARCHING
            forgiven = max((1 + (run.trial or 0) for run in runs), default=0)
            again = replace(decisions, status=status, message="", forgiven=forgiven)
            searches.decide(search, replace(again, ends_runs=False))
    if _has_study(stores, decisions):
        resume_study(str(decisions.study))
    ensure_supervisor(stores.home)


@asks(Action.VIEW)
def most_further_trials(search: str) -> int:
    """How many trials `extend_search` may add.

    Raises:
        NotFoundError: there is no search with this id.
        StorageError: its files are damaged.
    """
    searches = SearchStore(workplace().home)
    most = replace(searches.load(search), trials=None).most_trials
    return max(0, most - _tried(search, searches.decisions(search)))


def _tried(search: str, decisions: Decisions) -> int:
    """So many trials have been begun."""
    return decisions.next_trial(run.trial or 0 for run in search_runs(search))


@asks(Action.EDIT)
def extend_search(search: str, more_trials: int) -> Search:
    """Have a search that has finished try further settings.

    The draws go on where they were. From now on the trials alone are its budget: what ended it
    before, minutes or patience, would end it again. If another setting wins, a closing study of
    its own tests it.

    Raises:
        NotFoundError: there is no search with this id.
        ConfigError: it would have too many trials or runs.
        RunStateError: it hasn't finished.
        QuotaError: the workspace may have no further run wait, or store nothing more.
    """
    if more_trials < 1:
        raise ConfigError(f"Add 1 trial or more. Received: {more_trials}")
    stores = workplace()
    searches = SearchStore(stores.home)
    with searches.alone(search):
        found, decisions = searches.load(search), searches.decisions(search)
        if decisions.status is not SearchStatus.FINISHED:
            raise RunStateError(
                f"The search {found.name!r} hasn't finished: more trials come after its end."
            )
        trials = _tried(search, decisions) + more_trials
        classes = max(2, len(named_dataset(found.dataset).classes))
        wider = replace(found, trials=trials, minutes=None, patience_trials=None)
        with counted_alone():
            check_may_queue()
            searches.save(check_search(wider, classes))
            searches.decide(search, decisions.reopened())
    ensure_supervisor(stores.home)
    return wider


@asks(Action.EDIT)
def rename_search(search: str, name: str) -> None:
    """Give a search another name.

    Raises:
        NotFoundError: there is no search with this id.
        BadInputError: the name is empty or too long.
    """
    if not 1 <= len(name.strip()) <= LONGEST_SEARCH or not name.strip().isprintable():
        raise BadInputError(
            f"A name needs 1 to {LONGEST_SEARCH} printable characters. Received: "
            f"{len(name.strip())}"
        )
    searches = SearchStore(workplace().home)
    with searches.alone(search):
        searches.rename(search, name.strip())


@asks(Action.EDIT)
def delete_search(search: str) -> None:
    """Delete a search with all of its runs and its closing study.

    Raises:
        NotFoundError: there is no search with this id.
        RunStateError: it goes on, or some of its runs wait or train.
    """
    stores = workplace()
    searches = SearchStore(stores.home)
    decisions = readable_decisions(searches, search)
    runs = search_runs(search)
    known = {study.id for study in stores.studies.list()}
    studies = known & {*decisions.earlier_studies, str(decisions.study)}
    all_runs = [*runs, *(run for study in studies for run in study_runs(study))]
    active = sum(not run.status.is_ended for run in all_runs)
    if decisions.status.is_live or active:
        raise RunStateError(
            f"The search {search_state(search).name!r} goes on, or some of its runs wait or train: "
            "stop it before you delete it."
        )
    for study in studies:
        delete_study(study)
    for run in runs:
        delete_run(run.id)
    delete_listed(
        stores.home.search(search), lambda stores: SearchStore(stores.home).delete(search)
    )


def _has_study(stores: Workplace, decisions: Decisions) -> bool:
    """Whether the closing study is there: a user may have deleted it."""
    listed = {study.id for study in stores.studies.list()} if decisions.study else set()
    return decisions.study in listed
