"""Test which processes the state of a command permits."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from optparse import Values
from pathlib import Path
from typing import cast

import pytest
from pip._internal.req.constructors import install_req_from_line
from pip._internal.req.req_install import InstallRequirement
from pip._internal.resolution.base import BaseResolver
from pip._vendor.pyproject_hooks import BuildBackendHookCaller

from pip_guard.facts.candidate import CandidateKind
from pip_guard.pip_adapter.resolution.state import Builds, Installation, ResolutionState
from tests.unit.engine.factories import make_session

HOOK = "/venv/lib/pip/_vendor/pyproject_hooks/_in_process/_in_process.py"


def make_requirement(folder: Path, url: str = "https://h.example/demo.tar.gz") -> InstallRequirement:
    requirement = install_req_from_line(url)
    folder.mkdir(exist_ok=True)
    requirement.source_dir = str(folder)
    return requirement


def test_permits_the_build_of_an_allowed_requirement(tmp_path: Path) -> None:
    builds = Builds()
    builds.allow(make_requirement(tmp_path / "a"), CandidateKind.SOURCE_ARCHIVE)
    builds.allow(make_requirement(tmp_path / "b"), CandidateKind.DIRECTORY)
    (tmp_path / "link").symlink_to("a")
    for folder in ("a", "b", "link", "b/../a"):
        assert builds.permits([sys.executable, HOOK, "build_wheel"], str(tmp_path / folder))


@pytest.mark.parametrize(
    ("arguments", "folder"),
    [
        pytest.param([sys.executable, HOOK], "other", id="other-folder"),
        pytest.param([sys.executable, HOOK], "a/below", id="folder-below"),
        pytest.param([sys.executable, HOOK], ".", id="folder-above"),
        pytest.param([sys.executable, HOOK], None, id="no-folder"),
        pytest.param([sys.executable, "setup.py", HOOK], "a", id="other-script"),
        pytest.param([sys.executable, "-c", HOOK], "a", id="other-code"),
        pytest.param([sys.executable, f"{HOOK}.evil"], "a", id="longer-name"),
        pytest.param(["/bin/sh"], "a", id="shell"),
        pytest.param(["git", "clone"], "a", id="clone"),
    ],
)
def test_permits_nothing_else(tmp_path: Path, arguments: list[str], folder: str | None) -> None:
    builds = Builds()
    builds.allow(make_requirement(tmp_path / "a"), CandidateKind.SOURCE_ARCHIVE)
    for name in ("other", "a/below"):
        (tmp_path / name).mkdir()
    assert not builds.permits(arguments, None if folder is None else str(tmp_path / folder))


def test_permits_no_build_before_one_is_allowed(tmp_path: Path) -> None:
    assert not Builds().permits([sys.executable, HOOK], str(tmp_path))
    builds = Builds()
    builds.allow(install_req_from_line("https://h.example/demo.tar.gz"), CandidateKind.SOURCE_ARCHIVE)
    assert not builds.permits([sys.executable, HOOK], str(tmp_path))


def test_permits_the_build_in_the_subdirectory_of_a_requirement(tmp_path: Path) -> None:
    requirement = make_requirement(tmp_path / "a", "https://h.example/demo.tar.gz#subdirectory=sub")
    (tmp_path / "a" / "sub").mkdir()
    builds = Builds()
    builds.allow(requirement, CandidateKind.SOURCE_ARCHIVE)
    assert builds.permits([sys.executable, HOOK], str(tmp_path / "a" / "sub"))
    assert not builds.permits([sys.executable, HOOK], str(tmp_path / "a"))


def test_permits_clones_once_a_repository_is_allowed(tmp_path: Path) -> None:
    builds = Builds()
    assert not builds.permits(["git", "clone", "x"], None)
    builds.allow(make_requirement(tmp_path / "a", "git+https://h.example/demo.git"), CandidateKind.VCS)
    assert all(builds.permits([program, "x"], None) for program in ("git", "hg", "svn", "bzr"))
    assert not builds.permits(["/tmp/git", "clone"], None)
    assert not builds.permits(["sh", "-c", "git"], None)


def test_pip_starts_backends_in_the_form_that_is_known(tmp_path: Path) -> None:
    seen = []

    def record(cmd: Sequence[str], cwd: str | None = None, extra_environ: Mapping[str, str] | None = None) -> None:
        seen.append((cmd, cwd))
        raise InterruptedError

    builds = Builds()
    builds.allow(make_requirement(tmp_path / "a"), CandidateKind.SOURCE_ARCHIVE)
    caller = BuildBackendHookCaller(str(tmp_path / "a"), "backend", runner=record)
    with pytest.raises(InterruptedError):
        caller.build_wheel(str(tmp_path))
    ((command, cwd),) = seen
    assert builds.permits(command, cwd)


def test_knows_what_is_being_built(tmp_path: Path) -> None:
    builds = Builds()
    latest = [builds.latest]
    for requirement in ("demo", "https://h.example/x.zip"):
        builds.allow(install_req_from_line(requirement), CandidateKind.SOURCE_ARCHIVE)
        latest.append(builds.latest)
    assert latest == [None, "demo", "https://h.example/x.zip"]


def test_resolver_of_the_command_is_told_from_that_of_a_build() -> None:
    state = ResolutionState(make_session())
    main, other = cast("BaseResolver", object()), cast("BaseResolver", object())
    assert not state.is_main(main)
    state.installation = Installation(resolver=main, options=Values())
    assert (state.is_main(main), state.is_main(other)) == (True, False)
