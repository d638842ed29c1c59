"""The register of an installation: one database for all that is known of its people.

A SQLite file in the root home, or the schema `cnnlab_people` of the PostgreSQL database that
`CNNLAB_DATABASE` names. It is made when somebody is added first; without it everybody is the one
who started the app.
"""

from dataclasses import dataclass

from sqlalchemy import Engine

from cnnlab.storage.home import Home
from cnnlab.storage.index.database import open_database
from cnnlab.storage.people.accounts import Accounts
from cnnlab.storage.people.audit import Audit
from cnnlab.storage.people.links import Links
from cnnlab.storage.people.schema import REGISTER
from cnnlab.storage.people.sessions import Sessions
from cnnlab.storage.people.words import Clock, now
from cnnlab.storage.people.workspaces import Workspaces, add_default

SCHEMA = "cnnlab_people"


@dataclass(frozen=True)
class Register:
    """What is known of people.

    Attributes:
        home: of the installation.
        engine: its database.
        accounts: who may come in.
        workspaces: where they are members.
        sessions: who is in.
        links: what may be looked at without an account.
        audit: who did what.
    """

    home: Home
    engine: Engine
    accounts: Accounts
    workspaces: Workspaces
    sessions: Sessions
    links: Links
    audit: Audit


def open_register(home: Home, address: str | None = None, clock: Clock = now) -> Register:
    """Open the register, made if it isn't there; one of an earlier version is brought up.

    Args:
        home: the root home of the installation.
        address: as for `open_database`.
        clock: says what time it is.

    Raises:
        ForeignDatabaseError: it is another program's or of a later version of cnnlab.
        StorageError: it is damaged or can't be opened; the message says what to do.
    """
    engine = open_database(home.people, address, add_default, layout=REGISTER, schema=SCHEMA)
    return Register(
        home,
        engine,
        Accounts(engine, clock),
        Workspaces(engine, clock),
        Sessions(engine, clock),
        Links(engine, clock),
        Audit(engine, clock),
    )
