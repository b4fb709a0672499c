"""Test what the journal is told of the files that pip has chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from pip._internal.models.link import Link
from pip._internal.req.constructors import install_req_from_line
from pip._internal.req.req_install import InstallRequirement
from pip._internal.utils.direct_url_helpers import direct_url_from_link

from pip_guard.distributions.wheel.contents import WheelContents
from pip_guard.facts.resolution import ChosenFile
from pip_guard.pip_adapter.resolution import chosen_files
from pip_guard.pip_adapter.resolution.chosen_files import chosen_file, chosen_wheel

URL = "https://files.example/Demo_App-1.0-py3-none-any.whl"
CONTENTS = WheelContents(filename="Demo_App-1.0-py3-none-any.whl", name="Demo_App", version="1.0", sha256="00ff")


def make_requirement(url: str = f"{URL}#sha256={'0' * 64}") -> InstallRequirement:
    requirement = install_req_from_line("Demo_App")
    requirement.link = Link(url)
    return requirement


def test_describes_what_was_chosen() -> None:
    assert chosen_file(make_requirement(), for_build=True) == ChosenFile(
        project="demo-app",
        version="1.0",
        filename="Demo_App-1.0-py3-none-any.whl",
        url=URL,
        hashes=frozenset({f"sha256:{'0' * 64}"}),
        for_build=True,
    )


def test_describes_what_has_no_hash() -> None:
    assert chosen_file(make_requirement(URL), for_build=False).hashes == frozenset()


def test_describes_a_wheel_on_disk(tmp_path: Path) -> None:
    (tmp_path / "x.whl").write_bytes(b"1234567")
    requirement = make_requirement()
    requirement.local_file_path = str(tmp_path / "x.whl")
    assert chosen_wheel(requirement, CONTENTS, for_build=False) == ChosenFile(
        project="demo-app",
        version="1.0",
        filename="Demo_App-1.0-py3-none-any.whl",
        url=URL,
        hashes=frozenset({"sha256:00ff"}),
        size=7,
    )


@pytest.mark.parametrize("path", [pytest.param(None, id="never-fetched"), pytest.param("/nowhere/x.whl", id="removed")])
def test_describes_a_wheel_that_is_gone(path: str | None) -> None:
    requirement = make_requirement()
    requirement.local_file_path = path
    contents = WheelContents(filename="x.whl", name="Demo_App")
    assert chosen_wheel(requirement, contents, for_build=False) == ChosenFile(
        project="demo-app", version=None, filename="x.whl", url=URL
    )


def test_wheel_that_was_built_comes_from_its_source(tmp_path: Path) -> None:
    requirement = make_requirement((tmp_path / "x.whl").as_uri())
    requirement.download_info = direct_url_from_link(Link("https://files.example/demo-1.0.tar.gz"))
    assert chosen_wheel(requirement, CONTENTS, for_build=False).url == "https://files.example/demo-1.0.tar.gz"


def test_wheel_that_was_built_before_comes_from_its_source(tmp_path: Path) -> None:
    requirement = make_requirement((tmp_path / "Demo_App-1.0-py3-none-any.whl").as_uri())
    requirement.cached_wheel_source_link = Link("https://files.example/demo-1.0.tar.gz")
    file = chosen_file(requirement, for_build=False)
    assert (file.url, file.filename) == ("https://files.example/demo-1.0.tar.gz", "demo-1.0.tar.gz")


def test_requirement_without_a_link_comes_from_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chosen_files, "chosen_version", lambda requirement: "1.0")
    requirement = install_req_from_line("demo")
    assert chosen_file(requirement, for_build=False) == ChosenFile(project="demo", version="1.0", filename="", url="")
