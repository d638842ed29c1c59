"""What the table of runs was given, without a browser."""

from tests.ui.judge.pages import given


def rows(app):
    """The rows that are shown, from the top."""
    table = given(app, "run_table")
    return [] if table is None else table["rows"]


def column_names(app):
    """The columns beside the name, from the left."""
    return [each["name"] for each in given(app, "run_table")["columns"]]


def column(app, name):
    """What a column says, by the names of the runs."""
    place = column_names(app).index(name)
    return {row["name"]: row["cells"][place] for row in rows(app)}
