"""Whoever builds a commit gets the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
SCRIPT = CHECKOUT / ".ci" / "build-release"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (CHECKOUT / ".git").exists(), reason="what is released is what a commit holds"),
]


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], ...]:
    """Build twice, under conditions that differ in all that is not the commit."""
    first, second = tmp_path_factory.mktemp("one") / "dist", tmp_path_factory.mktemp("two")
    return build(first, 0o022, TZ="UTC"), build(second, 0o077, TZ="Asia/Tokyo", LC_ALL="C")


def build(folder: Path, umask: int, **environ: str) -> dict[str, bytes]:
    subprocess.run(
        [sys.executable, SCRIPT, "--no-isolation", folder],
        check=True,
        stdout=subprocess.DEVNULL,
        umask=umask,
        env={**os.environ, **environ},
    )
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_is_the_same_every_time(releases: tuple[dict[str, bytes], ...]) -> None:
    first, second = releases
    assert sorted(file.partition("0.")[0] for file in first) == ["pip_guard_shim-"] * 3
    assert first == second


def test_depends_on_no_user_and_no_umask(releases: tuple[dict[str, bytes], ...], tmp_path: Path) -> None:
    (name,) = [name for name in releases[1] if name.endswith(".tar.gz")]
    (tmp_path / name).write_bytes(releases[1][name])
    with tarfile.open(tmp_path / name) as archive:
        members = archive.getmembers()
    assert {(member.uid, member.gid, member.uname, member.mtime) for member in members} == {
        (0, 0, "", members[0].mtime)
    }
    assert {oct(member.mode) for member in members} == {"0o755", "0o644"}


def test_bill_of_materials_names_what_it_needs(releases: tuple[dict[str, bytes], ...]) -> None:
    (bill,) = [json.loads(content) for name, content in releases[0].items() if name.endswith(".cdx.json")]
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    own = bill["metadata"]["component"]
    assert own["name"] == "pip-guard-shim"
    assert sorted(file["name"] for file in own["components"]) == sorted(
        name for name in releases[0] if not name.endswith(".cdx.json")
    )
    assert [component["name"] for component in bill["components"]] == ["packaging", "pip", "platformdirs"]
