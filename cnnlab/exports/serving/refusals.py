"""Why a request isn't answered as it wished: a status of HTTP and one sentence."""

from collections.abc import Mapping

from starlette.responses import JSONResponse


class RefusedError(Exception):
    """A request can't be answered.

    Args:
        status: of HTTP.
        words: one sentence: what is wrong, with its legal range, and what to do.
        retry_seconds: after which asking again makes sense; None where it doesn't.
    """

    def __init__(self, status: int, words: str, retry_seconds: int | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.words = words
        self.retry_seconds = retry_seconds

    @property
    def headers(self) -> dict[str, str]:
        """What belongs to its status."""
        if self.status == 401:
            return {"WWW-Authenticate": "Bearer"}
        return {} if self.retry_seconds is None else {"Retry-After": str(self.retry_seconds)}


def refusal(status: int, words: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer that says so."""
    return JSONResponse({"problem": words}, status, headers)
