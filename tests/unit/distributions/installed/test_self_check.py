"""A distribution can be compared with its RECORD by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

import pip_guard
from pip_guard.distributions.installed import self_check
from pip_guard.distributions.installed.libraries import LibraryFolder
from pip_guard.distributions.installed.self_check import Condition, Integrity, verify_distribution
from tests.unit.distributions.installed.environments import install, make_library_folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LibraryFolder:
    made = make_library_folder(tmp_path)
    monkeypatch.setattr(self_check, "running_library_folders", lambda: (made,))
    return made


def test_finds_what_is_intact(place: LibraryFolder) -> None:
    install(place, "other")
    install(place, "Demo")
    assert verify_distribution("demo") == Integrity(condition=Condition.INTACT, files=3)


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
    found = verify_distribution("demo")
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
    assert verify_distribution("demo").condition is condition


def test_lets_a_project_be_worked_on(place: LibraryFolder) -> None:
    Path(place.prefix, "setup.cfg").touch()
    install(place, "demo", direct_url={"url": f"file://{place.prefix}", "dir_info": {"editable": True}})
    assert verify_distribution("demo").condition is Condition.EDITABLE


def test_says_that_nothing_of_that_name_is_installed(place: LibraryFolder) -> None:
    install(place, "other")
    assert verify_distribution("demo") == Integrity(condition=Condition.NOT_INSTALLED)


@pytest.mark.parametrize(
    ("file", "condition"),
    [
        pytest.param("{library}/pip_guard/__init__.py", Condition.INTACT, id="installed"),
        pytest.param("/srv/checkout/pip_guard/__init__.py", Condition.INCOMPLETE, id="elsewhere"),
    ],
)
def test_looks_at_the_pip_guard_that_is_running(
    file: str, condition: Condition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, running = make_library_folder(tmp_path / "other"), make_library_folder(tmp_path / "running")
    install(other, "pip-guard-shim", rows=["gone.py,,"])
    install(running, "pip-guard-shim")
    monkeypatch.setattr(self_check, "running_library_folders", lambda: (other, running))
    monkeypatch.setattr(pip_guard, "__file__", file.format(library=running.library))
    assert verify_distribution().condition is condition
