"""Test what is found out about installed files."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

import pytest

from pip_guard.distributions import owners as owners_module
from pip_guard.distributions.owners import Folder, InstalledFiles, fold, has_content
from pip_guard.distributions.wheel.contents import Member, PlacedFile, Scheme
from tests.kit.wheels import record_hash


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Make a library folder."""
    folder = tmp_path / "lib" / "site-packages"
    folder.mkdir(parents=True)
    return folder


def install(library: Path, project: str, *rows: str, files: Mapping[str, str] | None = None) -> None:
    """Write the RECORD of a distribution, and files."""
    info = library / f"{project}-1.0.dist-info"
    info.mkdir()
    (info / "RECORD").write_text("".join(f"{row},,\n\n" for row in rows), encoding="utf-8")
    for name, content in (files or {}).items():
        (library / name).parent.mkdir(parents=True, exist_ok=True)
        (library / name).write_text(content, encoding="utf-8")


def file_with(content: bytes) -> PlacedFile:
    return PlacedFile(Scheme.PURELIB, "a.py", Member("a.py", len(content), record_hash(content)))


def test_compares_contents(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"x" * 3_000_000)
    assert has_content(str(path), file_with(b"x" * 3_000_000))
    assert not has_content(str(path), file_with(b"y"))
    assert not has_content(str(path), PlacedFile(Scheme.SCRIPTS, "a.py"))
    assert not has_content(str(path), PlacedFile(Scheme.PURELIB, "a.py", Member("a.py", 1, "")))
    assert not has_content(str(tmp_path), file_with(b"x"))


def test_folds_names_only_where_the_system_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners_module, "WITHOUT_CASE", False)
    assert fold("A/b") == "A/b"
    monkeypatch.setattr(owners_module, "WITHOUT_CASE", True)
    assert fold("A/b") == os.path.normcase("A/b").lower()


def test_looks_into_a_folder(library: Path) -> None:
    install(
        library,
        "demo",
        files={"a.py": "", "a.abi3.so": "", "text.txt": "", "p/__init__.py": "", "n/x.py": "", "p.py": ""},
    )
    folder = Folder(str(library))
    assert folder.has_entry("a.py")
    assert not folder.has_entry("a")
    assert folder.has("a")
    assert folder.has("p")
    assert folder.has("text.txt")
    assert not folder.has("text")
    assert sorted(folder.imported_as("a")) == ["a.abi3.so", "a.py"]
    assert list(folder.imported_as("p")) == ["p.py", "p/__init__.py"]
    assert list(folder.imported_as("n")) == ["n/"]
    assert list(folder.imported_as("absent")) == []


def test_takes_a_folder_that_is_not_there_for_empty(tmp_path: Path) -> None:
    folder = Folder(str(tmp_path / "absent"))
    assert not folder.has_entry("a.py")
    assert not folder.has("a")


def owners(library: Path, *names: str, first: str = "new") -> dict[str, str]:
    paths = {str(library / name) + ("/" if name.endswith("/") else "") for name in names}
    found = InstalledFiles({str(library), str(library / "absent")}).owners(paths, first=first)
    return {os.path.relpath(path, library): project for path, project in found.items()}


def test_finds_owners_in_a_target_folder(library: Path) -> None:
    install(library, "one", "one.py", "../../bin/one", "../../share/one.txt")
    assert owners(library, "bin/one", "share/one.txt", "one.txt") == {
        str(Path("bin", "one")): "one",
        str(Path("share", "one.txt")): "one",
    }


def test_finds_owners_by_record(library: Path) -> None:
    install(library, "one", "one/a.py", "../../bin/one", "shared/x.py")
    install(library, "Two_X", "two/b.py", '"with,comma.py"', "")
    (library / "three-1.0.dist-info").mkdir()
    (library / "four.egg-info").mkdir()
    assert owners(library, "one/a.py", "../../bin/one", "two/b.py", "with,comma.py", "nobody.py") == {
        "one/a.py": "one",
        str(Path("..", "..", "bin", "one")): "one",
        "two/b.py": "two-x",
        "with,comma.py": "two-x",
    }


def test_prefers_the_project_itself(library: Path) -> None:
    install(library, "new", "new/a.py", "both.py")
    install(library, "other", "other.py", "both.py")
    assert owners(library, "new/a.py", "both.py", "other.py") == {
        "new/a.py": "new",
        "both.py": "new",
        "other.py": "other",
    }
    assert owners(library, "new/a.py", "both.py") == {"new/a.py": "new", "both.py": "new"}


def test_finds_the_owner_of_a_folder(library: Path) -> None:
    install(library, "one", "zone/a.py", "space/one/a.py")
    assert owners(library, "space/") == {"space": "one"}
    assert owners(library, "spac/", "zon/") == {}


def test_finds_owners_in_another_case_where_the_system_does(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners_module, "WITHOUT_CASE", True)
    install(library, "one", "One/A.py")
    found = InstalledFiles({str(library)}).owners({str(library / "one" / "a.py")}, first="new")
    assert found == {str(library / "one" / "a.py"): "one"}


@pytest.mark.parametrize(
    ("path", "of_interpreter"),
    [
        pytest.param(sys.executable, True, id="executable"),
        pytest.param(str(Path(sys.prefix, "pyvenv.cfg")), True, id="environment"),
        pytest.param(str(Path(sysconfig.get_path("stdlib"), "json", "__init__.py")), True, id="standard-library"),
        pytest.param(str(Path(sysconfig.get_path("stdlib"), "site-packages", "x.py")), False, id="site-packages"),
        pytest.param(str(Path(__file__).resolve()), False, id="elsewhere"),
    ],
)
def test_knows_the_interpreter(library: Path, path: str, of_interpreter: bool) -> None:
    assert InstalledFiles({str(library)}).is_of_interpreter(path) is of_interpreter
