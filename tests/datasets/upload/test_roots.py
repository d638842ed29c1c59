import pytest

from cnnlab.datasets.upload.roots import VARIABLE, check_root, import_roots
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
    "path", ["{root}/../secret", "{root}/out", "{root}/out/none", "{root}2", "/", "cats", "", "~"]
)
def test_what_lies_outside_is_refused_whether_it_exists_or_not(root, tmp_path, monkeypatch, path):
    (root / "out").symlink_to(tmp_path / "secret")
    monkeypatch.chdir(root)
    with pytest.raises(
        UploadError, match="is not in a folder that may be imported from"
    ) as refused:
        check_root(path.format(root=root), [root])
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("path", ["{root}/none", "{root}/loop", "{root}/\0", "{root}/a\nb"])
def test_what_is_missing_inside_is_told(root, path):
    (root / "loop").symlink_to("loop")
    with pytest.raises(UploadError, match="is not in a folder|does not exist") as refused:
        check_root(path.format(root=root), [root])
    assert str(refused.value).isprintable()


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
