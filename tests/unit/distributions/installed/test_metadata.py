"""What the metadata of an installed distribution say is read, however hostile it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pip_guard.distributions.installed.libraries import LibraryFolder
from pip_guard.distributions.installed.metadata import DirectURL, Distribution, read_distributions
from pip_guard.facts.candidate import CandidateKind
from pip_guard.frozen import replace
from tests.unit.distributions.installed.environments import install, make_library_folder


@pytest.fixture
def place(tmp_path: Path) -> LibraryFolder:
    return make_library_folder(tmp_path)


def read(place: LibraryFolder) -> Distribution:
    """Read the only distribution, without its rows."""
    (distribution,) = read_distributions(place.library)
    return replace(distribution, rows=None if distribution.rows is None else ())


def test_reads_what_pip_has_installed(place: LibraryFolder) -> None:
    install(place, "Demo-Tool", requested=True, top_level="demo_tool\nbackports/x\n")
    distribution = read(place)
    assert distribution == Distribution(
        name="Demo-Tool",
        version="1.0",
        metadata="Demo_Tool-1.0.dist-info",
        installer="pip",
        requested=True,
        rows=(),
        top_level=frozenset({"demo_tool", "backports.x"}),
    )
    assert distribution.project == "demo-tool"
    assert distribution.is_verifiable


@pytest.mark.parametrize(
    ("installer", "record", "verifiable"),
    [
        pytest.param("uv", "", True, id="uv"),
        pytest.param("Conda", "", False, id="conda"),
        pytest.param("pip", None, False, id="without-record"),
    ],
)
def test_knows_what_can_be_verified(installer: str, record: str | None, verifiable: bool, place: LibraryFolder) -> None:
    install(place, "demo", installer=installer, record=record)
    assert read(place).is_verifiable is verifiable


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        pytest.param(b"\xff\xfe\x00,,\n", "its RECORD cannot be read", id="binary"),
        pytest.param(b"demo.py\n", "its RECORD has lines that are not a path, a hash and a size", id="columns"),
        pytest.param(b'"' + b"x" * 200_000, "its RECORD cannot be read", id="endless-field"),
    ],
)
def test_says_what_is_wrong_with_record(record: bytes, problem: str, place: LibraryFolder) -> None:
    install(place, "demo", record=record)
    distribution = read(place)
    assert len(distribution.problems) == 1
    assert distribution.problems[0].startswith(problem)
    assert not distribution.is_verifiable


def test_does_not_wait_for_a_fifo(place: LibraryFolder) -> None:
    folder = install(place, "demo")
    for name in ("RECORD", "METADATA"):
        (folder / name).unlink()
        os.mkfifo(folder / name)
    assert read(place).problems == (
        "its METADATA is not a regular file",
        "it has no METADATA that can be read",
        "its RECORD is not a regular file",
    )


def test_takes_name_and_version_from_the_folder_if_metadata_is_gone(place: LibraryFolder) -> None:
    (install(place, "demo") / "METADATA").unlink()
    distribution = read(place)
    assert (distribution.name, distribution.version) == ("demo", "1.0")
    assert distribution.problems == ("it has no METADATA that can be read",)


def test_says_that_metadata_is_of_another_project(place: LibraryFolder) -> None:
    install(place, "demo", metadata="Name: other\nVersion: 1.0\n")
    assert read(place).problems == ("its METADATA is of other, unlike its folder demo-1.0.dist-info",)


@pytest.mark.parametrize(
    ("entry", "content", "version"),
    [
        pytest.param("demo-1.0.egg-info", "Name: demo\nVersion: 1.5\n", "1.5", id="file"),
        pytest.param("demo-1.0.egg-info/PKG-INFO", "Name: demo\nVersion: 1.5\n", "1.5", id="folder"),
        pytest.param("demo-1.0-py3.11.egg-info", "", "1.0", id="empty"),
        pytest.param("demo.egg-info/other", "", "", id="folder-without-metadata"),
    ],
)
def test_reads_what_setuptools_of_old_leaves(entry: str, content: str, version: str, place: LibraryFolder) -> None:
    path = Path(place.library, entry)
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")
    distribution = read(place)
    assert (distribution.project, distribution.version, distribution.problems) == ("demo", version, ())
    assert not distribution.is_verifiable


def test_a_file_that_cannot_be_read_tells_nothing(place: LibraryFolder) -> None:
    os.mkfifo(Path(place.library, "demo-1.0.egg-info"))
    assert read(place).version == "1.0"


def test_leaves_out_what_pip_could_not_remove(place: LibraryFolder) -> None:
    install(place, "~emo")
    assert read_distributions(place.library) == ()


URL = "https://host.example/demo"


@pytest.mark.parametrize(
    ("direct_url", "source"),
    [
        pytest.param({"url": URL, "vcs_info": {"vcs": "git"}}, DirectURL(kind=CandidateKind.VCS, url=URL), id="vcs"),
        pytest.param(
            {"url": f"{URL}-1.0-py3-none-any.whl", "archive_info": {}},
            DirectURL(kind=CandidateKind.WHEEL, url=f"{URL}-1.0-py3-none-any.whl"),
            id="wheel",
        ),
        pytest.param(
            {"url": f"{URL}.tar.gz", "archive_info": {}},
            DirectURL(kind=CandidateKind.SOURCE_ARCHIVE, url=f"{URL}.tar.gz"),
            id="archive",
        ),
        pytest.param(
            {"url": "file:///srv/demo", "dir_info": {"editable": True}},
            DirectURL(kind=CandidateKind.DIRECTORY, url="file:///srv/demo", editable=True),
            id="editable",
        ),
        pytest.param(
            {"url": "file:///srv/demo", "dir_info": {"editable": "yes"}},
            DirectURL(kind=CandidateKind.DIRECTORY, url="file:///srv/demo"),
            id="not-quite-editable",
        ),
    ],
)
def test_reads_where_it_came_from(direct_url: dict[str, object], source: DirectURL, place: LibraryFolder) -> None:
    install(place, "demo", direct_url=direct_url)
    assert read(place).source == source


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("{", id="no-json"),
        pytest.param("[]", id="no-object"),
        pytest.param("[" * 200_000, id="deep"),
        pytest.param('{"url": 1, "vcs_info": {}}', id="no-text"),
        pytest.param('{"url": "file:///x"}', id="no-info"),
        pytest.param('{"url": "file:///x", "dir_info": []}', id="list"),
        pytest.param('{"url": "https://[", "vcs_info": {}}', id="no-url"),
    ],
)
def test_says_that_it_cannot_read_where_it_came_from(content: str, place: LibraryFolder) -> None:
    install(place, "demo", direct_url=content)
    assert read(place).problems == ("its direct_url.json cannot be read",)


@pytest.mark.parametrize(
    ("url", "editable", "live"),
    [
        pytest.param("file://{here}", True, True, id="editable"),
        pytest.param("file://{here}", False, False, id="built"),
        pytest.param("file://{here}/absent", True, False, id="gone"),
        pytest.param("file://{here}/lib", True, False, id="no-project"),
        pytest.param("https://host.example{here}", True, False, id="elsewhere"),
    ],
)
def test_knows_what_is_worked_on(url: str, editable: bool, live: bool, place: LibraryFolder) -> None:
    Path(place.prefix, "pyproject.toml").touch()
    install(place, "demo", direct_url={"url": url.format(here=place.prefix), "dir_info": {"editable": editable}})
    assert read(place).is_live is live
