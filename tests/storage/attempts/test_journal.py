import json

import pytest

from cnnlab.domain.errors import StorageError
from cnnlab.storage.attempts.journal import JournalReader, JournalWriter, read_journal

ROWS = [{"kind": "epoch", "value": index / 7, "text": "é\n"} for index in range(5)]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "events.jsonl"
    writer = JournalWriter(path, durable=True)
    for row in ROWS:
        writer.append(row)
    writer.close()
    return path


def test_what_was_written_is_read(path):
    assert read_journal(path) == ROWS


def test_a_missing_file_has_no_rows(tmp_path):
    assert read_journal(tmp_path / "none") == []


def test_a_cut_at_any_byte_leaves_a_consistent_prefix(path):
    content = path.read_bytes()
    for end in range(len(content)):
        path.write_bytes(content[:end])
        rows = read_journal(path)
        assert rows == ROWS[: len(rows)]
        writer = JournalWriter(path, durable=False)
        writer.append({"after": "the cut"})
        writer.close()
        assert read_journal(path) == [*rows, {"after": "the cut"}]


def test_a_broken_earlier_line_is_an_error_that_names_it(path):
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"0.14", b"0.15")
    path.write_bytes(b"".join(lines))
    with pytest.raises(StorageError, match="damaged in line 2"):
        read_journal(path)


def test_a_reader_sees_each_row_once(path):
    reader = JournalReader(path)
    assert reader.read() == ROWS
    assert reader.read() == []
    with path.open("ab") as file:
        file.write(b'{"row":5,')
    assert reader.read() == []
    writer = JournalWriter(path, durable=False)
    writer.append({"more": 1})
    writer.close()
    assert reader.read() == [{"more": 1}]
    assert reader.next_row == 6


def test_nan_is_refused(path):
    writer = JournalWriter(path, durable=False)
    with pytest.raises(ValueError, match="not JSON compliant"):
        writer.append({"loss": float("nan")})
    writer.close()
    assert all(json.loads(line) for line in path.read_text().splitlines())
