"""Sharing one thing by a link: a new one, and those that lead there still."""

from urllib.parse import urlsplit

import streamlit as st

from cnnlab.domain.errors import CnnlabError
from cnnlab.domain.people.records import Link, LinkKind
from cnnlab.lab.sharing.links import Lasts, list_links, make_link, may_share, revoke_link
from cnnlab.server.addresses import shared_address
from cnnlab.ui.doing import do, render_outcome
from cnnlab.ui.text import escaped, moment

_SHOWN: dict[LinkKind, str] = {
    "run": "the report of this run",
    "study": "the report of this study",
    "presentation": "the slides of this study",
}
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
_SECRET, _LASTS = "made_link", "link_lasts"


def render_share_button(object: str, kind: LinkKind) -> None:
    """A button that opens the dialog, for who may share.

    Args:
        object: id of a run or a study.
        kind: what is shown of it.
    """
    if may_share() and st.button("Share", key=f"share_{kind}", icon=":material/share:"):
        open_sharing(object, kind)


def open_sharing(object: str, kind: LinkKind) -> None:
    """Open the dialog; the secret of an earlier link isn't shown again."""
    st.session_state.pop(_SECRET, None)
    _dialog(object, kind)


@st.dialog("Share by a link")
def _dialog(object: str, kind: LinkKind) -> None:
    render_sharing(object, kind)


def render_sharing(object: str, kind: LinkKind) -> None:
    """What stands in the dialog.

    Args:
        object: id of a run or a study.
        kind: what is shown of it.
    """
    st.markdown(
        f"Whoever has a link sees **{_SHOWN[kind]}** as it is then, and nothing else of the "
        "workspace. They need no account."
    )
    if not _is_reached_from_elsewhere():
        st.caption(
            "You opened cnnlab by an address of this machine alone: only this machine reaches the "
            "link."
        )
    render_outcome()
    try:
        links = list_links(object, kind)
    except CnnlabError as error:  # the page isn't drawn again for a dialog: nobody else says it
        st.error(escaped(str(error), limit=1000), icon=":material/error:")
        return
    _render_new(object, kind)
    if links:
        st.markdown("**Links that work**")
    for link in links:
        _render_link(link)


def _render_new(object: str, kind: LinkKind) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "It works for", list(Lasts), default=Lasts.WEEK, required=True, key=_LASTS
        )
        st.button(
            "Make a link",
            key="make_link",
            icon=":material/add_link:",
            type="primary",
            on_click=do,
            args=("", _make, object, kind),
        )
    if secret := st.session_state.get(_SECRET):
        with st.container(key="new_link"):
            st.code(_address(secret), language=None, wrap_lines=True)
            st.caption("Copy it now: only you can see it, and only this once.")


def _render_link(link: Link) -> None:
    ends = f"until {moment(link.expires_at)}" if link.expires_at else "until it is revoked"
    with st.container(
        horizontal=True, vertical_alignment="center", key=f"link_{link.key_hash[:12]}"
    ):
        st.markdown(f"{ends.capitalize()}  \n:small[by {escaped(link.made_by)}, "
                    f"{moment(link.created_at)}]", width="content")  # fmt: skip
        st.space("stretch")
        st.button(
            "Revoke",
            key=f"revoke_{link.key_hash[:12]}",
            type="tertiary",
            on_click=do,
            args=("The link leads nowhere any more.", _revoke, link),
        )


def _make(object: str, kind: LinkKind) -> None:
    lasts = Lasts(st.session_state.get(_LASTS) or Lasts.WEEK)
    st.session_state[_SECRET], _ = make_link(object, kind, lasts)


def _revoke(link: Link) -> None:
    st.session_state.pop(_SECRET, None)
    revoke_link(link.object, link.key_hash)


def _address(secret: str) -> str:
    """The link as others open it: at the name by which this browser calls the app."""
    here = urlsplit(st.context.url or "")
    path = shared_address(secret)
    return f"{here.scheme}://{here.netloc}{path}" if here.netloc else path


def _is_reached_from_elsewhere() -> bool:
    """Whether other machines can open what this browser does."""
    host = urlsplit(st.context.url or "").hostname or "localhost"
    return host not in _THIS_MACHINE and not host.endswith(".localhost")
