"""PostgreSQL as it is used here: the address in `CNNLAB_DATABASE`, and connections to it."""

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError

from cnnlab.domain.errors import StorageError
from cnnlab.storage.index.sqlite import to_json
from cnnlab.storage.migrations.layout import Layout

DATABASE_VARIABLE = "CNNLAB_DATABASE"
_CONNECT_SECONDS = 10

_KEPT_OPEN, _AT_ONCE = 1, 15
"""Connections of one workspace in one process, while nobody needs them and at most: a server has
100 for all, by default."""


def connect_to_server(address: str, layout: Layout, schema: str = "") -> Engine:
    """Connections to a PostgreSQL database; none is made yet.

    Args:
        address: SQLAlchemy URL.
        layout: the tables that are meant.
        schema: the only one whose tables are seen; empty leaves that to the server.

    Raises:
        StorageError: the address can't be read, or the driver is missing.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = URL.create("unreadable")
    if url.get_backend_name() not in ("postgresql", "postgres") or "@" in (url.host or ""):
        raise StorageError(
            f"{DATABASE_VARIABLE} must be like postgresql+psycopg://user:password@host/database, "
            "with @ : / # % in the password written as %40 %3A %2F %23 %25."
        )
    try:
        return create_engine(
            url.set(drivername="postgresql+psycopg", query=_query(url, schema)),
            pool_pre_ping=True,
            pool_size=_KEPT_OPEN,
            max_overflow=_AT_ONCE - _KEPT_OPEN,
            json_serializer=to_json,
            execution_options={"layout": layout},
        )
    except ImportError as error:
        raise StorageError(
            f'{DATABASE_VARIABLE} needs the driver of PostgreSQL: pip install "psycopg[binary]".'
        ) from error


def _query(url: URL, schema: str) -> dict[str, str | tuple[str, ...]]:
    """What a connection is asked for, beside what the address says itself."""
    query = {"connect_timeout": str(_CONNECT_SECONDS)} | dict(url.query)
    if schema:
        given = url.query.get("options", "")
        given = given if isinstance(given, str) else " ".join(given)
        query["options"] = f"{given} -c search_path={schema}".strip()
    return query
