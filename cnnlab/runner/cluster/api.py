"""What is asked of a Ray cluster: its Jobs API and its lists of nodes, over HTTP.

Plain HTTP, not Ray's own client: that one would bring 300 MB of packages and Ray's version into the
app's environment, and a second and 80 MB into the supervisor, to send the same five requests. So
nothing of Ray is installed here, and the nodes' Ray may be newer than anything this machine has.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage
from typing import IO, Any

from cnnlab.domain.errors import OutOfReachError
from cnnlab.runner.cluster.address import TOKEN, TOKEN_PATH, Address

ANSWER_SECONDS = 12.0
"""A dashboard that says nothing for so long counts as out of reach; a busy one takes seconds, and
one whose head's agent is missing says so after ten."""

_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_ACTIVE = ("PENDING", "RUNNING")
_MOST_NODES = 10_000


@dataclass(frozen=True)
class Submission:
    """What Ray knows of a job.

    Attributes:
        status: in Ray's words: PENDING, RUNNING, STOPPED, SUCCEEDED or FAILED.
        exit_code: of its process, where Ray saw that end.
        node: id of the node that it is on; empty before.
        message: what Ray says of it.
    """

    status: str
    exit_code: int | None = None
    node: str = ""
    message: str = ""

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs, for all Ray knows."""
        return self.status in _ACTIVE

    @property
    def was_seen_to_end(self) -> bool:
        """Whether Ray has seen its process end, rather than lost sight of it."""
        return self.exit_code is not None or self.status == "STOPPED"


class RayApi:
    """Asks one cluster.

    Args:
        address: where it is, and what opens it.
        seconds: how long to wait for an answer.
    """

    def __init__(self, address: Address, seconds: float = ANSWER_SECONDS) -> None:
        self.address = address
        self._seconds = seconds
        # No proxy gets to see the token, nor anybody to whom an answer would send us on.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _StayHere())

    def see_door(self) -> None:
        """See that the cluster lets us in, and nobody who has no token.

        Raises:
            OutOfReachError: it doesn't answer, refuses our token, or asks nobody for one.
        """
        status, _ = self._asked("GET", "/api/jobs/", with_token=False)
        if status == HTTPStatus.OK:
            raise OutOfReachError(
                f"The cluster at {self.address.url} does whatever anybody asks of it: start Ray "
                "with RAY_AUTH_MODE=token on every node, then try again. Nothing is sent to it."
            )
        self._answer("GET", "/api/version")

    def submit(self, asked: Mapping[str, Any]) -> bool:
        """Hand a job over; False means that there is one of this id already.

        Args:
            asked: as Ray's `JobSubmitRequest` has it, with a `submission_id`.

        Raises:
            OutOfReachError: there is no answer, or a refusal; it may have been taken all the same.
        """
        status, answer = self._asked("POST", "/api/jobs/", asked)
        if status != HTTPStatus.OK and "already exists" in answer:
            return False
        self._see(status, answer)
        return True

    def find(self, submission: str) -> Submission | None:
        """What Ray knows of a job; None where it knows of none, such as after the head's restart.

        Raises:
            OutOfReachError: there is no answer, or a refusal.
        """
        status, answer = self._asked("GET", f"/api/jobs/{submission}")
        if status == HTTPStatus.NOT_FOUND:
            return None
        found = self._json(status, answer)
        return Submission(
            str(found["status"]),
            found.get("driver_exit_code"),
            found.get("driver_node_id") or "",
            found.get("message") or "",
        )

    def submissions(self) -> dict[str, Submission]:
        """All jobs that Ray knows of, by id; those of others among them.

        Raises:
            OutOfReachError: there is no answer, or a refusal.
        """
        return {
            row["submission_id"]: Submission(
                str(row["status"]), row.get("driver_exit_code"), row.get("driver_node_id") or ""
            )
            for row in self._answer("GET", "/api/jobs/")
            if row.get("submission_id")
        }

    def stop(self, submission: str) -> None:
        """Have a job ended: a signal, and three seconds later a stronger one. None there is fine.

        Raises:
            OutOfReachError: there is no answer, or a refusal.
        """
        status, answer = self._asked("POST", f"/api/jobs/{submission}/stop")
        if status != HTTPStatus.NOT_FOUND:
            self._see(status, answer)

    def nodes(self) -> list[dict[str, Any]]:
        """The nodes that Ray knows of, dead ones among them, as its State API lists them.

        Raises:
            OutOfReachError: there is no answer, or a refusal.
        """
        path = f"/api/v0/nodes?detail=true&limit={_MOST_NODES}"
        return list(self._answer("GET", path)["data"]["result"]["result"])

    def usage(self) -> dict[str, dict[str, list[float]]]:
        """By node id and resource (`CPU`, `GPU`, `memory`): what is taken, and all there is.

        Raises:
            OutOfReachError: there is no answer, or a refusal.
        """
        told = self._answer("GET", "/api/cluster_status")["data"]["clusterStatus"] or {}
        return (told.get("loadMetricsReport") or {}).get("usageByNode") or {}

    def _answer(self, method: str, path: str) -> Any:  # noqa: ANN401 - any JSON value
        return self._json(*self._asked(method, path))

    def _json(self, status: int, answer: str) -> Any:  # noqa: ANN401 - any JSON value
        self._see(status, answer)
        try:
            return json.loads(answer)
        except ValueError as error:
            raise OutOfReachError(
                f"What answers at {self.address.url} is no Ray dashboard: see CNNLAB_CLUSTER."
            ) from error

    def _see(self, status: int, answer: str) -> None:
        if status in _REFUSED:
            raise OutOfReachError(
                f"The cluster at {self.address.url} refuses the token: put that of its nodes into "
                f"{TOKEN}, or into the file that {TOKEN_PATH} names, and start the app again."
            )
        if status != HTTPStatus.OK:
            last = answer.strip().splitlines()[-1:] or [""]
            raise OutOfReachError(
                f"The cluster at {self.address.url} can't do it (HTTP {status}): {last[0][:300]}"
            )

    def _asked(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        with_token: bool = True,
    ) -> tuple[int, str]:
        """Status and text of the answer."""
        headers = {"Content-Type": "application/json"}
        if with_token and self.address.token:
            headers["Authorization"] = f"Bearer {self.address.token}"
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.address.url + path, data=content, headers=headers, method=method
        )
        try:
            with self._opener.open(request, timeout=self._seconds) as answer:
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode("utf-8", "replace")
        except (OSError, HTTPException) as error:
            why = getattr(error, "reason", error)
            raise OutOfReachError(
                f"The cluster at {self.address.url} doesn't answer ({why}): see that its head runs "
                "and can be reached from here."
            ) from error


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the answer that would send us on is the answer."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str,
        headers: HTTPMessage, newurl: str,
    ) -> None:  # fmt: skip
        """Nowhere."""
