"""Bringing a server up to what there is to tell of a run, from wherever the last try ended.

What it has is noted after each part. Where a try ended between the two, the part is sent again, and
nothing is doubled: a run is found by its tag, which it has from its first moment; parameters, tags
and status are what they were; a point with the same time, step and value is the same point.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from cnnlab.domain.batches import in_batches
from cnnlab.tracking.content import Content
from cnnlab.tracking.outbox import ENDED, Sent
from cnnlab.tracking.server import (
    MOST_PARAMETERS,
    MOST_POINTS,
    GoneError,
    RemoteRun,
    TrackingServer,
)

Item = TypeVar("Item")
Keep = Callable[[Sent], None]
"""Takes what a server has now."""


def send(
    content: Content, sent: Sent, server: TrackingServer, keep: Keep, *, is_asked: bool = False
) -> Sent:
    """Tell a server what it doesn't know yet.

    Args:
        content: what there is.
        sent: what it has already.
        server: where to.
        keep: is given what it has after each part.
        is_asked: whether a run that was deleted there is to be made anew.

    Returns:
        What it has now.

    Raises:
        ServerAwayError: it takes nothing at the moment.
        RefusedError: it doesn't take this run; `GoneError` where it was deleted there.
    """
    remote, sent = _remote(content, sent, server, keep, is_asked=is_asked)
    for step in (_send_what_it_is, _send_numbers, _send_status, _send_files):
        sent = step(content, sent, server, remote, keep)
    return _noted(keep, sent, problem="") if sent.problem else sent


def _send_what_it_is(
    content: Content, sent: Sent, server: TrackingServer, remote: RemoteRun, keep: Keep
) -> Sent:
    if not sent.has_parameters:
        for part in in_batches(content.parameters.items(), MOST_PARAMETERS):
            server.log(remote.id, parameters=dict(part))
        sent = _noted(keep, sent, has_parameters=True)
    gone = dict.fromkeys(sent.tags.keys() - content.tags.keys(), "")
    told = {**gone, **content.tags}
    tags = {name: text for name, text in told.items() if sent.tags.get(name) != text}
    if not tags:
        return sent
    server.log(remote.id, tags=tags)
    return _noted(keep, sent, tags={**sent.tags, **tags})


def _send_numbers(
    content: Content, sent: Sent, server: TrackingServer, remote: RemoteRun, keep: Keep
) -> Sent:
    if len(content.history) <= sent.epochs:
        return sent
    for part in in_batches(content.points(sent.epochs, remote.started_ms), MOST_POINTS):
        server.log(remote.id, points=part)
    return _noted(keep, sent, epochs=len(content.history))


def _send_status(
    content: Content, sent: Sent, server: TrackingServer, remote: RemoteRun, keep: Keep
) -> Sent:
    """Before the files, whose store may be another machine: no run is left to run there."""
    if sent.status == content.status:
        return sent
    if content.status in ENDED:
        for part in in_batches(content.kept_points(remote.started_ms), MOST_POINTS):
            server.log(remote.id, points=part)
    server.set_status(remote.id, content.status, content.ended_ms)
    return _noted(keep, sent, status=content.status)


def _send_files(
    content: Content, sent: Sent, server: TrackingServer, remote: RemoteRun, keep: Keep
) -> Sent:
    for file in content.files:
        state = file.state()
        if state and sent.files.get(file.name) != state:
            server.upload(remote.id, file.path, file.folder)
            sent = _noted(keep, sent, files={**sent.files, file.name: state})
    return sent


def _noted(keep: Keep, sent: Sent, **changes: Any) -> Sent:  # noqa: ANN401 - fields of Sent
    after = replace(sent, **changes)
    keep(after)
    return after


def _remote(
    content: Content, sent: Sent, server: TrackingServer, keep: Keep, *, is_asked: bool
) -> tuple[RemoteRun, Sent]:
    """The run at the server: the one that is known, else found by its tag, else a new one."""
    if sent.run is not None:
        try:
            return server.see_run(sent.run), sent
        except GoneError:
            if not is_asked:
                raise
            sent = Sent(sent.subject, sent.address)
    name, tag = content.experiment
    experiment = server.experiment(name, tag)
    remote = server.find_run(experiment, content.tag) or server.create_run(
        experiment, content.name, content.started_ms, dict([content.tag])
    )
    sent = replace(sent, run=remote.id, experiment=experiment)
    keep(sent)
    return remote, sent
