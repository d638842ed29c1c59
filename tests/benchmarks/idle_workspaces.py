"""What a supervisor costs that has nothing to do, alone and with thirty workspaces.

    python tests/benchmarks/idle_workspaces.py [WORKSPACES] [TURNS] [ROUNDS] [--smoke]

CPU seconds of a minute's 600 rounds, alone and with 30 workspaces at rest, by turns. Goal: at most
1.5 times as much. `--smoke` takes two workspaces and 20 rounds.
"""

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from cnnlab.runner.devices import Capacity
from cnnlab.runner.executors.local import LocalExecutor
from cnnlab.runner.sharing.limits import Limits, RegisteredQuotas
from cnnlab.runner.sharing.served import Served
from cnnlab.runner.sharing.turns import Turns
from cnnlab.runner.supervisor import Supervisor
from cnnlab.storage.home import open_home
from cnnlab.storage.index.rebuild import open_index
from cnnlab.storage.people.register import open_register
from tests.benchmarks.options import read_options

WORKSPACES, TURNS, ROUNDS = 30, 5, 600
GOAL = 1.5


class Installation:
    """So many workspaces, and the rounds of their supervisor on a clock of ours."""

    def __init__(self, root: Path, workspaces: int) -> None:
        home = open_home(root)
        if workspaces:
            register = open_register(home)
            for number in range(workspaces):
                made = register.workspaces.add(f"Workspace {number}")
                open_index(open_home(root, made.id)).dispose()
            register.engine.dispose()
        executor = LocalExecutor(root, capacity=Capacity())
        self.now = 0.0
        self.served = Served(home, executor, clock=lambda: self.now)
        limits = Limits(RegisteredQuotas(home), clock=lambda: self.now)
        self.supervisor = Supervisor(
            self.served.workspaces, executor, Turns(home), limits, self.served.knows_all
        )

    def cpu_seconds(self, rounds: int) -> float:
        """Of so many rounds, 0.1 s apart."""
        began = time.process_time()
        for _ in range(rounds):
            self.served.look(set())
            self.supervisor.tick()
            self.served.settle()
            self.now += 0.1
        return time.process_time() - began


def main() -> None:
    workspaces, turns, rounds = read_options(
        __doc__, workspaces=(WORKSPACES, 2), turns=(TURNS, 1), rounds=(ROUNDS, 20)
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        alone = Installation(Path(folder) / "alone", 0)
        many = Installation(Path(folder) / "many", workspaces)
        for one in (alone, many):
            one.cpu_seconds(rounds // 2)  # until all are at rest
        found = [(alone.cpu_seconds(rounds), many.cpu_seconds(rounds)) for _ in range(turns)]
    least = [min(each) for each in zip(*found, strict=True)]
    print(f"{rounds} rounds alone: {least[0]:.3f} s, with {workspaces}: {least[1]:.3f} s")
    print(f"{least[1] / least[0]:.2f} times (goal: at most {GOAL})")


if __name__ == "__main__":
    main()
