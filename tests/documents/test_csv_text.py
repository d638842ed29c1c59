import csv
import io

import pytest

from cnnlab.documents.csv_text import csv_text


def read_back(rows):
    return list(csv.reader(io.StringIO(csv_text(rows), newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-x", "@SUM(A1)", "\t=1", "\r=1"])
def test_text_that_a_spreadsheet_would_run_is_made_text(text):
    ((cell,),) = read_back([[text]])
    assert cell == f"'{text}"


@pytest.mark.parametrize("text", ["cat", "a=1", 'say "x", y', "two\nlines", "'=", "007", ""])
def test_other_text_stays(text):
    ((cell, _),) = read_back([[text, "x"]])
    assert cell == text


def test_numbers_are_exact_and_what_is_unknown_is_empty():
    assert read_back([[-0.1, 1e-30, 3, None]]) == [["-0.1", "1e-30", "3", ""]]
