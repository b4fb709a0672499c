"""A distribution can be compared with its RECORD by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

import pip_guard
from pip_guard.distributions.installed import self_check
from pip_guard.distributions.installed.libraries import LibraryFolder
from pip_guard.distributions.installed.self_check import Condition, Integrity, verify_distribution, verify_own_files
from tests.unit.distributions.installed.environments import install, make_library_folder


@pytest.fixture
def place(tmp_path: Path) -> LibraryFolder:
    return make_library_folder(tmp_path)


def test_finds_what_is_intact(place: LibraryFolder) -> None:
    install(place, "other")
    install(place, "Demo")
    assert verify_distribution("demo", place) == Integrity(condition=Condition.INTACT, files=3)


@pytest.mark.parametrize(
    ("content", "condition", "problem"),
    [
        pytest.param("x", Condition.CHANGED, "demo.py has another content than RECORD says", id="changed"),
        pytest.param(None, Condition.INCOMPLETE, "demo.py is gone", id="gone"),
    ],
)
def test_says_what_has_changed(content: str | None, condition: Condition, problem: str, place: LibraryFolder) -> None:
    install(place, "demo")
    file = Path(place.library, "demo.py")
    if content is None:
        file.unlink()
    else:
        file.write_text(content, encoding="utf-8")
    found = verify_distribution("demo", place)
    assert (found.condition, found.problems) == (condition, (problem,))


@pytest.mark.parametrize(
    ("record", "condition"),
    [
        pytest.param(None, Condition.UNVERIFIABLE, id="no-record"),
        pytest.param(b"\xff", Condition.CHANGED, id="binary-record"),
    ],
)
def test_says_what_cannot_be_verified(record: bytes | None, condition: Condition, place: LibraryFolder) -> None:
    install(place, "demo", record=record)
    assert verify_distribution("demo", place).condition is condition


def test_lets_a_project_be_worked_on(place: LibraryFolder) -> None:
    Path(place.prefix, "setup.cfg").touch()
    install(place, "demo", direct_url={"url": f"file://{place.prefix}", "dir_info": {"editable": True}})
    assert verify_distribution("demo", place).condition is Condition.EDITABLE


def test_says_that_nothing_of_that_name_is_installed(place: LibraryFolder) -> None:
    install(place, "other")
    assert verify_distribution("demo", place) == Integrity(condition=Condition.NOT_INSTALLED)


def test_looks_at_the_pip_guard_that_is_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other, running = make_library_folder(tmp_path / "other"), make_library_folder(tmp_path / "running")
    install(other, "pip-guard-shim")
    install(running, "pip-guard-shim")
    # the interpreter that it was started with has another copy, or none
    monkeypatch.setattr(self_check, "running_library_folders", lambda: (other,))
    monkeypatch.setattr(pip_guard, "__file__", f"{running.library}/pip_guard/__init__.py")
    assert verify_own_files() == Integrity(condition=Condition.INTACT, files=3)
    with Path(running.library, "pip_guard_shim.py").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert verify_own_files().condition is Condition.CHANGED


@pytest.mark.parametrize(
    ("editable", "condition"),
    [
        pytest.param(True, Condition.EDITABLE, id="editable"),
        pytest.param(False, Condition.NOT_INSTALLED, id="copied"),
    ],
)
def test_no_other_copy_speaks_for_the_running_one(
    editable: bool, condition: Condition, place: LibraryFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(place.prefix, "setup.cfg").touch()
    direct_url = {"url": f"file://{place.prefix}", "dir_info": {"editable": True}} if editable else None
    install(place, "pip-guard-shim", direct_url=direct_url)
    monkeypatch.setattr(self_check, "running_library_folders", lambda: (place,))
    monkeypatch.setattr(pip_guard, "__file__", f"{place.prefix}/pip_guard/__init__.py")
    assert verify_own_files().condition is condition
