"""What can be imported or run, and belongs to no distribution, is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from pip_guard.distributions.installed.libraries import LibraryFolder
from pip_guard.distributions.installed.unowned import find_unowned, unowned_commands
from tests.unit.distributions.installed.environments import make_library_folder


@pytest.fixture
def place(tmp_path: Path) -> LibraryFolder:
    return make_library_folder(tmp_path)


def add(place: LibraryFolder, *paths: str) -> None:
    for path in paths:
        file = Path(place.library, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


OWNED = {"demo/__init__.py", "demo/a.py", "single.py", "space/one/a.py"}
OWNERS = {"demo": "demo", "single.py": "single", "space": "one"}


@pytest.mark.parametrize(
    ("path", "names", "added"),
    [
        pytest.param("evil.py", ("evil.py",), {}, id="module"),
        pytest.param(
            "evil.cpython-311-x86_64-linux-gnu.so", ("evil.cpython-311-x86_64-linux-gnu.so",), {}, id="native"
        ),
        pytest.param("evil.pyc", ("evil.pyc",), {}, id="compiled"),
        pytest.param("evil/deep/down.py", ("evil/",), {}, id="folder"),
        pytest.param("demo/evil.py", (), {"demo": ("demo/evil.py",)}, id="in-a-folder-of-a-distribution"),
        pytest.param("space/two/b.py", (), {"one": ("space/two/b.py",)}, id="in-a-namespace"),
        pytest.param("demo/__pycache__/a.cpython-311.pyc", (), {}, id="compiled-by-pip"),
        pytest.param("demo/a.pyc", (), {}, id="compiled-beside-its-source"),
        pytest.param("single.pyc", (), {}, id="compiled-beside-its-source-at-the-top"),
        pytest.param("__pycache__/single.cpython-311.pyc", (), {}, id="compiled-at-the-top"),
        pytest.param("demo/cache.json", (), {}, id="data"),
        pytest.param("README.txt", (), {}, id="text"),
        pytest.param("not-a-name.py", (), {}, id="no-name-of-a-module"),
        pytest.param("not-a-name/x.py", (), {}, id="no-name-of-a-folder"),
        pytest.param("share/data.json", (), {}, id="folder-with-data"),
        pytest.param("other-1.0.dist-info/x.py", (), {}, id="metadata"),
        pytest.param("claimed/x.py", (), {}, id="claimed-folder"),
        pytest.param("claimed.py", (), {}, id="claimed-module"),
        pytest.param("~emo/x.py", (), {}, id="remnant"),
    ],
)
def test_finds_what_is_in_no_record(
    path: str, names: tuple[str, ...], added: dict[str, tuple[str, ...]], place: LibraryFolder
) -> None:
    add(place, *OWNED, path)
    unowned = find_unowned(place, OWNED, OWNERS, {"claimed"})
    assert (unowned.names, unowned.added) == (names, added)


def test_names_folders_that_could_be_namespaces(place: LibraryFolder) -> None:
    add(place, "evil/x.py", "demo/__init__.py")
    assert find_unowned(place, OWNED, OWNERS, set()).packages == {"evil"}


def test_does_not_follow_links_to_folders(place: LibraryFolder, tmp_path: Path) -> None:
    add(place, "demo/a.py")
    Path(place.library, "demo", "loop").symlink_to(place.library)
    Path(place.library, "linked").symlink_to(tmp_path)
    assert find_unowned(place, OWNED, OWNERS, set()).names == ("linked/",)


def test_nothing_is_found_where_nothing_can_be_read(tmp_path: Path) -> None:
    place = LibraryFolder(library=str(tmp_path / "absent"), prefix=str(tmp_path / "absent"))
    assert find_unowned(place, set(), {}, set()).names == ()


@pytest.mark.parametrize(
    ("marker", "found"),
    [
        pytest.param("pyvenv.cfg", ("uname",), id="virtual-environment"),
        pytest.param(None, (), id="system"),
        pytest.param("conda-meta/history", (), id="conda"),
    ],
)
def test_finds_commands_of_nobody(marker: str | None, found: tuple[str, ...], place: LibraryFolder) -> None:
    for name in ("uname", "demo", "python", "python3.11", "activate", "activate.fish", "Activate.ps1", "deactivate"):
        Path(place.commands, name).touch()
    Path(place.commands, "folder").mkdir()
    if marker is None:
        Path(place.prefix, "pyvenv.cfg").unlink()
    else:
        Path(place.prefix, marker).parent.mkdir(exist_ok=True)
        Path(place.prefix, marker).touch()
    assert unowned_commands(place, {str(Path(place.commands, "demo"))}) == found
