"""The register's tables, as they are today: what a new one is made of.

Whoever changes them adds a step to `cnnlab/storage/people/versions/` and raises `newest` at the end
of this file, as for those of `cnnlab/storage/index/schema.py`.
"""

from pathlib import Path

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    event,
    false,
)

from cnnlab.storage.migrations.layout import TEXT, Layout, add_version_tables

metadata = MetaData()

workspaces = Table(
    "workspaces",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("title", TEXT, nullable=False),
    Column("title_key", TEXT, nullable=False, unique=True),
    Column("created_at", TEXT, nullable=False),
    Column("disk_bytes", BigInteger),
    Column("queued_runs", Integer),
    Column("running_runs", Integer),
    Column("hours_a_day", Float),
)

people = Table(
    "people",
    metadata,
    Column("id", TEXT, primary_key=True),
    Column("name", TEXT, nullable=False),
    Column("name_key", TEXT, nullable=False, unique=True),
    Column("email", TEXT, unique=True),
    Column("password_hash", TEXT),
    Column("is_admin", Boolean, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=false()),
)

members = Table(
    "members",
    metadata,
    Column("workspace", TEXT, primary_key=True),
    Column("person", TEXT, primary_key=True),
    Column("role", TEXT, nullable=False),
    Index("members_by_person", "person"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("key_hash", TEXT, primary_key=True),
    Column("person", TEXT, nullable=False),
    Column("workspace", TEXT),
    Column("created_at", TEXT, nullable=False),
    Column("seen_at", TEXT, nullable=False),
    Column("address", TEXT, nullable=False),
    Column("revoked", Boolean, nullable=False, server_default=false()),
    Index("sessions_by_person", "person"),
)

links = Table(
    "links",
    metadata,
    Column("key_hash", TEXT, primary_key=True),
    Column("workspace", TEXT, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("object", TEXT, nullable=False),
    Column("made_by", TEXT, nullable=False),
    Column("created_at", TEXT, nullable=False),
    Column("expires_at", TEXT),
    Column("revoked", Boolean, nullable=False, server_default=false()),
    Index("links_by_workspace", "workspace"),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", TEXT, nullable=False),
    Column("person", TEXT, nullable=False),
    Column("workspace", TEXT, nullable=False),
    Column("what", TEXT, nullable=False),
    Column("object", TEXT, nullable=False),
    Column("address", TEXT, nullable=False),
    Column("outcome", TEXT, nullable=False),
    sqlite_autoincrement=True,
)

_KEPT = "the audit is only added to"
_APPEND_ONLY = {
    "sqlite": [
        f"CREATE TRIGGER audit_{word.lower()} BEFORE {word} ON audit "
        f"BEGIN SELECT RAISE(ABORT, '{_KEPT}'); END"
        for word in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_KEPT}'; END $$",
        "CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION keep_audit()",
    ],
}
for dialect, statements in _APPEND_ONLY.items():
    for statement in statements:
        trigger = DDL(statement)  # type: ignore[no-untyped-call]
        event.listen(audit, "after_create", trigger.execute_if(dialect=dialect))

add_version_tables(metadata)

REGISTER = Layout(
    metadata,
    newest=1,
    application_id=0x636E6E70,  # 'cnnp'
    folder=Path(__file__).parent,
    first_columns={
        "people": {"id", "name_key", "password_hash"},
        "workspaces": {"id", "title_key", "hours_a_day"},
    },
    otherwise="move it away, then try again; without a register nobody has an account",
    if_damaged="move it away and bring it back from a backup with `python -m cnnlab restore`",
)
