"""The user and password of one server are told to no other, whoever is asked in between."""

import os
import sys
import types

import pytest

from cnnlab.tracking.destination import Destination
from cnnlab.tracking.mlflow_server import MlflowServer
from cnnlab.tracking.server import ServerAwayError

NAMES = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")


class Client:
    """Reads user and password at each call, as MLflow's does, and is refused."""

    told: list

    def __init__(self, tracking_uri):
        self.address = tracking_uri

    def get_run(self, _):
        self.told.append((self.address, *map(os.environ.get, NAMES)))
        raise ConnectionRefusedError


@pytest.fixture(autouse=True)
def told(monkeypatch):
    mlflow = types.ModuleType("mlflow")
    mlflow.MlflowClient = Client
    mlflow.exceptions = types.ModuleType("mlflow.exceptions")
    mlflow.exceptions.MlflowException = type("MlflowException", (Exception,), {})
    monkeypatch.setitem(sys.modules, "mlflow", mlflow)
    monkeypatch.setitem(sys.modules, "mlflow.exceptions", mlflow.exceptions)
    monkeypatch.setattr(Client, "told", [], raising=False)
    for name in list(os.environ):
        if name.startswith("MLFLOW_"):
            monkeypatch.delenv(name)
    yield Client.told
    for name in [name for name in os.environ if name.startswith("MLFLOW_")]:
        del os.environ[name]


def ask(*servers):
    for server in servers:
        with pytest.raises(ServerAwayError):
            server.see_run("r")


def test_a_server_is_told_its_own_and_the_next_one_nothing(told):
    ask(
        MlflowServer(Destination("http://a", "alice", "secret")),
        MlflowServer(Destination("http://b")),
    )
    assert told == [("http://a", "alice", "secret"), ("http://b", None, None)]
    assert not os.environ.keys() & set(NAMES)


def test_two_servers_in_turn_are_told_their_own_each_time(told):
    a = MlflowServer(Destination("http://a", "alice", "secret"))
    b = MlflowServer(Destination("http://b", "bob", ""))
    ask(a, b, a)
    assert [each[1:] for each in told] == [("alice", "secret"), ("bob", ""), ("alice", "secret")]


def test_what_the_user_has_set_holds_for_servers_without_their_own_and_stays(told, monkeypatch):
    for name, value in zip(NAMES, ("me", "mine"), strict=True):
        monkeypatch.setenv(name, value)
    ask(
        MlflowServer(Destination("http://a", "alice", "secret")),
        MlflowServer(Destination("http://b")),
    )
    assert [each[1:] for each in told] == [("alice", "secret"), ("me", "mine")]
    assert [os.environ[name] for name in NAMES] == ["me", "mine"]
