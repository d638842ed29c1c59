"""The pages as scripts, without a browser."""

import contextlib
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.runtime.scriptrunner_utils.script_run_context import RunLocation, ThreadState
from streamlit.testing.v1 import AppTest

from cnnlab.ui import clicks
from cnnlab.ui.components.table import table

ROOT = Path(__file__).parents[2]

FOLDED = tuple(f"more_{part}" for part in ("images", "optimizer", "training"))
"""The parts of the form that are drawn once they are opened."""


def open_page(page, *, folded=False, **query):
    """A page as a visitor sees it, with all parts of a form opened unless it stays `folded`."""
    app = AppTest.from_file(ROOT / "cnnlab" / "ui" / "script.py", default_timeout=120)
    for part in () if folded else FOLDED:
        app.session_state[part] = True
    for name, value in query.items():
        app.query_params[name] = value
    if page == "home":
        app.run()
    else:
        go_to(app, page)
    assert not app.exception
    return app


def go_to(app, page):
    app.switch_page(str(ROOT / "pages" / f"{page}.py")).run()


def words(app):
    elements = [*app.markdown, *app.caption, *app.info, *app.error, *app.title, *app.success]
    return "\n".join(str(element.value) for element in elements)


def recipe_choice(app):
    """The choice of a recipe, another control each time that the page has changed it."""
    [control] = [one for one in app.segmented_control if one.key.startswith("recipe_")]
    return control


def errors(app):
    """What is said to be wrong, as a reader sees it."""
    return [error.value.replace("\\", "") for error in app.error]


def tables(app):
    """The rows of each table on the page, from the top: what is said by what stands above it."""
    return {
        each["name"]: [
            {
                column["label"]: cell["text"]
                for column, cell in zip(each["columns"], row["cells"], strict=True)
            }
            for row in each["rows"]
        ]
        for each in _given_tables(app)
    }


def column_helps(app):
    """What each column of a table on the page means, where it is said, by the table's name."""
    return {
        each["name"]: {one["label"]: one["help"] for one in each["columns"] if one["help"]}
        for each in _given_tables(app)
    }


def _given_tables(app):
    return [
        json.loads(one.proto.json)[0]
        for one in app.get("bidi_component")
        if one.proto.component_name == "cnnlab_table"
    ]


def click_row(monkeypatch, key, place):
    """Has a user click one row of a table, once, at the next run of its page."""
    drawn, left = table._table, [place]

    def clicked(*, key, data, **options):
        result = drawn(key=key, data=data, **options)
        if key == asked and left:
            return {"opened": data["rows"][left.pop()]["id"]}
        return result

    asked = key
    monkeypatch.setattr(table, "_table", clicked)


@contextlib.contextmanager
def late_clock():
    """What is set meanwhile comes with a fragment's clock: the browser showed it before."""
    late, real = SimpleNamespace(fragment_ids_this_run=["progress"]), clicks.get_script_run_ctx
    with pytest.MonkeyPatch.context() as patch:

        def for_callbacks():  # alone: AppTest draws the whole page then
            context = real()
            return late if context is None or in_callback() else context

        patch.setattr(clicks, "get_script_run_ctx", for_callbacks)
        yield


def in_callback():
    """Whether a widget's callback is what runs now."""
    return ThreadState.get().run_location == RunLocation.CALLBACK
