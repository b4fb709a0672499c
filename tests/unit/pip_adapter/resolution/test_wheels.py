"""Test when the session is told of wheels as they lie on disk, and of which together."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pip._internal.req.constructors import install_req_from_editable, install_req_from_line
from pip._internal.req.req_install import InstallRequirement

from pip_guard.distributions.wheel.contents import WheelContents
from pip_guard.engine.summary import CommandSummary
from pip_guard.facts.command import JournalFacts
from pip_guard.facts.resolution import ChosenFile
from pip_guard.facts.wheel import ConflictingFile, FileConflict, OwnerKind, WheelFacts
from pip_guard.pip_adapter.resolution import wheels
from pip_guard.pip_adapter.resolution.candidates import COMMAND_LINE
from pip_guard.pip_adapter.resolution.reading import WheelReader
from pip_guard.pip_adapter.resolution.state import ResolutionState
from tests.kit.index import LocalIndex
from tests.kit.simple_api import sha256
from tests.kit.wheels import Wheel, make_wheel
from tests.unit.engine.factories import RecordedJournal, make_session
from tests.unit.pip_adapter.guarded_pip import TRY, GuardedPip

MISSING = ("it cannot be read (No such file or directory)",)


@pytest.mark.parametrize("downloaded", [pytest.param(True, id="removed"), pytest.param(False, id="never-fetched")])
def test_takes_a_file_that_is_not_there_for_a_wrong_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, downloaded: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("None").write_bytes(b"")
    requirement = install_req_from_line("demo @ https://host.example/demo-1.0-py3-none-any.whl")
    if downloaded:
        requirement.local_file_path = str(tmp_path / "absent")
    contents = WheelContents(filename="demo-1.0-py3-none-any.whl", name="demo", defects=MISSING)
    assert wheels._read(requirement, WheelReader()) == contents


# Two wheels that have a module of the same name.
ONE, TWO = (make_wheel(name, files={f"{name}.py": "", "shared.py": name}) for name in ("one", "two"))


def told(wheel: Wheel, *conflicts: FileConflict) -> WheelFacts:
    return WheelFacts(
        project=wheel.name,
        version="1.0",
        filename=wheel.filename,
        sha256=sha256(wheel.content),
        origin=COMMAND_LINE,
        modules=frozenset({wheel.name, "shared"}),
        packages=frozenset({f"{wheel.name}-1.0.dist-info"}),
        conflicts=conflicts,
    )


def chosen(wheel: Wheel, index: LocalIndex) -> ChosenFile:
    return ChosenFile(
        project=wheel.name,
        version="1.0",
        filename=wheel.filename,
        url=f"{index.files_url}{wheel.filename}",
        hashes=frozenset({f"sha256:{sha256(wheel.content)}"}),
        size=len(wheel.content),
    )


def takes_the_place(owner: str, kind: OwnerKind, path: str = "shared.py") -> FileConflict:
    return FileConflict(owner=owner, kind=kind, files=(ConflictingFile(path=path, existing=path),))


def publish(index: LocalIndex, *, metadata: bool = False) -> None:
    for wheel in (ONE, TWO):
        index.publish(wheel, metadata=metadata)


def test_wheels_of_a_download_are_judged_each_for_itself(
    pip: GuardedPip, local_index: LocalIndex, tmp_path: Path
) -> None:
    publish(local_index, metadata=True)
    options = ("--no-cache-dir", "--dest=kept", "--index-url", local_index.url)
    assert pip.run("download", *options, "one", "two") == 0
    assert pip.facts(WheelFacts) == [told(ONE), told(TWO)]
    files = (chosen(ONE, local_index), chosen(TWO, local_index))
    assert pip.journal.begins == [CommandSummary(command="download", enforced=pip.enforced, files=files)]
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == [ONE.filename, TWO.filename]


@pytest.mark.parametrize(
    "refused", [pytest.param(WheelFacts, id="wheel"), pytest.param(JournalFacts, id="journal-that-cannot-be-written")]
)
def test_download_that_is_refused_leaves_nothing(
    pip: GuardedPip, local_index: LocalIndex, tmp_path: Path, refused: type
) -> None:
    publish(local_index)
    pip.journal = RecordedJournal("is full")
    pip.refused = (refused,)
    assert pip.run("download", "--no-cache-dir", "--dest=kept", "--index-url", local_index.url, "one") == 40
    assert list((tmp_path / "kept").iterdir()) == []


def test_wheels_that_a_dry_run_fetches_are_judged_together(pip: GuardedPip, local_index: LocalIndex) -> None:
    publish(local_index)
    assert pip.run(*TRY, local_index.url, "one", "two") == 0
    assert pip.facts(WheelFacts) == [told(ONE), told(TWO, takes_the_place("one", OwnerKind.COMMAND))]
    assert pip.journal.begins == []


def test_wheel_that_a_dry_run_does_not_fetch_is_not_judged(pip: GuardedPip, local_index: LocalIndex) -> None:
    publish(local_index, metadata=True)
    assert pip.run(*TRY, local_index.url, "one", "two") == 0
    assert pip.facts(WheelFacts) == []


def test_dry_run_that_installs_nothing_judges_nothing(pip: GuardedPip, local_index: LocalIndex) -> None:
    assert pip.run(*TRY, local_index.url, "pip") == 0
    assert pip.facts(WheelFacts) == []


LIBRARY = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"


@pytest.mark.parametrize(
    ("options", "library", "owner", "taken"),
    [
        pytest.param(["--target=there", "--upgrade"], ".", "other", ["shared.py", "bin/one"], id="target"),
        pytest.param(["--target=there"], ".", "other", [], id="target-where-nothing-is-replaced"),
        pytest.param(["--prefix=there"], LIBRARY, "other", ["shared.py", "bin/one"], id="prefix"),
        pytest.param(["--prefix=there"], ".", "", ["bin/one"], id="command-that-no-library-of-the-prefix-lists"),
    ],
)
def test_wheel_takes_the_place_of_what_lies_where_it_goes(
    pip: GuardedPip,
    local_index: LocalIndex,
    tmp_path: Path,
    options: list[str],
    library: str,
    owner: str,
    taken: list[str],
) -> None:
    files = {"shared.py": "one", "one-1.0.data/scripts/one": "#!/bin/sh\n"}
    local_index.publish(make_wheel("one", files=files), metadata=False)
    install_other(tmp_path / "there" / library, tmp_path / "there" / "bin" / "one")
    assert pip.run(*TRY, local_index.url, *options, "one") == 0
    conflict = FileConflict(
        owner=owner,
        kind=OwnerKind.INSTALLED if owner else OwnerKind.NOBODY,
        files=tuple(ConflictingFile(path=path, existing=path) for path in taken),
    )
    assert [facts.conflicts for facts in pip.facts(WheelFacts)] == [(conflict,) if taken else ()]


def install_other(library: Path, command: Path) -> None:
    """Install a distribution that has a module and a command."""
    recorded = [library / "shared.py", library / "other-1.0.dist-info" / "RECORD", command]
    for path in recorded:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("of another", encoding="utf-8")
    lines = [f"{os.path.relpath(path, library)},,\n" for path in recorded]
    recorded[1].write_text("".join(lines), encoding="utf-8")


@pytest.mark.parametrize(
    ("requirement", "built"),
    [
        pytest.param(install_req_from_line("demo @ https://h.example/demo-1.0-py3-none-any.whl"), False, id="wheel"),
        pytest.param(install_req_from_line("demo @ https://h.example/demo-1.0.tar.gz"), False, id="archive"),
        pytest.param(install_req_from_line(f"demo @ {Path(__file__).parent.as_uri()}"), True, id="directory"),
        pytest.param(install_req_from_editable("git+https://h.example/demo.git#egg=demo"), True, id="editable"),
        pytest.param(install_req_from_line("demo"), False, id="name"),
    ],
)
def test_knows_what_was_built_from_a_directory(requirement: InstallRequirement, built: bool) -> None:
    state = ResolutionState(make_session())
    assert wheels._wheel(requirement, state).built_from_directory is built
