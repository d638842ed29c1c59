"""An MLflow server, by MLflow's own client; the only importer of `mlflow`.

It is loaded with the first server, in the process that sends: never in the app's.
"""

import contextlib
import logging
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cnnlab.tracking.destination import Destination
from cnnlab.tracking.server import GoneError, Point, RefusedError, RemoteRun, ServerAwayError

TIMEOUT_SECONDS = 10
"""For each answer."""

_ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",  # it reports to its makers otherwise
    "DO_NOT_TRACK": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",  # the outbox tries again
    "MLFLOW_HTTP_REQUEST_TIMEOUT": str(TIMEOUT_SECONDS),
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
_ITS_OWN_FAULT = {
    "INVALID_PARAMETER_VALUE",
    "BAD_REQUEST",
    "INVALID_STATE",
    "RESOURCE_ALREADY_EXISTS",
    "RESOURCE_CONFLICT",
    "REQUEST_LIMIT_EXCEEDED",
}
_TRAINING_RUNS = ("mlflow.experimentKind", "custom_model_development")
"""Has MLflow's page show the runs of an experiment, and not the traces of a chat."""

_STATUS_NUMBER = re.compile(r"(?:error code |too many )(\d{3})\b")

_CREDENTIAL_NAMES = ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD")
_CREDENTIALS = f": see to {' and '.join(_CREDENTIAL_NAMES)}, then start the app again"
_ADVICE = {
    "401": _CREDENTIALS,
    "403": _CREDENTIALS,
    "404": ": it isn't MLflow's, or its path is wrong",
}
"""By the number of an answer."""

_AWAY = {
    frozenset({"ConnectTimeoutError", "ReadTimeoutError", "TimeoutError"}): (
        f"the server doesn't answer within {TIMEOUT_SECONDS} s"
    ),
    frozenset({"ConnectionRefusedError"}): "the server refuses the connection",
    frozenset({"NameResolutionError", "gaierror"}): "the server's name isn't known",
    frozenset({"ProtocolError", "ConnectionResetError", "BrokenPipeError"}): (
        "the server closes the connection"
    ),
}
"""By the names of errors that are among the causes: those of several packages."""


class MlflowServer:
    """A `TrackingServer` that is MLflow's.

    Args:
        destination: where it is.
    """

    def __init__(self, destination: Destination) -> None:
        os.environ.update(_ENVIRONMENT)
        from mlflow import MlflowClient

        logging.getLogger("urllib3").setLevel(logging.ERROR)
        self._destination = destination
        with _known_as(destination):
            self._client = MlflowClient(tracking_uri=destination.address)

    @contextlib.contextmanager
    def _call(self) -> Iterator[None]:
        with _known_as(self._destination), _in_words():
            yield

    def experiment(self, name: str, tag: tuple[str, str]) -> str:
        """See `TrackingServer`."""
        with self._call():
            found = self._client.search_experiments(filter_string=_has(tag), max_results=1)
            if found:
                return str(found[0].experiment_id)
            named = self._client.get_experiment_by_name(name)
        if named is None:
            with self._call():
                return str(self._client.create_experiment(name, tags=dict([tag, _TRAINING_RUNS])))
        if named.lifecycle_stage == "deleted":
            raise RefusedError(
                f"its experiment {name!r} was deleted there: restore it, or delete it for good"
            )
        return str(named.experiment_id)

    def find_run(self, experiment: str, tag: tuple[str, str]) -> RemoteRun | None:
        """See `TrackingServer`."""
        with self._call():
            found = self._client.search_runs([experiment], filter_string=_has(tag), max_results=1)
        return _remote(found[0]) if found else None

    def see_run(self, run: str) -> RemoteRun:
        """See `TrackingServer`."""
        with self._call():
            found = self._client.get_run(run)
        if found.info.lifecycle_stage == "deleted":
            raise GoneError("it was deleted there")
        return _remote(found)

    def create_run(
        self, experiment: str, name: str, started_ms: int, tags: Mapping[str, str]
    ) -> RemoteRun:
        """See `TrackingServer`."""
        with self._call():
            made = self._client.create_run(experiment, started_ms, dict(tags), name)
        return _remote(made)

    def log(
        self,
        run: str,
        *,
        parameters: Mapping[str, str] = {},
        points: Sequence[Point] = (),
        tags: Mapping[str, str] = {},
    ) -> None:
        """See `TrackingServer`."""
        from mlflow.entities import Metric, Param, RunTag

        with self._call():
            self._client.log_batch(
                run,
                metrics=[Metric(each.name, each.value, each.at_ms, each.step) for each in points],
                params=[Param(name, value) for name, value in parameters.items()],
                tags=[RunTag(name, value) for name, value in tags.items()],
            )

    def set_status(self, run: str, status: str, ended_ms: int | None) -> None:
        """See `TrackingServer`."""
        with self._call():
            if ended_ms is None:
                self._client.update_run(run, status=status)
            else:
                self._client.set_terminated(run, status, ended_ms)

    def upload(self, run: str, file: Path, folder: str) -> None:
        """See `TrackingServer`."""
        with self._call():
            self._client.log_artifact(run, str(file), folder)


def _remote(run: Any) -> RemoteRun:  # noqa: ANN401 - MLflow's
    return RemoteRun(str(run.info.run_id), int(run.info.start_time))


def _has(tag: tuple[str, str]) -> str:
    """A filter; our ids hold no quotes."""
    return f"tags.`{tag[0]}` = '{tag[1]}'"


@contextlib.contextmanager
def _known_as(destination: Destination) -> Iterator[None]:
    """Have the client take the user and password of this server's address, for this call alone.

    It reads them from the environment at each call, where others must not find them: no other
    server is told them, and what the user has set there holds for servers without their own.
    """
    own = dict(zip(_CREDENTIAL_NAMES, (destination.user, destination.password), strict=True))
    before = {name: os.environ.get(name) for name in own}
    if destination.user:
        os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """Turn what the client raises into one of ours."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        code = getattr(error, "error_code", "")
        if code == "RESOURCE_DOES_NOT_EXIST":
            raise GoneError("it isn't there any more") from error
        if code in _ITS_OWN_FAULT:
            raise RefusedError(f"the server refuses it: {_first_line(error)}") from error
        raise ServerAwayError(_why_away(error)) from error
    except Exception as error:  # of a file store's client, or of the network below it
        raise ServerAwayError(_why_away(error)) from error


def _why_away(error: BaseException) -> str:
    """Why the server can't be used, as `the server ...`."""
    causes = list(_chain(error))
    for found in filter(None, map(_STATUS_NUMBER.search, map(str, causes))):
        number = found.group(1)
        return f"the server answers {number}{_ADVICE.get(number, '')}"
    kinds = {type(cause).__name__ for cause in causes}
    for names, words in _AWAY.items():
        if kinds & names:
            return words
    if "valid JSON" in str(error):
        return "the server doesn't answer as MLflow's does: is the address right?"
    return f"the server can't be used ({type(causes[-1]).__name__}: {_first_line(causes[-1])})"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:200].rstrip(".")
