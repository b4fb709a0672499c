"""Test whose files a wheel would take the place of."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from pip_guard.distributions.conflicts import WheelInstall, find_overlaps
from pip_guard.distributions.owners import InstalledFiles
from pip_guard.distributions.wheel.contents import Member, PlacedFile, Scheme
from pip_guard.facts.wheel import ConflictingFile, FileConflict, OwnerKind
from tests.kit.wheels import record_hash

Files = Mapping[str, str | None]
EXTENDS_PATH = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)"


def unpacking(project: str, files: Files) -> WheelInstall:
    """Describe a wheel by its files as folder:path, the library's if there is no folder; None is a generated script."""
    placed = []
    for name, content in files.items():
        scheme, _, path = name.rpartition(":")
        member = None if content is None else Member(name, len(content), record_hash(content.encode()))
        placed.append(PlacedFile(Scheme(scheme or "purelib"), path, member))

    def read(file: PlacedFile) -> bytes | None:
        content = None if file.member is None else files[file.member.name]
        return None if content is None else content.encode()

    return WheelInstall(project=project, files=tuple(placed), read=read)


def shown(found: tuple[FileConflict, ...]) -> dict[str, list[tuple[str, str]]]:
    return {conflict.owner: [(file.path, file.existing) for file in conflict.files] for conflict in found}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"a/__init__.py": "1"}, {"b/__init__.py": "2"}, id="apart"),
        pytest.param({"ns/a.py": "1"}, {"ns/b.py": "2"}, id="namespace"),
        pytest.param({"ns/__init__.py": "1"}, {"ns/__init__.py": "1"}, id="same-content"),
        pytest.param({"a.py": "1"}, {"data:a.py": "2"}, id="other-folder"),
        pytest.param({"headers:x.h": "1"}, {"headers:x.h": "2"}, id="headers-of-each-its-own"),
        pytest.param({"p/__init__.py": "1"}, {"p/a.py": "2"}, id="addition"),
        pytest.param({"a.txt": "1"}, {"a.py": "2"}, id="no-module"),
        pytest.param({"ns/a/x.py": "1"}, {"ns/b/__init__.py": "2"}, id="packages-side-by-side"),
        pytest.param({"ns/a.py": "1"}, {"ns/__init__.py": "2"}, id="package-around-a-namespace"),
        pytest.param({"p/__init__.py": "1"}, {"p.py": "2"}, id="module-beside-a-package"),
        pytest.param({"p/__init__.py": "1"}, {"p.so": "2"}, id="extension-beside-a-package"),
        pytest.param({"a.so": "1"}, {"a.py": "2"}, id="source-beside-an-extension"),
        pytest.param(
            {"ns/__init__.py": EXTENDS_PATH},
            {"ns/__init__.py": f"{EXTENDS_PATH}  # type: ignore\n"},
            id="namespace-in-two-spellings",
        ),
    ],
)
def test_lets_wheels_lie_side_by_side(first: Files, second: Files) -> None:
    assert find_overlaps([unpacking("one", first), unpacking("two", second)], None) == [(), ()]


@pytest.mark.parametrize(
    ("first", "second", "met"),
    [
        pytest.param({"a.py": "1"}, {"a.py": "2"}, ("a.py", "a.py"), id="other-content"),
        pytest.param({"a.py": "1"}, {"platlib:a.py": "2"}, ("a.py", "a.py"), id="two-ways-into-the-library"),
        pytest.param(
            {"p/a.py": "1"},
            {"data:lib/python3.11/site-packages/p/a.py": "2"},
            ("p/a.py", "p/a.py"),
            id="by-way-of-data",
        ),
        pytest.param({"scripts:run": None}, {"data:bin/run": "2"}, ("bin/run", "bin/run"), id="commands"),
        pytest.param({"scripts:run": None}, {"scripts:run": None}, ("bin/run", "bin/run"), id="generated-scripts"),
        pytest.param({"data:share/x": "1"}, {"data:share/x": "2"}, ("share/x", "share/x"), id="data"),
        pytest.param({"p/a.py": "1"}, {"p/a.abi3.so": "2"}, ("p/a.abi3.so", "p/a.py"), id="extension-comes-first"),
        pytest.param(
            {"p/a.py": "1"},
            {"p/__pycache__/a.cpython-311.pyc": "2"},
            ("p/__pycache__/a.cpython-311.pyc", "p/a.py"),
            id="compiled",
        ),
        pytest.param(
            {"p/a.py": "1"}, {"p/a/__init__.py": "2"}, ("p/a/__init__.py", "p/a.py"), id="package-comes-first"
        ),
        pytest.param({"p.py": "1"}, {"p/__init__.py": "2"}, ("p/__init__.py", "p.py"), id="package-beside-a-module"),
        pytest.param(
            {"a.py": "1"},
            {"__pycache__/a.cpython-311.opt-1.pyc": "2"},
            ("__pycache__/a.cpython-311.opt-1.pyc", "a.py"),
            id="compiled-at-the-top",
        ),
        pytest.param({"ns/a.py": "1"}, {"ns.py": "2"}, ("ns.py", "ns/"), id="module-beside-a-namespace"),
    ],
)
def test_finds_what_the_later_wheel_takes(first: Files, second: Files, met: tuple[str, str]) -> None:
    found = find_overlaps([unpacking("one", first), unpacking("two", second)], None)
    assert found == [
        (),
        (FileConflict(owner="one", kind=OwnerKind.COMMAND, files=(ConflictingFile(path=met[0], existing=met[1]),)),),
    ]


