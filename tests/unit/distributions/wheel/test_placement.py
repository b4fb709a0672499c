"""Test where files go: where pip puts them."""

from __future__ import annotations

import sys

import pytest

from pip_guard.distributions.wheel.contents import Member, PlacedFile, Scheme
from pip_guard.distributions.wheel.placement import check_places, command_path, library_path, place

PIP3 = f"pip{sys.version_info[0]}"
PIP3_X = f"{PIP3}.{sys.version_info[1]}"


def placed(
    *names: str, console: list[str] | None = None, gui: list[str] | None = None, windows: bool = False
) -> list[str]:
    """Place files, and return where each goes as folder:path."""
    members = [Member(name, 0, "") for name in names]
    found = place(members, Scheme.PURELIB, console or [], gui or [], windows=windows)
    return [
        f"{file.scheme.value}:{file.path}" if isinstance(file, PlacedFile) else f"nowhere: {file}" for file in found
    ]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        pytest.param("demo/a.py", "purelib:demo/a.py", id="top"),
        pytest.param("a.data", "purelib:a.data", id="file-called-like-a-data-folder"),
        pytest.param("demo-1.0.data/purelib/a.py", "purelib:a.py", id="purelib"),
        pytest.param("demo-1.0.data/platlib/a/b.so", "platlib:a/b.so", id="platlib"),
        pytest.param("demo-1.0.data/scripts/tool", "scripts:tool", id="scripts"),
        pytest.param("demo-1.0.data/headers/a.h", "headers:a.h", id="headers"),
        pytest.param("other-9.data/data/pip.conf", "data:pip.conf", id="data-of-another-name"),
        pytest.param("demo-1.0.data/data/a/../b", "data:b", id="parent"),
        pytest.param("demo-1.0.data/data", "nowhere: demo-1.0.data/data", id="no-path"),
        pytest.param("demo-1.0.data/stdlib/a", "nowhere: demo-1.0.data/stdlib/a", id="no-such-folder"),
        pytest.param("demo-1.0.data/Scripts/a", "nowhere: demo-1.0.data/Scripts/a", id="folder-in-another-case"),
        pytest.param("demo.DATA/data/a", "purelib:demo.DATA/data/a", id="data-folder-in-another-case"),
    ],
)
def test_places_a_file(name: str, place: str) -> None:
    assert placed(name) == [place]


@pytest.mark.parametrize(
    ("console", "scripts"),
    [
        pytest.param(["tool", "sub/../python3"], ["tool", "python3"], id="plain"),
        pytest.param(["pip", "pip2", "pip3.6", "pip-x"], ["pip", PIP3, PIP3_X, "pip-x"], id="pip"),
        pytest.param(
            ["easy_install", "easy_install-2.7", "x"],
            ["easy_install", f"easy_install-{PIP3_X.removeprefix('pip')}", "x"],
            id="easy-install",
        ),
        pytest.param(["pip3.6"], ["pip3.6"], id="versioned-pip-alone"),
    ],
)
def test_makes_console_scripts(console: list[str], scripts: list[str]) -> None:
    assert placed(console=console) == [f"scripts:{name}" for name in scripts]


def test_makes_executables_on_windows() -> None:
    assert placed(console=["tool", "pip3.11", "run.py"], gui=["win.pyw"], windows=True) == [
        "scripts:tool.exe",
        "scripts:pip3.11.exe",
        "scripts:run.exe",
        "scripts:win.exe",
    ]


def test_leaves_out_old_wrappers_of_entry_points() -> None:
    scripts = [
        f"demo-1.0.data/scripts/{name}" for name in ("tool", "tool.exe", "tool-script.py", "win.pya", "other.exe")
    ]
    assert placed(*scripts, console=["tool"], gui=["win"]) == ["scripts:other.exe", "scripts:tool", "scripts:win"]


