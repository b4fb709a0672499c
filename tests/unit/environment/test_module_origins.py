"""Test which modules would be imported, and from whose folders."""

from __future__ import annotations

import ensurepip
import os
import site
import subprocess
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

import packaging
import pytest

import pip_guard
from pip_guard.environment import module_origins
from pip_guard.environment.module_origins import (
    HIDDEN_PYTHON_PATH,
    find_foreign_modules,
    find_module,
    find_startup_modules,
    leave_foreign_folders,
    own_folder,
    own_modules,
    restore_python_path,
)
from pip_guard.errors import GuardError
from pip_guard.facts.start import ModuleOrigin


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is neither the working directory nor on any path."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    path = tmp_path / "folder"
    path.mkdir()
    return path


def make_package(folder: Path, name: str = "pip") -> str:
    (folder / name).mkdir()
    (folder / name / "__init__.py").touch()
    return str(folder / name)


def make_module(folder: Path, name: str = "pip") -> str:
    (folder / f"{name}.py").touch()
    return str(folder / f"{name}.py")


def test_installed_modules_are_not_foreign(folder: Path) -> None:
    assert find_foreign_modules() == ()


@pytest.mark.parametrize("make", [pytest.param(make_package, id="package"), pytest.param(make_module, id="module")])
@pytest.mark.parametrize("name", ["pip", "packaging", "platformdirs"])
def test_module_in_the_working_directory_is_foreign(
    folder: Path, monkeypatch: pytest.MonkeyPatch, make: object, name: str
) -> None:
    assert callable(make)
    path = make(folder, name)
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(folder)
    assert find_foreign_modules() == (ModuleOrigin(name=name, path=path, foreign="which is the working directory"),)


def test_module_in_the_working_directory_is_foreign_under_its_empty_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_package(folder)
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend("")
    assert find_foreign_modules() == (ModuleOrigin(name="pip", path=path, foreign="which is the working directory"),)


@pytest.mark.parametrize(
    "pythonpath",
    [
        pytest.param("{folder}", id="alone"),
        pytest.param("{folder}" + os.sep, id="with-a-slash"),
        pytest.param(os.pathsep.join(["", "/nowhere", "{folder}/../folder"]), id="among-others"),
        pytest.param("{folder}/../link", id="through-a-link"),
    ],
)
def test_module_on_pythonpath_is_foreign(folder: Path, monkeypatch: pytest.MonkeyPatch, pythonpath: str) -> None:
    path = make_package(folder)
    (folder.parent / "link").symlink_to(folder)
    monkeypatch.setenv("PYTHONPATH", pythonpath.format(folder=folder))
    monkeypatch.syspath_prepend(folder)
    assert find_foreign_modules() == (ModuleOrigin(name="pip", path=path, foreign="which PYTHONPATH names"),)


def test_all_foreign_modules_are_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("platformdirs", "packaging", "pip", "requests"):
        make_package(folder, name)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.syspath_prepend(folder)
    assert [module.name for module in find_foreign_modules()] == ["pip", "packaging", "platformdirs"]


def test_folder_that_python_itself_put_on_its_path_is_not_foreign(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_package(folder)
    monkeypatch.syspath_prepend(folder)
    assert find_foreign_modules() == ()


@pytest.mark.parametrize("trusted", [pytest.param(True, id="enabled"), pytest.param(False, id="disabled")])
def test_user_site_is_trusted_where_it_is_enabled(folder: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool) -> None:
    path = make_package(folder)
    monkeypatch.setattr("site.ENABLE_USER_SITE", trusted)
    monkeypatch.setattr("site.USER_SITE", str(folder))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.syspath_prepend(folder)
    foreign = ModuleOrigin(name="pip", path=path, foreign="which PYTHONPATH names")
    assert find_foreign_modules() == (() if trusted else (foreign,))


def test_installed_modules_are_not_foreign_where_pythonpath_names_their_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site_packages = Path(packaging.__file__).parents[1]
    monkeypatch.setenv("PYTHONPATH", str(site_packages))
    monkeypatch.chdir(site_packages)
    monkeypatch.syspath_prepend("")
    assert find_foreign_modules() == ()


def test_working_directory_may_be_gone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_package(folder)
    monkeypatch.syspath_prepend(folder)
    gone = folder.parent / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert find_foreign_modules() == ()


@pytest.mark.parametrize("entry", ["{folder}", "{folder}/../folder", "{folder}/../link", ""])
def test_leaves_the_folders_of_foreign_modules(folder: Path, monkeypatch: pytest.MonkeyPatch, entry: str) -> None:
    (folder.parent / "link").symlink_to(folder)
    monkeypatch.chdir(folder)
    before = ["/elsewhere", entry.format(folder=folder), str(folder.parent)]
    monkeypatch.setattr(sys, "path", list(before))
    path = sys.path
    foreign = ModuleOrigin(name="pip", path=str(folder / "pip"), foreign="which is the working directory")
    assert leave_foreign_folders([foreign]) == before
    assert sys.path is path
    assert path == ["/elsewhere", str(folder.parent)]


def test_finds_without_importing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "never_imported").mkdir()
    (folder / "never_imported" / "__init__.py").write_text("raise AssertionError", encoding="utf-8")
    (folder / "namespace").mkdir()
    module = make_module(folder, "module")
    monkeypatch.syspath_prepend(folder)
    assert find_module("never_imported") == str(folder / "never_imported")
    assert find_module("module") == module
    assert find_module("namespace") == str(folder / "namespace")
    assert find_module("there_is_no_such_module") is None
    assert "never_imported" not in sys.modules


