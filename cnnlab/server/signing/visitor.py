"""Who sends a request: somebody with a session, somebody whom a proxy names, or nobody."""

import asyncio
import os
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from cnnlab import lab
from cnnlab.domain.errors import SignInError
from cnnlab.lab.access.acting import Acting
from cnnlab.lab.access.sessions import acting_of, recently_acting
from cnnlab.lab.access.signing_in import (
    note_foreign_header,
    note_forged_session,
    session_by_proxy,
)
from cnnlab.server.door.peers import came_from, is_among, named_peers, peer_address
from cnnlab.server.door.refusal import NOT_ADMITTED, NOT_BY_PROXY, UNNAMED, Refusal
from cnnlab.server.signing.cookie import brought_keys

PROXY_HEADER = "CNNLAB_PROXY_HEADER"
_USUAL_HEADER = "X-Forwarded-User"


@dataclass(frozen=True)
class Visitor:
    """Who comes.

    Attributes:
        key: of their session; empty without one.
        acting: who they are; None where nobody is known.
        refusal: why they won't get in whatever they do; None where they may sign in.
    """

    key: str = ""
    acting: Acting | None = None
    refusal: Refusal | None = None


async def who_comes(connection: HTTPConnection) -> Visitor:
    """Find out who sends a request or opens a WebSocket."""
    if lab.auth() is lab.Auth.PROXY:
        return await _named_by_proxy(connection)
    keys, has_forged = brought_keys(connection)
    if has_forged:
        await asyncio.to_thread(note_forged_session, came_from(connection))
    for key in keys:
        acting = await still_acting(key)
        if acting:
            return Visitor(key, acting)
    return Visitor()


async def still_acting(key: str) -> Acting | None:
    """Who a session stands for; None once it has ended."""
    known, acting = recently_acting(key)
    return acting if known else await asyncio.to_thread(acting_of, key)


def proxy_header() -> str:
    """The header by which a proxy says whom it has let in, as `CNNLAB_PROXY_HEADER` says."""
    return os.environ.get(PROXY_HEADER, "").strip() or _USUAL_HEADER


async def _named_by_proxy(connection: HTTPConnection) -> Visitor:
    brought = connection.headers.getlist(proxy_header())
    if not is_among(peer_address(connection), named_peers()):
        if brought:
            await asyncio.to_thread(note_foreign_header, peer_address(connection))
        return Visitor(refusal=NOT_BY_PROXY)
    if len(brought) != 1 or not brought[0].strip():
        return Visitor(refusal=UNNAMED)
    try:
        name = brought[0].encode("latin-1").decode()
        key = await asyncio.to_thread(session_by_proxy, name.strip(), came_from(connection))
    except SignInError as error:
        return Visitor(refusal=NOT_ADMITTED._replace(words=str(error)))
    except ValueError:  # no UTF-8
        return Visitor(refusal=UNNAMED)
    return Visitor(key, await still_acting(key))
