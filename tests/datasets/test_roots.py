import pytest

from cnnlab.datasets.roots import VARIABLE, check_root, import_roots
from cnnlab.domain.errors import ConfigError, UploadError


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "photos"
    (folder / "cats").mkdir(parents=True)
    (tmp_path / "photos2").mkdir()
    (tmp_path / "secret").mkdir()
    return folder


def test_what_lies_in_a_root_may_be_imported(root):
    assert check_root(f"{root}/cats", [root]) == root / "cats"
    assert check_root(f"{root}/cats/../cats/", [root]) == root / "cats"
    assert check_root(str(root), [root]) == root
    (root / "link").symlink_to("cats")
    assert check_root(f"{root}/link", [root]) == root / "cats"


def test_a_root_may_be_a_link_itself(root, tmp_path):
    (tmp_path / "alias").symlink_to(root)
    assert check_root(f"{tmp_path}/alias/cats", [tmp_path / "alias"]) == root / "cats"
    assert check_root(f"{root}/cats", [tmp_path / "alias"]) == root / "cats"


@pytest.mark.parametrize(
    "path",
    [
        "{root}/../secret",
        "{root}/out",
        "{root}/out/x",
        "{root}2",
        "/",
        "cats",
        "",
        "{root}/\0",
        "~",
    ],
)
def test_what_lies_outside_is_refused_whether_it_exists_or_not(root, tmp_path, monkeypatch, path):
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "loop").symlink_to("loop")
    monkeypatch.chdir(root)
    with pytest.raises(UploadError, match="may be imported from|does not exist") as refused:
        check_root(path.format(root=root), [root])
    assert "\n" not in str(refused.value)


def test_a_loop_and_a_missing_path_are_told(root):
    (root / "loop").symlink_to("loop")
    with pytest.raises(UploadError, match="does not exist"):
        check_root(f"{root}/none", [root])


def test_without_roots_nothing_may_be_imported(root):
    with pytest.raises(UploadError, match=VARIABLE):
        check_root(str(root), [])


def test_roots_come_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert import_roots() == ()
    monkeypatch.setenv(VARIABLE, f"{tmp_path}:/data:")
    assert import_roots() == (tmp_path, type(tmp_path)("/data"))
    monkeypatch.setenv(VARIABLE, "data")
    with pytest.raises(ConfigError, match="absolute"):
        import_roots()