def test_own_folder_holds_pip_guard() -> None:
    assert Path(own_folder(), "pip_guard", "__init__.py").samefile(pip_guard.__file__)


class Finder:
    """Find what the runner in another environment finds, which is not what lies on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return None if name == "pip" else ModuleSpec(name, None, origin=str(self.folder / name / "__init__.py"))


def test_own_modules_are_those_that_this_process_would_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = find_module("pip")
    monkeypatch.setattr(sys, "meta_path", [object(), Finder(tmp_path), PathFinder])
    assert own_modules() == {
        "pip_guard": str(Path(own_folder(), "pip_guard")),
        "pip": other,
        "packaging": str(tmp_path / "packaging"),
        "platformdirs": str(tmp_path / "platformdirs"),
    }


def test_finder_that_loads_much_to_find_nothing_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    finder = type("DistutilsMetaFinder", (), {"__module__": "_distutils_hack", "find_spec": pytest.fail})()
    before = own_modules()
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    assert own_modules() == before


def test_own_module_that_is_missing_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [Finder(tmp_path)])
    with pytest.raises(GuardError) as caught:
        own_modules()
    assert caught.value.message == "The module pip, which pip-guard needs, is missing."


def test_pip_that_came_with_python_is_not_foreign(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundled = next(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"), None)
    if bundled is None:
        pytest.skip("this Python brings no pip, as Debian's does not")
    monkeypatch.setenv("PYTHONPATH", str(bundled))
    monkeypatch.syspath_prepend(bundled)
    assert find_foreign_modules() == ()


@pytest.mark.parametrize("make", [pytest.param(make_package, id="package"), pytest.param(make_module, id="module")])
def test_module_that_ran_before_pip_guard_is_foreign(
    folder: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path, str], str]
) -> None:
    path = make(folder, "sitecustomize")
    (folder / "usercustomize").mkdir()  # it has no code
    monkeypatch.setattr(site, "ENABLE_USER_SITE", True)
    assert find_startup_modules() == ()
    monkeypatch.setenv("PYTHONPATH", f"{os.pathsep}{folder}")
    expected = ModuleOrigin(name="sitecustomize", path=path, foreign="which PYTHONPATH names", ran=True)
    assert find_startup_modules() == (expected,)
    monkeypatch.setattr(module_origins, "_trusted_folders", lambda: {str(folder)})
    assert find_startup_modules() == ()


@pytest.mark.parametrize("enabled", [True, False])
def test_module_of_a_user_ran_where_it_is_enabled(folder: Path, monkeypatch: pytest.MonkeyPatch, enabled: bool) -> None:
    make_module(folder, "usercustomize")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setattr(site, "ENABLE_USER_SITE", enabled)
    assert [module.name for module in find_startup_modules()] == (["usercustomize"] if enabled else [])


@pytest.mark.parametrize("option", ["-E", "-I", "-S"])
def test_nothing_ran_where_python_was_told_so(folder: Path, option: str) -> None:
    make_module(folder, "sitecustomize")
    code = (
        f"import sys; sys.path[:0] = {[own_folder(), *sys.path]!r}\n"
        "from pip_guard.environment.module_origins import find_startup_modules\n"
        "print(find_startup_modules())"
    )
    environ = {**os.environ, "PYTHONPATH": str(folder)}
    ended = subprocess.run(
        [sys.executable, option, "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    assert ended.stdout == "()\n"


def test_restores_pythonpath(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", ["library"])
    assert not restore_python_path()
    monkeypatch.setenv(HIDDEN_PYTHON_PATH, "")
    assert not restore_python_path()
    monkeypatch.setenv(HIDDEN_PYTHON_PATH, f"{folder}{os.pathsep}relative")
    assert restore_python_path()
    assert sys.path == [str(folder), str(Path.cwd() / "relative"), "library"]
    assert os.environ["PYTHONPATH"] == f"{folder}{os.pathsep}relative"
    assert HIDDEN_PYTHON_PATH not in os.environ
