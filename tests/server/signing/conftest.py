"""Two people with accounts and a workspace each, and browsers of theirs."""

from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.testclient import TestClient

from cnnlab.domain.people.person import Role
from cnnlab.lab.access.register import register
from cnnlab.server.access import TOKEN_HEADER, access_token
from cnnlab.server.door.place import Place
from cnnlab.server.routes import middleware, mounted
from cnnlab.storage.people import passwords

PASSWORD = "correct horse"
PLACE = Place("127.0.0.1", 8501)
ORIGIN = {"Origin": "http://127.0.0.1:8501"}
PAGE = {"Accept": "text/html,*/*", "Sec-Fetch-Dest": "document"}


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch):
    """What a password costs is tested where it is computed."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(1, 8, 1))
    monkeypatch.setattr(passwords, "_of_nobody", "")


@pytest.fixture
def password_mode(home, monkeypatch):
    monkeypatch.setenv("CNNLAB_AUTH", "password")
    return home


@pytest.fixture
def people(password_mode):
    """Ada, who is the admin and owns `default`, and Ben, who owns another workspace."""
    known = register()
    ada = known.accounts.add("Ada", password=PASSWORD).person
    ben = known.accounts.add("Ben", password=PASSWORD, email="ben@uni.example").person
    lab_of_ben = known.workspaces.add("Ben's lab", owner=ben.id)
    return SimpleNamespace(ada=ada, ben=ben, workspace=lab_of_ben.id, register=known)


@pytest.fixture
def share(people):
    """Have Ben come into `default` as well."""
    people.register.workspaces.set_role("default", people.ben.id, Role.VIEWER)


@pytest.fixture
def browser(password_mode):
    """Makes browsers, each with cookies of its own, at an address of its own."""
    opened = []

    def open_browser(at="192.0.2.7", place=PLACE, base="http://127.0.0.1:8501"):
        app = Starlette(routes=mounted(place.base_path), middleware=middleware(place, ["runs"]))
        client = TestClient(app, base_url=base, follow_redirects=False, client=(at, 4000))
        client.headers[TOKEN_HEADER] = access_token()
        opened.append(client)
        return client.__enter__()

    yield open_browser
    for client in opened:
        client.__exit__(None, None, None)


def sign_in(client, name, password=PASSWORD, **fields):
    given = {"name": name, "password": password, **fields}
    return client.post("/api/sign-in", data=given, headers=ORIGIN)


def noted(known, what):
    """What the audit says of something: who, to what, how it ended, from where."""
    return [
        (entry.person, entry.object, entry.outcome, entry.address)
        for entry in known.audit.all()
        if entry.what == what
    ]
