"""Test what is found out about the environment, and where a command would write."""

from __future__ import annotations

import ctypes
import os
import site
import sys
import sysconfig
import types
from collections.abc import Callable
from pathlib import Path

import pytest

from pip_guard.environment.active import in_virtual_environment
from pip_guard.environment.destination import (
    classify,
    describe_command,
    find_destination,
    is_externally_managed,
    runs_as_root,
)
from pip_guard.facts.command import CommandFacts, CommandOptions, Destination, DestinationKind
from tests.unit.factories import (
    COMMAND_LINE,
    CONFIGURATION,
    DEFAULT,
    ENVIRONMENT,
    make_command_options,
    make_setting,
)

LIBRARY = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}"


def make_interpreter(prefix: Path, library: str = "lib/python3.11") -> None:
    (prefix / library).mkdir(parents=True)
    (prefix / library / "os.py").touch()


def make_environment(prefix: Path) -> None:
    (prefix / "lib").mkdir(parents=True)
    (prefix / "pyvenv.cfg").touch()


def make_library(prefix: Path) -> None:
    """Make the folders in which this Python, as its distributor has set it up, looks for distributions."""
    for folder in site.getsitepackages([str(prefix)]):
        Path(folder).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a small world: a virtual environment that is active, its interpreter, a home, other interpreters."""
    root = tmp_path.resolve()
    make_environment(root / "venv")
    make_interpreter(root / "usr")
    make_interpreter(root / "we[i]rd *", "lib/python3.13t")
    make_interpreter(root / "windows", "Lib")
    make_interpreter(root / "antique", "lib/python2.7")
    make_environment(root / "other")
    make_environment(root / "usr" / "lib" / "venv")
    (root / "home" / ".local").mkdir(parents=True)
    (root / "plain").mkdir()
    for name, target in {"this": "venv", "that": "other", "local": "usr/lib", "up": "plain"}.items():
        (root / f"link-to-{name}").symlink_to(root / target)
    monkeypatch.setattr(sys, "prefix", str(root / "venv"))
    monkeypatch.setattr(sys, "base_prefix", str(root / "base"))
    monkeypatch.setattr(sys, "base_exec_prefix", str(root / "base"))
    monkeypatch.setattr(site, "USER_BASE", str(root / "home" / ".local"))
    monkeypatch.setattr(site, "USER_SITE", str(root / "home" / ".local" / LIBRARY / "site-packages"))
    make_library(root / "base")
    monkeypatch.chdir(root / "plain")
    return root


@pytest.fixture
def outside(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leave the virtual environment of the small world."""
    monkeypatch.setattr(sys, "prefix", str(root / "base"))
    make_library(root / "base")
    return root


