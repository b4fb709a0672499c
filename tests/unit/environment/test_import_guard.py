"""Only Python's own library, and four packages, are imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pip_guard.environment.import_guard import OwnLibraryFinder, import_as_before, import_own_library_only


@pytest.mark.parametrize(
    "name", ["sys", "os", "zipimport", "tomllib" if sys.version_info >= (3, 11) else "json", "_json"]
)
def test_finds_the_library(name: str) -> None:
    assert OwnLibraryFinder().find_spec(name) is not None


@pytest.mark.parametrize("name", ["pip", "pip_guard", "packaging", "platformdirs"])
def test_leaves_its_own_packages_to_python(name: str) -> None:
    assert OwnLibraryFinder().find_spec(name) is None


def test_leaves_what_is_inside_of_packages_to_python() -> None:
    assert OwnLibraryFinder().find_spec("pytest.anything", ["/somewhere"]) is None


@pytest.mark.parametrize("name", ["pytest", "attr", "org", "msvcrt", "no_such_module"])
def test_finds_no_other_module(name: str) -> None:
    with pytest.raises(ModuleNotFoundError) as caught:
        OwnLibraryFinder().find_spec(name)
    assert caught.value.name == name
    assert str(caught.value) == f"pip-guard imports no module named {name!r}"


def test_stands_in_front_once_and_can_be_taken_away() -> None:
    before = list(sys.meta_path)
    try:
        import_own_library_only()
        import_own_library_only()
        assert [type(finder) for finder in sys.meta_path].count(OwnLibraryFinder) == 1
        assert isinstance(sys.meta_path[0], OwnLibraryFinder)
    finally:
        import_as_before()
    assert sys.meta_path == before


@pytest.mark.parametrize("name", ["attr", "fnmatch", "optparse", "tomllib", "threading", "typing"])
def test_nothing_on_pythonpath_stands_in_for_it(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text("raise SystemExit('it ran')\n", encoding="utf-8")
    code = "from pip_guard.environment.import_guard import import_own_library_only as only; only()\ntry:\n    import NAME\nexcept ImportError: pass"
    repository = Path(__file__).parents[3]
    ended = subprocess.run(
        [
            sys.executable,
            "-S",
            "-c",
            f"import sys; sys.path.append({str(repository)!r}); {code.replace('NAME', name)}".replace(
                "; from", "\nfrom"
            ),
        ],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_nothing_on_pythonpath_runs_before_that(tmp_path: Path) -> None:
    own = Path(__file__).parents[3]
    # without this one, no Python starts
    for name in sys.stdlib_module_names - {"encodings"}:
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} ran')\n", encoding="utf-8")
    path = f"import sys; sys.path.append({str(own)!r})\nimport pip_guard.cli, pip_guard.environment.import_guard"
    command = [sys.executable, "-S", "-c", path]
    ended = subprocess.run(command, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
