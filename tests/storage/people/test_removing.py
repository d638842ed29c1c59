"""A workspace that is deleted leaves nothing behind, on either database."""

import pytest
from sqlalchemy import inspect

from cnnlab import lab
from cnnlab.domain.errors import NotFoundError
from cnnlab.lab.access.acting import acting_as, local_in
from cnnlab.lab.access.register import register
from cnnlab.lab.access.workspaces import delete_workspace
from cnnlab.lab.workplace import workplace


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_deleted_workspace_is_gone_and_the_others_are_not(home, kind, request, monkeypatch):
    if kind == "postgresql":
        address = request.getfixturevalue("postgresql")[1]
        monkeypatch.setenv("CNNLAB_DATABASE", address)
    one, other = (register().workspaces.add(title).id for title in ("One", "Other"))
    for workspace in (one, other):
        with acting_as(local_in(workspace)):
            assert lab.list_runs() == []
    engine = workplace().runs.engine
    delete_workspace("one")
    assert [each.name for each in (home / "workspaces").iterdir()] == [other]
    if kind == "postgresql":
        schemas = inspect(engine).get_schema_names()
        assert f"cnnlab_{one}" not in schemas and f"cnnlab_{other}" in schemas
    with acting_as(local_in("Other")):
        assert lab.list_runs() == []
    with pytest.raises(NotFoundError):
        local_in("One")
