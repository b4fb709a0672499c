"""Test what is read of a wheel that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from pip._internal.req.constructors import install_req_from_line

from pip_guard.pip_adapter import wheels
from pip_guard.wheel_archive.contents import WheelContents

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
    assert wheels._read(requirement) == contents