@pytest.mark.parametrize(
    ("file", "library", "command"),
    [
        pytest.param(PlacedFile(Scheme.PURELIB, "a.py"), "a.py", None, id="purelib"),
        pytest.param(PlacedFile(Scheme.PLATLIB, "a.py"), "a.py", None, id="platlib"),
        pytest.param(PlacedFile(Scheme.SCRIPTS, "tool"), None, "tool", id="scripts"),
        pytest.param(PlacedFile(Scheme.HEADERS, "a.h"), None, None, id="headers"),
        pytest.param(PlacedFile(Scheme.DATA, "lib/python3.11/site-packages/a.py"), "a.py", None, id="site-packages"),
        pytest.param(PlacedFile(Scheme.DATA, "lib64/python3.13t/site-packages/a/b.py"), "a/b.py", None, id="lib64"),
        pytest.param(PlacedFile(Scheme.DATA, "Lib/site-packages/a.py"), "a.py", None, id="windows"),
        pytest.param(PlacedFile(Scheme.DATA, "Python311/site-packages/a.py"), "a.py", None, id="user-on-windows"),
        pytest.param(PlacedFile(Scheme.DATA, "local/lib/python3/dist-packages/a.py"), "a.py", None, id="debian"),
        pytest.param(PlacedFile(Scheme.DATA, "lib/pypy3.10/site-packages/a.py"), "a.py", None, id="pypy"),
        pytest.param(PlacedFile(Scheme.DATA, "lib/python3.11/a.py"), None, None, id="standard-library"),
        pytest.param(PlacedFile(Scheme.DATA, "bin/tool"), None, "tool", id="bin"),
        pytest.param(PlacedFile(Scheme.DATA, "Scripts/tool.exe"), None, "tool.exe", id="scripts-on-windows"),
        pytest.param(PlacedFile(Scheme.DATA, "share/bin/tool"), None, None, id="elsewhere"),
    ],
)
def test_finds_the_library_and_the_commands_by_whichever_way(
    file: PlacedFile, library: str | None, command: str | None
) -> None:
    assert (library_path(file), command_path(file)) == (library, command)


def check(*names: str, console: tuple[str, ...] = ()) -> list[str]:
    members = [Member(name, 0, "") for name in names]
    files = [file for file in place(members, Scheme.PURELIB, list(console), []) if isinstance(file, PlacedFile)]
    return list(check_places(files))


@pytest.mark.parametrize(
    ("names", "console"),
    [
        pytest.param(("a.py", "d.dist-info/RECORD"), ("tool",), id="at-the-top"),
        pytest.param(("a.py", "d.data/platlib/b.py", "d.data/scripts/x", "d.data/data/share/x"), ("tool",), id="apart"),
        pytest.param(("d.data/headers/x", "d.data/data/x", "d.data/scripts/x", "x"), (), id="same-name-elsewhere"),
        pytest.param(("p/d.dist-info/RECORD", "d.data/data/share/d.dist-info/RECORD"), (), id="metadata-elsewhere"),
    ],
)
def test_lets_each_file_have_its_place(names: tuple[str, ...], console: tuple[str, ...]) -> None:
    assert check(*names, console=console) == []


@pytest.mark.parametrize(
    ("names", "console", "defect"),
    [
        pytest.param(("a.py", "d.data/platlib/a.py"), (), "two of its files would be a.py", id="library"),
        pytest.param(
            ("d.data/purelib/a.py", "d.data/data/lib/python3.11/site-packages/a.py"),
            (),
            "two of its files would be lib/python3.11/site-packages/a.py",
            id="by-way-of-data",
        ),
        pytest.param(("d.data/data/bin/x",), ("x",), "two of its files would be x", id="command"),
        pytest.param(
            ("d.data/purelib/other-9.dist-info/RECORD",),
            (),
            "d.data/purelib/other-9.dist-info/RECORD would be metadata of a distribution",
            id="dist-info",
        ),
        pytest.param(
            ("d.data/data/lib/python3.11/site-packages/x.egg-link",),
            (),
            "d.data/data/lib/python3.11/site-packages/x.egg-link would be metadata of a distribution",
            id="egg-link",
        ),
    ],
)
def test_finds_files_in_the_place_of_others(names: tuple[str, ...], console: tuple[str, ...], defect: str) -> None:
    assert check(*names, console=console) == [defect]