@pytest.mark.parametrize(
    ("path", "place"),
    [
        pytest.param("venv", DestinationKind.THIS_ENVIRONMENT, id="environment"),
        pytest.param("venv/lib/python3.11/site-packages", DestinationKind.THIS_ENVIRONMENT, id="in-environment"),
        pytest.param("venv/there/is/none", DestinationKind.THIS_ENVIRONMENT, id="in-environment-not-made-yet"),
        pytest.param("plain/../venv", DestinationKind.THIS_ENVIRONMENT, id="environment-by-dots"),
        pytest.param("link-to-this/lib", DestinationKind.THIS_ENVIRONMENT, id="environment-by-link"),
        pytest.param("venv2", DestinationKind.FOLDER, id="longer-name-than-the-environment"),
        pytest.param("other", DestinationKind.OTHER_ENVIRONMENT, id="other-environment"),
        pytest.param("other/lib/site-packages", DestinationKind.OTHER_ENVIRONMENT, id="in-other-environment"),
        pytest.param("link-to-that/x", DestinationKind.OTHER_ENVIRONMENT, id="other-environment-by-link"),
        pytest.param("usr/lib/venv/lib", DestinationKind.OTHER_ENVIRONMENT, id="environment-inside-an-interpreter"),
        pytest.param("usr", DestinationKind.INTERPRETER, id="interpreter"),
        pytest.param("usr/lib/python3/x", DestinationKind.INTERPRETER, id="library-of-interpreter"),
        pytest.param("usr/bin", DestinationKind.INTERPRETER, id="scripts-of-interpreter"),
        pytest.param("link-to-local/x", DestinationKind.INTERPRETER, id="interpreter-by-link"),
        pytest.param("usr/local", DestinationKind.FOLDER, id="below-interpreter"),
        pytest.param("usr/lib64/x", DestinationKind.INTERPRETER, id="other-library-of-interpreter"),
        pytest.param("usr/include/x", DestinationKind.INTERPRETER, id="headers-of-interpreter"),
        pytest.param("windows/Lib/x", DestinationKind.INTERPRETER, id="library-on-windows"),
        pytest.param("windows/Include/x", DestinationKind.INTERPRETER, id="headers-on-windows"),
        pytest.param("usr/share/x", DestinationKind.FOLDER, id="data-beside-interpreter"),
        pytest.param("usr/library", DestinationKind.FOLDER, id="longer-name-than-the-library"),
        pytest.param("we[i]rd *", DestinationKind.INTERPRETER, id="interpreter-with-a-name-like-a-pattern"),
        pytest.param("windows/Scripts", DestinationKind.INTERPRETER, id="interpreter-on-windows"),
        pytest.param("antique/lib", DestinationKind.FOLDER, id="other-pythons-are-not-known"),
        pytest.param(f"base/{LIBRARY}/site-packages", DestinationKind.INTERPRETER, id="base-interpreter"),
        pytest.param(f"base/{LIBRARY}/site-packages/demo", DestinationKind.INTERPRETER, id="in-base-interpreter"),
        pytest.param("base", DestinationKind.INTERPRETER, id="above-the-library-of-the-base-interpreter"),
        pytest.param("base/share", DestinationKind.FOLDER, id="beside-the-library-of-the-base-interpreter"),
        pytest.param("home/.local", DestinationKind.USER_SITE, id="user-base"),
        pytest.param("home/.local/lib/python3.11/site-packages", DestinationKind.USER_SITE, id="user-site"),
        pytest.param("home/.local/bin", DestinationKind.USER_SITE, id="user-scripts"),
        pytest.param("home/.local/share/app", DestinationKind.FOLDER, id="user-data"),
        pytest.param("home", DestinationKind.FOLDER, id="home"),
        pytest.param("plain", DestinationKind.FOLDER, id="folder"),
        pytest.param("plain/lib", DestinationKind.FOLDER, id="folder-not-made-yet"),
        pytest.param("link-to-up/x", DestinationKind.FOLDER, id="folder-by-link"),
        pytest.param("plain/site-packages", DestinationKind.INTERPRETER, id="site-packages-of-some-interpreter"),
        pytest.param(
            "plain/lib/python3/dist-packages/x", DestinationKind.INTERPRETER, id="dist-packages-of-some-interpreter"
        ),
        pytest.param("plain/my-site-packages", DestinationKind.FOLDER, id="longer-name-than-site-packages"),
    ],
)
def test_classifies(root: Path, path: str, place: DestinationKind) -> None:
    assert classify(str(root / path)) is place


@pytest.mark.parametrize(
    ("path", "place"),
    [
        pytest.param("base", DestinationKind.INTERPRETER, id="base-interpreter"),
        pytest.param("venv", DestinationKind.OTHER_ENVIRONMENT, id="environment"),
        pytest.param("plain", DestinationKind.FOLDER, id="folder"),
        pytest.param("home/.local/lib", DestinationKind.USER_SITE, id="user-site"),
    ],
)
def test_classifies_outside_of_environments(outside: Path, path: str, place: DestinationKind) -> None:
    assert classify(str(outside / path)) is place


@pytest.mark.parametrize(
    ("options", "destination"),
    [
        pytest.param(
            make_command_options(),
            Destination(path="{root}/venv", place=DestinationKind.THIS_ENVIRONMENT, origin=DEFAULT),
            id="nothing-set",
        ),
        pytest.param(
            make_command_options(target=make_setting("vendor")),
            Destination(path="{root}/plain/vendor", place=DestinationKind.FOLDER, origin=COMMAND_LINE),
            id="target",
        ),
        pytest.param(
            make_command_options(target=make_setting("../usr/lib", ENVIRONMENT)),
            Destination(path="{root}/usr/lib", place=DestinationKind.INTERPRETER, origin=ENVIRONMENT),
            id="target-in-interpreter",
        ),
        pytest.param(
            make_command_options(user=CONFIGURATION),
            Destination(
                path=f"{{root}}/home/.local/{LIBRARY}/site-packages",
                place=DestinationKind.USER_SITE,
                origin=CONFIGURATION,
            ),
            id="user",
        ),
        pytest.param(
            make_command_options(prefix=make_setting("../other", ENVIRONMENT)),
            Destination(path="{root}/other", place=DestinationKind.OTHER_ENVIRONMENT, origin=ENVIRONMENT),
            id="prefix",
        ),
        pytest.param(
            make_command_options(root=make_setting("stage", CONFIGURATION)),
            Destination(path="{root}/plain/stage{root}/venv", place=DestinationKind.FOLDER, origin=CONFIGURATION),
            id="root",
        ),
        pytest.param(
            make_command_options(root=make_setting("/", CONFIGURATION)),
            Destination(path="{root}/venv", place=DestinationKind.THIS_ENVIRONMENT, origin=CONFIGURATION),
            id="root-of-the-machine",
        ),
        pytest.param(
            make_command_options(root=make_setting("/", ENVIRONMENT), prefix=make_setting("../usr", COMMAND_LINE)),
            Destination(path="{root}/usr", place=DestinationKind.INTERPRETER, origin=ENVIRONMENT),
            id="root-and-prefix",
        ),
        pytest.param(
            make_command_options(target=make_setting("vendor"), user=ENVIRONMENT, prefix=make_setting("/usr")),
            Destination(path="{root}/plain/vendor", place=DestinationKind.FOLDER, origin=COMMAND_LINE),
            id="target-comes-first",
        ),
        pytest.param(
            make_command_options(user=ENVIRONMENT, prefix=make_setting("x"), root=make_setting("y")),
            Destination(
                path=f"{{root}}/home/.local/{LIBRARY}/site-packages",
                place=DestinationKind.USER_SITE,
                origin=ENVIRONMENT,
            ),
            id="user-comes-before-prefix",
        ),
    ],
)
def test_finds_the_destination(root: Path, options: CommandOptions, destination: Destination) -> None:
    expected = Destination(
        path=destination.path.replace("{root}", str(root)), place=destination.place, origin=destination.origin
    )
    assert find_destination(options) == expected


