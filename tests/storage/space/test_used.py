import os

from cnnlab.storage.home import open_home
from cnnlab.storage.space.used import used_bytes

OTHER = "a1b2c3d4e5f6"


def test_each_workspace_counts_what_it_holds_and_a_file_with_two_names_once(home):
    default, other = open_home(home), open_home(home, OTHER)
    before = used_bytes(default), used_bytes(other)
    (other.runs / "a").mkdir()
    (other.runs / "a" / "weights").write_bytes(bytes(1_000_000))
    os.link(other.runs / "a" / "weights", other.runs / "a" / "again")
    (other.runs / "a" / "elsewhere").symlink_to("/etc")
    grown = used_bytes(other) - before[1]
    assert 1_000_000 <= grown < 1_100_000
    assert used_bytes(default) == before[0]
