"""What of a home is in the bucket, and what is brought back from there."""

import contextlib
import shutil

import pytest

from cnnlab import lab
from cnnlab.datasets.index import ImageIndex
from cnnlab.domain.errors import DamagedError, NotFoundError, StorageError
from cnnlab.files import write_json
from cnnlab.lab.access.acting import acting_as, local_in
from cnnlab.lab.access.register import register
from cnnlab.lab.access.workspaces import delete_workspace
from cnnlab.lab.workplace import workplace
from cnnlab.storage.bucket.address import BucketAddress
from cnnlab.storage.bucket.kept import HomeInBucket, Thing
from cnnlab.storage.bucket.parcels import MANIFEST


@pytest.fixture
def thing(bucket, dataset):
    return Thing("datasets", dataset.id)


@pytest.fixture
def kept(bucket, thing):
    return HomeInBucket(workplace().home, bucket.address)


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "prepared" not in path.parts and path.name[0] != "."
        if path.name != "index.npz"  # made again from the Parquet file
    }


def test_a_dataset_is_due_until_it_is_there(kept, thing):
    assert kept.due([thing]) == [thing]
    kept.put(thing)
    assert kept.due([thing]) == []
    assert kept.there() == [thing]


def test_a_folder_that_is_lost_comes_back_the_same_and_nothing_is_deleted_for_it(kept, thing):
    folder = workplace().home.dataset(thing.id)
    before = files_of(folder)
    kept.put(thing)
    shutil.rmtree(folder)
    assert kept.deleted() == []
    assert kept.fetch_missing(thing) == len(before)
    assert files_of(folder) == before


def test_what_is_made_again_from_the_index_is_not_there(kept, thing):
    folder = workplace().home.dataset(thing.id)
    kept.put(thing)
    assert (folder / "index.npz").exists()
    shutil.rmtree(folder)
    kept.fetch_missing(thing)
    assert not (folder / "index.npz").exists()
    assert len(ImageIndex(folder)) and (folder / "index.npz").exists()


def test_what_is_there_stays_as_it_is_and_only_what_is_missing_is_fetched(kept, thing):
    folder = workplace().home.dataset(thing.id)
    kept.put(thing)
    write_json(folder / "dataset.json", {"changed": True})
    (folder / "index.parquet").unlink()
    assert kept.fetch_missing(thing) == 1
    assert "changed" in (folder / "dataset.json").read_text()
    assert kept.fetch_missing(thing) == 0


def test_what_can_be_made_again_isnt_sent(kept, thing, bucket):
    prepared = workplace().home.dataset(thing.id) / "prepared" / "32"
    prepared.mkdir(parents=True)
    (prepared / "images.npy").write_bytes(b"many")
    kept.put(thing)
    assert not [name for name in bucket.sizes("") if "images.npy" in name]


def test_what_is_deleted_here_is_deleted_there(kept, thing, bucket):
    kept.put(thing)
    lab.delete_dataset(thing.id)
    assert kept.deleted() == [thing]
    kept.delete(thing)
    assert (kept.deleted(), bucket.sizes("default/")) == ([], {})


def test_what_was_never_there_is_deleted_without_a_word(kept, thing):
    lab.delete_dataset(thing.id)
    assert kept.deleted() == []


def test_what_is_deleted_while_it_is_sent_goes_from_there_too(kept, thing, bucket):
    def delete_once(_):
        if workplace().home.dataset(thing.id).is_dir():
            lab.delete_dataset(thing.id)

    with contextlib.suppress(StorageError, NotFoundError, FileNotFoundError):
        kept.put(thing, delete_once)
    assert kept.deleted() == [thing]
    kept.delete(thing)
    assert (kept.deleted(), bucket.sizes("default/")) == ([], {})


def test_what_was_deleted_before_it_is_sent_isnt_sent(kept, thing, bucket):
    lab.delete_dataset(thing.id)
    with pytest.raises(NotFoundError, match="isn't there"):
        kept.put(thing)
    assert (kept.deleted(), bucket.sizes("default/")) == ([], {})


def test_what_is_found_damaged_is_sent_again_even_at_equal_length(kept, thing, bucket):
    large = workplace().home.dataset(thing.id) / "index.parquet"
    large.write_bytes(b"x" * (2**20 + 1))
    kept.put(thing)
    bucket.write(kept.key(thing) + large.name, b"y" * (2**20 + 1))
    content = large.read_bytes()
    aside = large.rename(large.with_name("aside"))
    with pytest.raises(DamagedError, match="checksum"):
        kept.fetch_missing(thing)
    aside.rename(large)
    assert kept.due([thing]) == [thing]
    kept.put(thing)
    large.unlink()
    kept.fetch_missing(thing)
    assert large.read_bytes() == content


def test_another_bucket_gets_all_of_it_and_the_first_one_keeps_what_it_has(kept, thing, bucket):
    kept.put(thing)
    at = bucket.address
    other = HomeInBucket(workplace().home, BucketAddress(at.name, "other/", at.endpoint, at.scheme))
    assert other.due([thing]) == [thing]
    lab.delete_dataset(thing.id)
    other.delete(thing)
    assert kept.there() == [thing]


def test_a_run_that_went_on_is_put_there_again(kept):
    home = workplace().home
    for number in (1, 2):
        attempt = home.attempt("r1", number)
        attempt.mkdir(parents=True)
        (attempt / "result.json").write_text(f"{number}")
        (attempt / "lock").write_text("4711")
        run = Thing("runs", "r1", number)
        assert kept.due([run]) == [run]
        kept.put(run)
    assert kept.due([Thing("runs", "r1", 2)]) == []
    shutil.rmtree(home.runs / "r1")
    kept.fetch_missing(run)
    assert (home.attempt("r1", 1) / "result.json").read_text() == "1"
    assert (home.attempt("r1", 2) / "lock").read_text() == ""


def test_a_note_that_is_damaged_has_it_put_again(kept, thing):
    kept.put(thing)
    (note,) = (workplace().home.bucket / "datasets").iterdir()
    note.write_text("{")
    assert kept.due([thing]) == [thing]


def test_what_broke_off_isnt_there(kept, thing, bucket, bucket_server):
    bucket_server.refuses = lambda method, path: MANIFEST in path and method == "PUT"
    with pytest.raises(StorageError):
        kept.put(thing)
    assert (kept.there(), kept.due([thing])) == ([], [thing])
    with pytest.raises(NotFoundError):
        kept.fetch_missing(thing)


def test_a_problem_is_told_until_there_is_none(kept):
    assert kept.problem == ""
    kept.note_problem("The bucket is away.")
    assert kept.problem == "The bucket is away."
    kept.note_problem("")
    kept.note_problem("")
    assert kept.problem == ""


def test_nobody_reads_more_of_a_home_than_its_own_workspace(kept, thing, bucket):
    bucket.write(f"other/datasets/x/{MANIFEST}", b"{}")
    assert kept.there() == []


def test_a_workspace_that_is_deleted_goes_from_there_and_the_others_stay(kept, thing, bucket):
    other = register().workspaces.add("One").id
    with acting_as(local_in("One")):
        home = workplace().home
    (home.runs / "r1").mkdir()
    (home.runs / "r1" / "run.json").write_text("{}")
    HomeInBucket(home, bucket.address).put(Thing("runs", "r1", 1))
    kept.put(thing)
    delete_workspace("One")
    assert kept.deleted() == [Thing("workspaces", other)]
    kept.delete(Thing("workspaces", other))
    assert (kept.deleted(), bucket.sizes(f"{other}/"), kept.there()) == ([], {}, [thing])