def test_another_root_is_a_part_of_a_system_outside_of_environments(outside: Path) -> None:
    assert find_destination(make_command_options(root=make_setting("stage"))) == Destination(
        path=f"{outside}/plain/stage{outside}/base", place=DestinationKind.INTERPRETER, origin=COMMAND_LINE
    )
    named = make_command_options(root=make_setting("stage"), prefix=make_setting("/x"))
    assert find_destination(named).place is DestinationKind.FOLDER


def test_destination_outside_of_environments_is_the_interpreter(outside: Path) -> None:
    assert find_destination(make_command_options()) == Destination(
        path=f"{outside}/base", place=DestinationKind.INTERPRETER, origin=DEFAULT
    )


@pytest.mark.parametrize(
    ("folders", "inside"),
    [
        pytest.param((), False, id="interpreter"),
        pytest.param(("conda-meta",), True, id="conda-environment"),
        pytest.param(("conda-meta", "condabin"), False, id="conda-base"),
        pytest.param(("condabin",), False, id="no-conda"),
    ],
)
def test_recognises_conda_environments_but_the_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folders: tuple[str, ...], inside: bool
) -> None:
    for folder in folders:
        (tmp_path / folder).mkdir()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    assert in_virtual_environment() is inside


def test_recognises_virtual_environments(root: Path) -> None:
    assert in_virtual_environment()


@pytest.mark.parametrize(("user", "root"), [pytest.param(0, True, id="root"), pytest.param(1000, False, id="other")])
def test_root_is_whoever_has_its_rights(monkeypatch: pytest.MonkeyPatch, user: int, root: bool) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(os, "getuid", lambda: 1000 - user)
    assert runs_as_root() is root


@pytest.mark.parametrize(("answer", "root"), [pytest.param(1, True, id="elevated"), pytest.param(0, False, id="not")])
def test_root_on_windows_is_an_elevated_session(monkeypatch: pytest.MonkeyPatch, answer: int, root: bool) -> None:
    shell = types.SimpleNamespace(shell32=types.SimpleNamespace(IsUserAnAdmin=lambda: answer))
    monkeypatch.setattr(ctypes, "windll", shell, raising=False)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "win32")
        found = runs_as_root()
    assert found is root


def mark_file(folder: Path) -> None:
    (folder / "EXTERNALLY-MANAGED").touch()


def mark_folder(folder: Path) -> None:
    (folder / "EXTERNALLY-MANAGED").mkdir()


@pytest.mark.parametrize(
    ("mark", "managed"),
    [
        pytest.param(mark_file, True, id="marked"),
        pytest.param(mark_folder, False, id="no-file"),
        pytest.param(lambda folder: None, False, id="not-marked"),
    ],
)
def test_recognises_the_mark_of_managed_interpreters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mark: Callable[[Path], None], managed: bool
) -> None:
    mark(tmp_path)
    monkeypatch.setattr(sysconfig, "get_path", {"stdlib": str(tmp_path)}.__getitem__)
    assert is_externally_managed() is managed


@pytest.mark.parametrize(
    ("writes", "place"),
    [pytest.param(True, DestinationKind.THIS_ENVIRONMENT, id="writes"), pytest.param(False, None, id="only-fetches")],
)
def test_describes_a_command(
    root: Path, monkeypatch: pytest.MonkeyPatch, writes: bool, place: DestinationKind | None
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(sysconfig, "get_path", {"stdlib": str(root)}.__getitem__)
    mark_file(root)
    options = make_command_options(command="wheel", writes=writes, break_system_packages=ENVIRONMENT)
    assert describe_command(options) == CommandFacts(
        command="wheel",
        runs_as_root=True,
        in_virtual_environment=True,
        externally_managed=True,
        destination=None if place is None else Destination(path=sys.prefix, place=place, origin=DEFAULT),
        break_system_packages=ENVIRONMENT,
    )
