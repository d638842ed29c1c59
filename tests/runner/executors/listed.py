"""The executors over which the contract suite runs: a new one is one line here.

Each is made with the home folder, the worker's module and `capacity`.
"""

from cnnlab.runner.executors.local import LocalExecutor
from tests.runner.executors.node import NodeExecutor

EXECUTORS = {"local": LocalExecutor, "node": NodeExecutor}
