"""Who did what, when and from where, for admins: filtered, read on, taken along as CSV."""

from typing import cast

import streamlit as st

from cnnlab.domain.people.records import AuditEntry, Outcome
from cnnlab.lab.access.workspaces import list_workspaces
from cnnlab.lab.people.audit import find_audit
from cnnlab.server.downloads import audit_address
from cnnlab.ui.text import escaped, moment

_AT_ONCE = 50
_ANY = "Anyhow"
_OUTCOMES: list[str] = [_ANY, "done", "refused", "failed"]
_COLORS = {"done": "gray", "refused": "orange", "failed": "red"}


def render_audit() -> None:
    """The latest entries that the filter leaves, and the way to earlier ones."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Filter", key="audit_words", max_chars=200,
            placeholder="a name, a deed such as delete_run, an id, an address",
        )  # fmt: skip
        ended = st.selectbox("Ended", _OUTCOMES, key="audit_outcome", width=130)
        st.link_button("CSV", audit_address(), icon=":material/download:", key="audit_csv")
    outcome = None if ended == _ANY else cast(Outcome, ended)
    most = st.session_state.get("audit_most", _AT_ONCE)
    found = find_audit(words, outcome=outcome, most=most + 1)
    titles = {each.id: each.title for each in list_workspaces()}
    if not found:
        st.caption("Nothing was noted that fits.")
        return
    with st.container(key="audit_entries", gap="small"):
        for entry in found[:most]:
            st.markdown(_line(entry, titles))
    if len(found) > most:
        st.button("Earlier ones", key="audit_more", on_click=_more, args=(most,))


def _line(entry: AuditEntry, titles: dict[str, str]) -> str:
    """One entry in two short lines, which a phone has room for."""
    place = titles.get(entry.workspace, entry.workspace)
    facts = [moment(entry.at), *map(escaped, filter(None, (place, entry.address)))]
    outcome = "" if entry.outcome == "done" else f" :{_COLORS[entry.outcome]}[{entry.outcome}]"
    who, what = escaped(entry.person) or "Somebody unknown", escaped(entry.what)
    told = f"**{who}** {what} {escaped(entry.object, limit=80)}{outcome}"
    return f"{told}  \n:small[{' · '.join(facts)}]"


def _more(most: int) -> None:
    st.session_state["audit_most"] = most + _AT_ONCE
