"""Bringing the tables of an earlier version up to the newest one, by Alembic.

Alembic is only loaded where there is something to do: it takes half a second.
"""

from typing import TYPE_CHECKING

from sqlalchemy import Connection

from cnnlab.storage.migrations.layout import Layout
from cnnlab.storage.migrations.numbers import write_number

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext, MigrationStep


def upgrade(connection: Connection, layout: Layout) -> None:
    """Take all steps that a database hasn't seen, within the connection's transaction.

    Args:
        connection: in a transaction that nobody else changes tables in at the same time.
        layout: what it has to be.
    """
    from alembic.config import Config  # noqa: PLC0415 - see above
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.runtime.migration import MigrationStep  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    script = ScriptDirectory(str(layout.folder))

    def steps(seen: str | tuple[str, ...] | None, _: "MigrationContext") -> list["MigrationStep"]:
        missing = list(script.iterate_revisions("head", seen, implicit_base=True))
        step = MigrationStep.upgrade_from_script
        return [step(script.revision_map, revision) for revision in reversed(missing)]

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()
    write_number(connection, layout)
