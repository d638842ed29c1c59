"""How a study came out, in a line, for lists of studies."""

import functools
from collections.abc import Sequence
from pathlib import Path

from cnnlab.documents.story.verdicts import headline
from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.people.person import Action
from cnnlab.domain.run import Run
from cnnlab.domain.study import Kind, Study
from cnnlab.lab.access.authorize import asks
from cnnlab.lab.study.effects import worth_of
from cnnlab.lab.study.looks import can_claim, is_run_out, state_of, would_be_look
from cnnlab.lab.study.studies import runs_by_arm
from cnnlab.lab.study.view import view_study
from cnnlab.lab.workplace import workplace
from cnnlab.study.kinds.worth_wording import worth_label
from cnnlab.study.verdicts import Verdict

TOO_FEW, NOT_LOOKED = "too few runs for a verdict", "open it for its verdicts"


@asks(Action.VIEW)
def study_outcome(study: Study, of_study: Sequence[Run]) -> str:
    """The verdicts in one line; empty while runs wait or train.

    To read it is a look, like the study's own page. Of a study that was stopped halfway nothing is
    told that nobody has looked at yet: a list that is only passed by would spend of its level.

    Args:
        study: as it is stored.
        of_study: its runs.
    """
    if not of_study or not all(run.status.is_ended for run in of_study):
        return ""
    runs = runs_by_arm(study, of_study)
    if not can_claim(runs):
        return TOO_FEW
    if would_be_look(study, runs) and not is_run_out(study, runs):
        return NOT_LOOKED
    return _outcome(workplace().home.root, study.id, state_of(runs))


@functools.lru_cache(maxsize=512)
def _outcome(_home: Path, study: str, _state: str) -> str:
    """Of one state of the runs that count, which doesn't change any more."""
    view = view_study(study)
    judged = {
        name: found
        for name, found in view.verdicts.items()
        if found.verdict is not Verdict.REFERENCE
    }
    said = headline(view.study, judged)
    if view.study.kind is Kind.WORTH:
        try:
            worth = worth_of(view)
        except CnnlabError:  # its dataset is gone, its verdicts are not
            return said
        if worth and worth.headline:
            return f"{said}; {worth_label(worth.headline, worth)}"
    return said