def test_never_takes_an_unread_file_for_the_same() -> None:
    files = (PlacedFile(Scheme.PURELIB, "a.py", Member("a.py", 1, "")),)
    found = find_overlaps([WheelInstall(project="one", files=files), WheelInstall(project="two", files=files)], None)
    assert shown(found[1]) == {"one": [("a.py", "a.py")]}


class Environment:
    """An environment in which something is installed."""

    def __init__(self, folder: Path) -> None:
        self.library = folder / "lib" / "python3.11" / "site-packages"
        self.folders = {
            Scheme.PURELIB: str(self.library),
            Scheme.PLATLIB: str(self.library),
            Scheme.HEADERS: str(folder / "include"),
            Scheme.SCRIPTS: str(folder / "bin"),
            Scheme.DATA: str(folder),
        }
        self.library.mkdir(parents=True)

    def install(self, project: str, files: Mapping[str, str]) -> None:
        info = self.library / f"{project}-1.0.dist-info"
        info.mkdir()
        for name, content in files.items():
            path = self.library / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        (info / "RECORD").write_text("".join(f"{name},,\n" for name in files), encoding="utf-8")

    def found(self, *unpackings: WheelInstall) -> list[dict[str, list[tuple[str, str]]]]:
        return [shown(found) for found in find_overlaps(unpackings, self.folders)]


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    environment = Environment(tmp_path)
    environment.install(
        "old",
        {
            "old/__init__.py": "1",
            "old/a.py": "1",
            "space/old/__init__.py": "",
            "../../../bin/run": "1",
            "../../../share/x": "1",
        },
    )
    return environment


@pytest.mark.parametrize(
    ("files", "met"),
    [
        pytest.param({"old/a.py": "2"}, ("old/a.py", "old/a.py"), id="other-content"),
        pytest.param({"old/a.so": "2"}, ("old/a.so", "old/a.py"), id="extension-comes-first"),
        pytest.param({"old/__init__.so": "2"}, ("old/__init__.so", "old/__init__.py"), id="native-package"),
        pytest.param({"old/a/__init__.py": "2"}, ("old/a/__init__.py", "old/a.py"), id="package-comes-first"),
        pytest.param(
            {"old/__pycache__/a.cpython-311.pyc": "2"},
            ("old/__pycache__/a.cpython-311.pyc", "old/a.py"),
            id="compiled",
        ),
        pytest.param({"space.py": "2"}, ("space.py", "space/"), id="module-beside-a-namespace"),
        pytest.param({"scripts:run": None}, ("bin/run", "bin/run"), id="script"),
        pytest.param({"data:share/x": "2"}, ("share/x", "share/x"), id="data"),
    ],
)
def test_finds_what_is_installed(environment: Environment, files: Files, met: tuple[str, str]) -> None:
    assert environment.found(unpacking("new", files)) == [{"old": [met]}]


@pytest.mark.parametrize(
    ("project", "files"),
    [
        pytest.param("new", {"new/__init__.py": "2", "scripts:new": None, "data:share/y": "2"}, id="apart"),
        pytest.param("new", {"old/a.py": "1"}, id="same-content"),
        pytest.param("new", {"old/b.py": "2", "space/new/__init__.py": "2"}, id="addition"),
        pytest.param("new", {"space/__init__.py": "2"}, id="package-around-a-namespace"),
        pytest.param("new", {"old.py": "2", "old.so": "2"}, id="module-beside-a-package"),
        pytest.param("old", {"old/a.py": "2", "old.py": "2", "scripts:run": None}, id="new-version"),
    ],
)
def test_lets_pass_what_takes_nothing(environment: Environment, project: str, files: Files) -> None:
    assert environment.found(unpacking(project, files)) == [{}]


