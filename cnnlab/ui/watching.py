"""What is watched on a page: a job, until it has ended, and parts that look again by themselves."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import streamlit as st

from cnnlab.domain.errors import CnnlabError, NotFoundError
from cnnlab.ui.changing import for_editors
from cnnlab.ui.text import escaped

_POLL_SECONDS = 0.5

Found = TypeVar("Found")


def found_at_first(found: Found, look: Callable[[], Found]) -> Callable[[], Found]:
    """A look that answers at first what the page has found: nothing is looked up twice to draw it.

    Args:
        found: kept until the first answer.
        look: asked from the second time on, when a part of the page is drawn again by itself.
    """
    left = [found]
    return lambda: left.pop() if left else look()


class Watched(Protocol):
    """What is read of a job, see `cnnlab.jobs.state.JobState`."""

    @property
    def is_ended(self) -> bool:
        """Whether nothing happens to it any more by itself."""

    @property
    def phase(self) -> str:
        """What is being done, in words."""

    @property
    def done(self) -> int:
        """How much of the phase is done."""

    @property
    def total(self) -> int:
        """Of how much; 0 where that is unknown."""


_Read = Callable[[], Watched | None]


def watch_job(
    name: str,
    read: _Read,
    cancel: Callable[[], object] | None = None,
    *,
    is_counted: bool = False,
    every: float = _POLL_SECONDS,
) -> None:
    """Show how far a job is, again and again; when it has ended the whole page is drawn anew.

    So it is where what it belongs to was deleted meanwhile: the page says that.

    Args:
        name: the container's key is `NAME_progress`, that of the button `cancel_NAME`.
        read: where the job stands; None where nobody asks for it any more.
        cancel: ends it; without it there is no button.
        is_counted: whether it is said how many are done of how many.
        every: seconds between two looks.
    """
    st.fragment(_render, run_every=every)(name, read, cancel, is_counted=is_counted)


def _render(
    name: str, read: _Read, cancel: Callable[[], object] | None, *, is_counted: bool
) -> None:
    with st.container(key=f"{name}_progress"):
        if said := st.session_state.pop(_problem_of(name), ""):
            st.error(escaped(said, limit=1000), icon=":material/error:")
        try:
            state = read()
        except NotFoundError:
            st.rerun()
        except CnnlabError as error:  # a disk that doesn't answer now may do so at the next look
            st.error(escaped(str(error), limit=1000), icon=":material/error:")
            return
        if state is None or state.is_ended:
            st.rerun()
        share = min(1.0, state.done / state.total) if state.total else 0.0
        of = f" {state.done:,} of {state.total:,}" if is_counted and state.total else ""
        st.progress(share, text=f"{escaped(state.phase)}{of} ...")
        if cancel is not None:
            st.button(
                "Cancel",
                key=f"cancel_{name}",
                icon=":material/close:",
                on_click=_cancel,
                args=(name, cancel),
                **for_editors(),
            )


def _cancel(name: str, cancel: Callable[[], object]) -> None:
    try:
        cancel()
    except NotFoundError:  # the next look says it
        return
    except CnnlabError as error:
        st.session_state[_problem_of(name)] = str(error)


def _problem_of(name: str) -> str:
    return f"{name}_cancel_problem"
