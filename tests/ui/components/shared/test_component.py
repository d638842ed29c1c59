"""What a component is given reaches the browser as it is."""

import json

from streamlit import dataframe_util
from streamlit.testing.v1 import AppTest


def shown():
    from cnnlab.ui.components.shared.component import browser_component  # noqa: PLC0415

    browser_component("figure")(key="one", data={"figure": {"data": [{"x": [1]}]}, "rows": [[1]]})


def test_nothing_is_looked_through_for_tables_which_would_load_pandas(monkeypatch):
    def look(data):
        raise AssertionError(data)

    monkeypatch.setattr(dataframe_util, "determine_data_format", look)
    app = AppTest.from_function(shown).run()
    assert not app.exception
    (component,) = app.get("bidi_component")
    (given,) = json.loads(component.proto.json)
    assert (given["figure"], given["rows"]) == ({"data": [{"x": [1]}]}, [[1]])
    assert given["module"].endswith("/figure/figure.mjs")
