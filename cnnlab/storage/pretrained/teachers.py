"""Which runs trained the weights that a run gives away, as far back as that is known."""

from cnnlab.domain.data.seen import Teacher
from cnnlab.storage.attempts.run_file import load_run_file
from cnnlab.storage.home import Home
from cnnlab.storage.pretrained.start import read_teachers


def teachers_of(home: Home, run: str) -> tuple[Teacher, ...]:
    """The run itself, then those that trained what it began with: it keeps them, if they are gone.

    A fork has the images of its parent, which therefore needn't be told.

    Raises:
        StorageError: the run's folder is gone or damaged.
    """
    folder = home.runs / run
    known = load_run_file(folder)
    split = known["config"].get("split", {})
    itself = Teacher(known["id"], known["name"], known["dataset"], split)
    return (itself, *read_teachers(folder))