@pytest.mark.parametrize(
    ("existing", "files", "found"),
    [
        pytest.param("mine.py", {"mine.py": "2"}, ("mine.py", "mine.py"), id="module"),
        pytest.param("mine.py", {"mine/__init__.py": "2"}, ("mine/__init__.py", "mine.py"), id="package-comes-first"),
        pytest.param("mine.py", {"mine.abi3.so": "2"}, ("mine.abi3.so", "mine.py"), id="extension-comes-first"),
        pytest.param(
            "mine.py",
            {"__pycache__/mine.cpython-311.pyc": "2"},
            ("__pycache__/mine.cpython-311.pyc", "mine.py"),
            id="compiled",
        ),
        pytest.param("mine/a.py", {"mine.py": "2"}, ("mine.py", "mine/"), id="namespace"),
        pytest.param("notes.txt", {"notes.txt": "2"}, ("notes.txt", "notes.txt"), id="text"),
        pytest.param("../../../Makefile", {"data:Makefile": "2"}, ("Makefile", "Makefile"), id="data"),
        pytest.param("../../../bin/deploy", {"scripts:deploy": None}, ("bin/deploy", "bin/deploy"), id="script"),
    ],
)
def test_finds_files_of_nobody(environment: Environment, existing: str, files: Files, found: tuple[str, str]) -> None:
    path = environment.library / existing
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("1", encoding="utf-8")
    (conflicts,) = find_overlaps([unpacking("new", files)], environment.folders)
    file = ConflictingFile(path=found[0], existing=found[1])
    assert conflicts == (FileConflict(owner="", kind=OwnerKind.NOBODY, files=(file,)),)


@pytest.mark.parametrize(
    ("existing", "files"),
    [
        pytest.param({"mine.py": "2"}, {"mine.py": "2"}, id="same-content"),
        pytest.param({"new/__pycache__/x.pyc": ""}, {"new/__init__.py": "2"}, id="left-over-folder"),
        pytest.param({"new/data.txt": ""}, {"new.py": "2"}, id="folder-without-modules"),
        pytest.param({"new-0.9.dist-info/METADATA": "1"}, {"new-0.9.dist-info/METADATA": "2"}, id="own-metadata"),
        pytest.param(
            {"new.egg-info/top_level.txt": "new_core\n", "new_core.py": "1"}, {"new_core.py": "2"}, id="without-record"
        ),
        pytest.param(
            {"ns/__init__.py": "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n"},
            {"ns/__init__.py": EXTENDS_PATH},
            id="namespace-in-another-spelling",
        ),
    ],
)
def test_lets_pass_what_the_project_has_left(
    environment: Environment, existing: Mapping[str, str], files: Files
) -> None:
    for name, content in existing.items():
        path = environment.library / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    assert environment.found(unpacking("new", files)) == [{}]


def test_finds_metadata_of_another_project(environment: Environment) -> None:
    (environment.library / "other.egg-info").mkdir()
    (environment.library / "other.egg-info" / "PKG-INFO").write_text("1", encoding="utf-8")
    found = environment.found(unpacking("new", {"other.egg-info/PKG-INFO": "2"}))
    assert found == [{"": [("other.egg-info/PKG-INFO", "other.egg-info/PKG-INFO")]}]


def test_a_namespace_that_cannot_be_read_is_none(environment: Environment) -> None:
    (environment.library / "ns" / "__init__.py").mkdir(parents=True)
    found = environment.found(unpacking("new", {"ns/__init__.py": EXTENDS_PATH}))
    assert found == [{"": [("ns/__init__.py", "ns/__init__.py")]}]


def test_lets_a_project_take_what_another_gives_up(environment: Environment) -> None:
    assert environment.found(unpacking("new", {"old/a.py": "2"}), unpacking("old", {"old/b.py": "2"})) == [{}, {}]


def test_finds_what_a_new_version_still_has(environment: Environment) -> None:
    found = environment.found(unpacking("old", {"old/a.py": "3"}), unpacking("new", {"old/a.py": "2"}))
    assert found == [{}, {"old": [("old/a.py", "old/a.py")]}]


def test_finds_files_of_the_interpreter(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    (environment.library / "json.py").write_text("x", encoding="utf-8")
    monkeypatch.setattr(InstalledFiles, "is_of_interpreter", lambda self, path: True)
    found = find_overlaps([unpacking("new", {"json.py": "2"})], environment.folders)
    assert found == [
        (
            FileConflict(
                owner="the interpreter",
                kind=OwnerKind.INTERPRETER,
                files=(ConflictingFile(path="json.py", existing="json.py"),),
            ),
        )
    ]


def test_takes_an_environment_that_is_not_there_for_empty(tmp_path: Path) -> None:
    folders = {scheme: os.fspath(tmp_path / scheme.value) for scheme in Scheme}
    assert find_overlaps([unpacking("new", {"a.py": "1"})], folders) == [()]
