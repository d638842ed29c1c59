import pytest

from cnnlab import lab
from cnnlab.domain.errors import NotFoundError, UploadError
from cnnlab.files import read_json, write_json
from cnnlab.lab.workplace import workplace
from cnnlab.storage.job_folder import JobFolder
from tests.made_runs import no_supervisor
from tests.waiting import wait_until


def _upload(content):
    token = lab.begin_upload("../My $hades.zip", len(content))
    half = len(content) // 2
    assert lab.append_chunk(token, 0, content[:half]) == half
    assert lab.append_chunk(token, 0, content[:half]) == half  # sent again after a lost answer
    assert lab.append_chunk(token, half, content[half:]) == len(content)
    return token


def _end_of_import(token):
    return wait_until(lambda: (state := lab.import_state(token)).is_ended and state)


def test_an_upload_becomes_a_dataset_in_a_process_of_its_own(home, upload):
    token = _upload(upload.read_bytes())
    lab.start_import(token, name="My shades")
    state = _end_of_import(token)
    assert state.problem is None
    dataset = lab.load_dataset(state.answer.dataset)
    assert dataset.name == "My shades"
    assert dataset.classes == {"bright": 24, "dark": 24}


def test_labels_come_with_the_upload(home, upload):
    rows = "".join(f"dark/{number}.png,class {number % 2}\n" for number in range(24))
    token = _upload(upload.read_bytes())
    lab.start_import(token, name="x", labels=f"file,label\n{rows}".encode())
    state = _end_of_import(token)
    assert set(lab.load_dataset(state.answer.dataset).classes) == {"class 0", "class 1"}, (
        state.problem
    )


def test_a_file_that_is_no_zip_ends_in_one_sentence(home):
    token = _upload(b"not a zip at all" * 10)
    lab.start_import(token, name="x")
    state = _end_of_import(token)
    assert state.answer is None
    assert "My-hades.zip" in state.problem
    assert "Traceback" not in state.problem
    assert lab.list_datasets() == []


def test_of_two_answers_to_an_imports_question_the_first_counts(home, monkeypatch):
    no_supervisor(monkeypatch)
    token = _upload(b"content")
    lab.start_import(token, name="x")
    files = JobFolder(workplace().home.uploads / token / "import")
    question = {"status": "failed", "cause": "config", "message": "Which?"}
    write_json(files.result, question | {"choices": {"first": "2 classes", "as_one": "3 classes"}})
    assert lab.import_state(token).choices
    lab.import_choosing(token, "first")
    lab.import_choosing(token, "first")
    with pytest.raises(UploadError, match="given another answer already"):
        lab.import_choosing(token, "as_one")
    assert read_json(files.request)["several"] == "first"


def test_sizes_beyond_the_limit_and_unknown_tokens_are_refused(home):
    with pytest.raises(UploadError, match=r"The file is empty \(0 bytes\): choose another one"):
        lab.begin_upload("a.zip", 0)
    with pytest.raises(UploadError, match="the limit is 2\u00a0GiB"):
        lab.begin_upload("a.zip", 3 * 1024**3)
    for token in ("0" * 32, "../../etc", ""):
        with pytest.raises(NotFoundError, match="choose the file again"):
            lab.append_chunk(token, 0, b"x")


def test_an_import_that_an_earlier_version_began_is_no_longer_there(home):
    token = _upload(b"content")
    with pytest.raises(NotFoundError, match="choose the file again"):
        lab.import_state(token)


def test_stale_uploads_are_removed(home, monkeypatch):
    lab.begin_upload("a.zip", 10)
    lab.tidy_up()
    assert len(list(workplace().home.uploads.iterdir())) == 1
    monkeypatch.setattr("cnnlab.storage.space.leftovers.STALE_SECONDS", -1)
    lab.tidy_up()
    assert list(workplace().home.uploads.iterdir()) == []
