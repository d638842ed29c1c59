"""What light workers do for kinds other than training, as `plan.json` in the job's folder says.

waits       goes on until somebody cancels it, or until the file GO is there
ignores     is deaf to that, and says nothing
dies        in how many tries it kills itself
hangs       in how many tries it stops dead
fills       fills the disk up before it has anything to say
fails       how it ends instead, in words
"""

import contextlib
import os
import signal
import time
from dataclasses import replace

from cnnlab.domain.errors import BadInputError
from cnnlab.files import read_json
from cnnlab.jobs.kinds.answer_pictures import Answered
from cnnlab.jobs.kinds.keep import KeptInBucket
from cnnlab.jobs.kinds.predict import Predicted
from cnnlab.jobs.kinds.track import Tracked
from cnnlab.jobs.kinds.uploads import ImportAnswer
from cnnlab.jobs.table import KINDS
from cnnlab.worker.process.homes import home_of_work

ANSWERS = {
    "preflight": {"device": "light"},
    "lr_test": {"suggestion": 0.002},
    "crossfit": {"suspects": [], "folds": 5},
    "export": {"max_abs_difference": 0.0, "bytes": 1000},
    "bundle": {"max_abs_difference": None, "bytes": 1000},
    "guard": {"findings": [], "checked": []},
    "evaluate": {"split": "validation", "images": 10},
    "explain": {"pictures": [], "refused": []},
    "import": ImportAnswer("light"),
    "answer_pictures": Answered(0),
    "predict": Predicted(1, 0, {}),
    "track": Tracked(0),
    "keep": KeptInBucket(0, 0),
    "importance": {"trials": 20, "fields": {}},
    "units": {"runs": [], "left_out": []},
    "landscape": {"widths": [], "left_out": []},
    "inside": {"planes": {}, "validation": 10},
    "feature_maps": {"row": 0, "layers": []},
}


def take_the_place_of_all_kinds():
    """Have this process do light work for every kind but training."""
    for name, answer in ANSWERS.items():
        globals()[f"do_{name}"] = lambda work, answer=answer: _do(work, answer)
        KINDS[name] = replace(KINDS[name], function=f"{__name__}:do_{name}")


def _do(work, answer):
    path = work.files.folder / "plan.json"
    plan = read_json(path) if path.exists() else {}
    work.recorder.phase("Working")
    (work.files.folder / "workspace").write_text(home_of_work().workspace)
    with (work.files.folder / "tries").open("a") as file:
        file.write(f"{os.getpid()}\n")
    tries = len((work.files.folder / "tries").read_text().splitlines())
    if tries <= plan.get("dies", 0):
        os.kill(os.getpid(), signal.SIGKILL)
    if tries <= plan.get("hangs", 0):
        os.kill(os.getpid(), signal.SIGSTOP)
    work.recorder.progress(1, 2)
    while plan.get("waits") and not (work.files.folder / "GO").exists():
        work.recorder.beat()
        time.sleep(0.01)
    while plan.get("ignores"):
        time.sleep(0.01)
    if plan.get("fills"):
        _fill(work.files.folder)
    if plan.get("fails"):
        raise BadInputError(plan["fails"])
    return answer


def _fill(folder):
    ballast = folder.parent / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    (folder / "product").write_bytes(bytes(4096))
