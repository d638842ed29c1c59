"""Links: one thing of a workspace, to be looked at without an account."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from cnnlab.domain.people.records import Link, LinkKind
from cnnlab.storage.index.database import reading, writing
from cnnlab.storage.people.keys import hash_of, new_key
from cnnlab.storage.people.part import RegisterPart
from cnnlab.storage.people.schema import links
from cnnlab.storage.people.words import written


class Links(RegisterPart):
    """The links of a register."""

    def add(
        self,
        workspace: str,
        kind: LinkKind,
        object: str,
        *,
        made_by: str,
        expires_at: datetime | None = None,
    ) -> tuple[str, Link]:
        """Make a link.

        Args:
            workspace: id of the workspace in which the thing is.
            kind: what the thing is.
            object: its id.
            made_by: name of who makes it.
            expires_at: when it ends; None is never.

        Returns:
            Its secret, which is stored nowhere, and the link.
        """
        secret = new_key()
        link = Link(
            hash_of(secret),
            workspace,
            kind,
            object,
            made_by,
            written(self._clock()),
            None if expires_at is None else written(expires_at),
        )
        with writing(self._engine) as connection:
            connection.execute(insert(links).values(vars(link)))
        return secret, link

    def find(self, secret: str, *, even_ended: bool = False) -> Link | None:
        """What a secret lets somebody look at; None where it never was one, or has ended.

        Args:
            secret: as it was handed out.
            even_ended: find it, too, where it has ended.
        """
        with reading(self._engine) as connection:
            row = connection.execute(
                select(links).where(links.c.key_hash == hash_of(secret))
            ).first()
        if row is None:
            return None
        link = _link(row)
        return link if even_ended or not link.has_ended(written(self._clock())) else None

    def of_workspace(self, workspace: str) -> list[Link]:
        """All links of a workspace, the latest first; also those that have ended."""
        chosen = select(links).where(links.c.workspace == workspace)
        with reading(self._engine) as connection:
            found = connection.execute(chosen.order_by(links.c.created_at.desc()))
            return [_link(row) for row in found]

    def revoke(self, workspace: str, key_hash: str) -> bool:
        """End a link of a workspace; whether there was one."""
        chosen = links.c.workspace == workspace, links.c.key_hash == key_hash
        with writing(self._engine) as connection:
            ended = update(links).where(*chosen, links.c.revoked.is_(False))
            return connection.execute(ended.values(revoked=True)).rowcount == 1

    def revoke_of(self, made_by: str, workspace: str | None = None) -> int:
        """End all links that somebody made; how many there were.

        Args:
            made_by: their name.
            workspace: id of the one in which they made them; None is in all.
        """
        chosen = update(links).where(links.c.made_by == made_by, links.c.revoked.is_(False))
        if workspace is not None:
            chosen = chosen.where(links.c.workspace == workspace)
        with writing(self._engine) as connection:
            return connection.execute(chosen.values(revoked=True)).rowcount


def _link(row: Row[Any]) -> Link:
    return Link(**row._mapping)
