"""The study that ends a search: its winner trains again beside the start setting, fresh seeds."""

from cnnlab.domain.search import Search, Trial
from cnnlab.domain.study import MARGINS, Arm, Study, check_study

START, WINNER = "start", "winner"
"""Names of the two arms."""


def is_start(search: Search, trial: Trial) -> bool:
    """Whether a trial is the start setting, by whatever number."""
    return trial.number == 0 or search.config(trial.values, 0) == search.config({}, 0)


def closing_study(search: Search, winner: Trial, study: str, created_at: str) -> Study:
    """What tells whether the winner is better than the start setting, or was lucky.

    Its seeds are those after the search's: no trial was chosen by them.

    Args:
        search: whose winner it is.
        winner: a trial other than the start setting.
        study: id of the study.
        created_at: ISO 8601, UTC.

    Raises:
        ConfigError: the study isn't possible.
    """
    first = max(search.seeds) + 1
    return check_study(
        Study(
            id=study,
            name=f"Winner against start · {search.name}",
            dataset=search.dataset,
            base=search.base,
            arms=(Arm(START, {}), Arm(WINNER, dict(winner.values))),
            seeds=tuple(range(first, first + search.confirm_seeds)),
            primary=search.metric,
            margin=MARGINS[search.metric][1],
            created_at=created_at,
        )
    )
