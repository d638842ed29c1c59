"""The audit as a table for other programs."""

import csv
import io
from dataclasses import replace

import pytest

from cnnlab.domain.errors import BadInputError, NotAllowedError
from cnnlab.domain.people.person import Person
from cnnlab.lab.access.acting import LOCAL, acting_as
from cnnlab.lab.access.register import register
from cnnlab.lab.people.audit import audit_csv, find_audit
from cnnlab.lab.people.own import looks_after_people, may_make_workspace


def test_the_table_has_all_entries_and_no_formula(home):
    register().audit.note("sign_in", "refused", person="=1+1", address="192.0.2.7")
    register().audit.note("delete_run", person="Ben", object='a "b", c')
    rows = list(csv.DictReader(io.StringIO("".join(audit_csv()))))
    assert [row["number"] for row in rows] == ["1", "2"]
    assert (rows[0]["person"], rows[0]["outcome"]) == ("'=1+1", "refused")
    assert rows[1]["object"] == 'a "b", c'


def test_it_is_for_admins_alone(home):
    with acting_as(replace(LOCAL, person=Person("b" * 12, "Ben"))):
        for function in (audit_csv, find_audit):
            with pytest.raises(NotAllowedError):
                function()


def test_earlier_entries_are_found_page_by_page(home):
    for number in range(5):
        register().audit.note("move", object=f"run-{number}")
    assert [entry.number for entry in find_audit(most=2)] == [5, 4]
    assert [entry.number for entry in find_audit(most=2, before=4)] == [3, 2]
    assert [entry.number for entry in find_audit("RUN-3")] == [4]
    assert find_audit("run_") == []  # no sign stands for any other


@pytest.mark.parametrize(("given", "may"), [("", True), ("yes", True), ("No", False)])
def test_a_setting_keeps_workspaces_to_admins(home, monkeypatch, given, may):
    monkeypatch.setenv("CNNLAB_OWN_WORKSPACES", given)
    assert may_make_workspace() is may


def test_another_setting_is_refused(home, monkeypatch):
    monkeypatch.setenv("CNNLAB_OWN_WORKSPACES", "perhaps")
    with pytest.raises(BadInputError, match="must be yes or no"):
        may_make_workspace()


def test_without_accounts_nobody_looks_after_people(home):
    assert not looks_after_people()
