"""The files of an installed distribution are compared with its RECORD."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pip_guard.distributions.installed.libraries import LibraryFolder
from pip_guard.distributions.installed.metadata import read_distributions
from pip_guard.distributions.installed.verify import Verified, locate, verify
from pip_guard.distributions.wheel.contents import Member, PlacedFile, Scheme
from pip_guard.distributions.wheel.record import Row
from tests.kit.wheels import record_hash
from tests.unit.distributions.installed.environments import install, make_library_folder

ENTRY_POINTS = "[console_scripts]\ndemo = demo:main\n"
SCRIPT = """\
#!{interpreter}
import sys
from demo import main
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit(main())
"""


@pytest.fixture
def place(tmp_path: Path) -> LibraryFolder:
    return make_library_folder(tmp_path)


def check(place: LibraryFolder) -> Verified:
    (distribution,) = read_distributions(place.library)
    return verify(distribution, place)


def differences(place: LibraryFolder) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = check(place)
    return found.defects, found.differences


def test_finds_nothing_in_what_is_as_it_was_installed(place: LibraryFolder) -> None:
    install(place, "demo", files={"demo/__init__.py": "", "demo/a.py": "a"})
    found = check(place)
    assert (found.defects, found.differences, found.compared) == ((), (), 4)
    assert {file.path for file in found.files} == {
        "demo/__init__.py",
        "demo/a.py",
        "demo-1.0.dist-info/METADATA",
        "demo-1.0.dist-info/INSTALLER",
        "demo-1.0.dist-info/RECORD",
    }


def change(path: Path) -> None:
    path.write_text("import os", encoding="utf-8")


def replace_by_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def replace_by_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("harm", "defects", "gone"),
    [
        pytest.param(change, ("demo.py has another content than RECORD says",), (), id="changed"),
        pytest.param(Path.unlink, (), ("demo.py is gone",), id="gone"),
        pytest.param(replace_by_fifo, ("demo.py is not a regular file",), (), id="fifo"),
        pytest.param(replace_by_loop, ("demo.py cannot be read (Too many levels of symbolic links)",), (), id="loop"),
    ],
)
def test_finds_what_has_changed(
    harm: Callable[[Path], None], defects: tuple[str, ...], gone: tuple[str, ...], place: LibraryFolder
) -> None:
    install(place, "demo")
    harm(Path(place.library, "demo.py"))
    assert differences(place) == (defects, gone)


def test_a_link_to_the_same_content_is_no_change(place: LibraryFolder) -> None:
    install(place, "demo")
    file = Path(place.library, "demo.py")
    file.rename(Path(place.prefix, "cached"))
    file.symlink_to(Path(place.prefix, "cached"))
    assert differences(place) == ((), ())


@pytest.mark.parametrize(
    ("row", "defects", "found"),
    [
        pytest.param("demo/__pycache__/a.cpython-311.pyc,,", (), (), id="compiled"),
        pytest.param("demo/__pycache__,,", (), (), id="folder-of-compiled"),
        pytest.param("demo/,,", (), (), id="folder"),
        pytest.param("other.py,,", (), ("other.py is gone",), id="gone-and-unhashed"),
        pytest.param("there.py,,", (), ("RECORD has no hash of there.py",), id="unhashed"),
        pytest.param("demo-1.0.virtualenv,,", (), ("demo-1.0.virtualenv is gone",), id="gone-marker"),
        pytest.param("pyvenv.cfg,,", (), ("pyvenv.cfg is gone",), id="gone-in-library"),
        pytest.param("../../../pyvenv.cfg,,", (), (), id="unhashed-marker"),
        pytest.param("there.pth,,", (), ("RECORD has no hash of there.pth",), id="unhashed-startup-file"),
        pytest.param("../../../bin/there,,", (), ("RECORD has no hash of ../../../bin/there",), id="unhashed-command"),
        pytest.param("there.py,unheard=x,", ("RECORD has no hash of there.py",), (), id="unknown-algorithm"),
        pytest.param("demo-1.0.dist-info/RECORD.jws,,", (), (), id="signature"),
        pytest.param("demo-1.0.dist-info/NOTICE,,", (), (), id="unhashed-metadata"),
        pytest.param("there.py,md5=1B2M2Y8AsgTpgAmY7PhCfg,", (), (), id="weak-hash"),
        pytest.param(
            "there.py,md5=AAAA,", ("there.py has another content than RECORD says",), (), id="other-weak-hash"
        ),
        pytest.param(
            "demo.py,sha256=AAAA,1", ("RECORD lists demo.py twice, and differently",), (), id="twice-and-differently"
        ),
        pytest.param(f"demo.py,{record_hash(b'')},", (), (), id="twice"),
        *(
            pytest.param(
                f"{path},sha256=AAAA,1", (f"RECORD lists {path}, which is outside of the environment",), (), id=name
            )
            for name, path in {
                "absolute": "/etc/passwd",
                "escaping": "../../../../../etc/passwd",
                "escaping-later": "demo/../../../../../etc/passwd",
                "prefix-itself": "../../..",
            }.items()
        ),
        pytest.param("a\0b,sha256=AAAA,1", ("a\0b cannot be read (embedded null byte)",), (), id="null-byte"),
    ],
)
def test_takes_rows_for_what_they_are(
    row: str, defects: tuple[str, ...], found: tuple[str, ...], place: LibraryFolder
) -> None:
    for there in (Path(place.library, "there.py"), Path(place.library, "there.pth"), Path(place.commands, "there")):
        there.touch()
    install(place, "demo", rows=[row]).joinpath("NOTICE").touch()
    assert differences(place) == (defects, found)


def test_never_opens_what_is_outside(place: LibraryFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    install(place, "demo", rows=["../../../../secret,sha256=AAAA,1"])
    (distribution,) = read_distributions(place.library)
    opened: list[str] = []
    real = os.open

    def watch(path: str, flags: int) -> int:
        opened.append(path)
        return real(path, flags)

    monkeypatch.setattr(os, "open", watch)
    verify(distribution, place)
    assert opened
    assert all(path.startswith(place.library) for path in opened)


@pytest.mark.parametrize(
    ("installer", "library"),
    [
        pytest.param("conda", "lib/python3.11/site-packages", id="conda"),
        pytest.param("pip", "lib/python3/dist-packages", id="package-manager"),
    ],
)
def test_compares_nothing_that_others_have_changed_by_right(installer: str, library: str, tmp_path: Path) -> None:
    place = LibraryFolder(library=str(tmp_path / library), prefix=str(tmp_path))
    install(place, "demo", installer=installer)
    change(Path(place.library, "demo.py"))
    found = check(place)
    assert (found.defects, found.differences, found.compared) == ((), (), 0)
    assert "demo.py" in {file.path for file in found.files}


def test_expects_the_package_manager_to_put_commands_elsewhere(tmp_path: Path) -> None:
    place = LibraryFolder(library=str(tmp_path / "lib/python3/dist-packages"), prefix=str(tmp_path))
    install(place, "demo", files={}, rows=["../scripts/demo,sha256=AAAA,1", "/usr/bin/demo,sha256=AAAA,1"])
    assert "demo" not in {Path(file.path).name for file in check(place).files}


@pytest.mark.parametrize(
    ("path", "scheme", "found"),
    [
        pytest.param("demo/a.py", Scheme.PURELIB, "demo/a.py", id="library"),
        pytest.param("./demo/a.py", Scheme.PURELIB, "demo/a.py", id="dot"),
        pytest.param("demo/../b.py", Scheme.PURELIB, "b.py", id="dots"),
        pytest.param("demo//b.py", Scheme.PURELIB, "demo/b.py", id="slashes"),
        pytest.param("../../../bin/demo", Scheme.SCRIPTS, "demo", id="command"),
        pytest.param("../../../share/x", Scheme.DATA, "share/x", id="data"),
        pytest.param("../../../lib64/python3.11/site-packages/a.so", Scheme.DATA, None, id="other-library"),
    ],
)
def test_locates_files(path: str, scheme: Scheme, found: str | None, place: LibraryFolder) -> None:
    row = Row(path, "", "")
    expected = PlacedFile(scheme, found or path.removeprefix("../../../"), Member(path, 0, ""))
    assert locate(row, place) == expected


@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param("../../bin/demo", (Scheme.SCRIPTS, "demo"), id="command"),
        pytest.param("../../share/x", (Scheme.PURELIB, "share/x"), id="data"),
        pytest.param("../../../x", None, id="escaping"),
        pytest.param("../..//etc/x", None, id="absolute"),
        pytest.param("../x", None, id="beside"),
    ],
)
def test_locates_what_was_moved_into_a_target_folder(
    path: str, found: tuple[Scheme, str] | None, tmp_path: Path
) -> None:
    located = locate(Row(path, "", ""), LibraryFolder(library=str(tmp_path), prefix=str(tmp_path)))
    assert (None if located is None else (located.scheme, located.path)) == found


@pytest.mark.parametrize(
    ("interpreter", "body", "entry_points", "known"),
    [
        pytest.param("{bin}/python3.11", "", ENTRY_POINTS, True, id="moved"),
        pytest.param("/elsewhere/python", "", ENTRY_POINTS, False, id="other-interpreter"),
        pytest.param("{bin}/python", "import os\n", ENTRY_POINTS, False, id="more-code"),
        pytest.param("{bin}/python", "", None, False, id="no-entry-points"),
    ],
)
def test_a_script_may_have_another_interpreter(
    interpreter: str, body: str, entry_points: str | None, known: bool, place: LibraryFolder
) -> None:
    old = SCRIPT.format(interpreter="/old/bin/python").encode()
    Path(place.commands, "demo").write_text(
        SCRIPT.format(interpreter=interpreter.format(bin=place.commands)) + body, encoding="utf-8"
    )
    row = f"../../../bin/demo,{record_hash(old)},{len(old)}"
    install(place, "demo", entry_points=entry_points, rows=[row])
    defects = () if known else ("../../../bin/demo has another content than RECORD says",)
    assert differences(place) == (defects, ())


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param("", (), id="known"),
        pytest.param("import os\n", ("RECORD has no hash of ../../../bin/demo",), id="more-code"),
    ],
)
def test_a_script_that_an_installer_has_made_needs_no_hash(
    body: str, found: tuple[str, ...], place: LibraryFolder
) -> None:
    script = SCRIPT.format(interpreter=f"{place.commands}/python") + body
    Path(place.commands, "demo").write_text(script, encoding="utf-8")
    install(place, "demo", entry_points=ENTRY_POINTS, rows=["../../../bin/demo,,"])
    assert differences(place) == ((), found)
