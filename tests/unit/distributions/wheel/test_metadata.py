"""Test what a wheel says of itself."""

from __future__ import annotations

import pytest

from pip_guard.distributions.wheel.metadata import (
    Identity,
    check_identity,
    find_dist_info,
    is_purelib,
    parse_dist_info,
    parse_filename,
    read_fields,
    script_names,
)

DEMO = Identity("demo", "1.0")
METADATA = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n\nName: other\n"


@pytest.mark.parametrize(
    ("filename", "identity"),
    [
        pytest.param("demo-1.0-py3-none-any.whl", DEMO, id="plain"),
        pytest.param("demo-1.0-1-py3-none-any.whl", DEMO, id="build-number"),
        pytest.param("Demo_X-1.0+a.1-cp311-abi3-linux_x86_64.whl", Identity("Demo_X", "1.0+a.1"), id="local-version"),
        pytest.param("demo-1.0_1-py3-none-any.whl", Identity("demo", "1.0-1"), id="escaped"),
        pytest.param("demo-1.0.tar.gz", None, id="sdist"),
        pytest.param("demo.whl", None, id="no-version"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_parses_file_names(filename: str, identity: Identity | None) -> None:
    assert parse_filename(filename) == identity


def test_finds_dist_info_at_the_top_alone() -> None:
    names = ["demo/x.py", "demo-1.0.dist-info/RECORD", "demo-1.0.dist-info/WHEEL", "demo/other-2.0.dist-info/RECORD"]
    assert find_dist_info(names) == ["demo-1.0.dist-info"]
    assert parse_dist_info("demo-1.0.dist-info") == DEMO


@pytest.mark.parametrize(
    ("content", "values"),
    [
        pytest.param(METADATA, ["demo"], id="head-alone"),
        pytest.param(b"NAME :  demo \r\nVersion: 1\r\n\r\nName: x", ["demo"], id="other-case-and-line-ends"),
        pytest.param(b"Name: a\nName: b\n", ["a", "b"], id="twice"),
        pytest.param(b"Version: 1\n", [], id="missing"),
        pytest.param(b"Name: \xff\n", ["\ufffd"], id="no-utf-8"),
    ],
)
def test_reads_fields(content: bytes, values: list[str]) -> None:
    assert read_fields(content, "Name") == values


@pytest.mark.parametrize(
    ("content", "purelib"),
    [
        pytest.param(b"Root-Is-Purelib: true\n", True, id="true"),
        pytest.param(b"Root-Is-Purelib: TRUE\n", True, id="loud"),
        pytest.param(b"Root-Is-Purelib: false\nRoot-Is-Purelib: true\n", False, id="the-first-counts"),
        pytest.param(b"", False, id="missing"),
    ],
)
def test_tells_where_the_top_goes(content: bytes, purelib: bool) -> None:
    assert is_purelib(content) is purelib


def test_reads_the_names_of_scripts() -> None:
    content = b"[console_scripts]\n# none\na = x:y\n b=x:z\n\n[other]\nc = x:y\n[ gui_scripts ]\nd = x:y\n"
    assert script_names(content) == (["a", "b"], ["d"])
    assert script_names(b"loose = x:y\n") == ([], [])


@pytest.mark.parametrize(
    ("identity", "dist_info", "metadata"),
    [
        pytest.param(DEMO, "demo-1.0.dist-info", METADATA, id="plain"),
        pytest.param(Identity("Demo", "1.0"), "DEMO-1.0.dist-info", METADATA, id="other-case"),
        pytest.param(DEMO, "demo-1.0.dist-info", b"Name: demo\nVersion: 1.0.0\n", id="same-version-longer"),
        pytest.param(
            Identity("a_b", "1.0-post1"), "a.b-1.0.post1.dist-info", b"Name: a-b\nVersion: 1.0.post1\n", id="escaped"
        ),
        pytest.param(Identity("x", "weird"), "x-weird.dist-info", b"Name: x\nVersion: weird\n", id="not-a-version"),
    ],
)
def test_accepts_one_release_however_it_is_written(identity: Identity, dist_info: str, metadata: bytes) -> None:
    assert list(check_identity(identity, dist_info, metadata)) == []


OTHER_FOLDER = "its folder {} is of another release than its file name"


@pytest.mark.parametrize(
    ("dist_info", "metadata", "defects"),
    [
        pytest.param("other-1.0.dist-info", METADATA, [OTHER_FOLDER.format("other-1.0.dist-info")], id="other-folder"),
        pytest.param("demo-1.1.dist-info", METADATA, [OTHER_FOLDER.format("demo-1.1.dist-info")], id="other-version"),
        pytest.param("demo-x.dist-info", METADATA, [OTHER_FOLDER.format("demo-x.dist-info")], id="no-version"),
        pytest.param("demo-1.0.dist-info", None, ["it has no METADATA that can be read"], id="no-metadata"),
        pytest.param(
            "demo-1.0.dist-info",
            b"Name: other\nVersion: 1.0\n",
            ["its METADATA is of other 1.0, unlike its file name"],
            id="metadata-of-another",
        ),
        pytest.param(
            "demo-1.0.dist-info",
            b"Name: demo\nVersion: 1.0\nVersion: 2.0\n",
            ["its METADATA does not have one name and one version"],
            id="two-versions",
        ),
        pytest.param(
            "demo-1.0.dist-info",
            b"Version: 1.0\n",
            ["its METADATA does not have one name and one version"],
            id="no-name",
        ),
    ],
)
def test_finds_another_release(dist_info: str, metadata: bytes | None, defects: list[str]) -> None:
    assert list(check_identity(DEMO, dist_info, metadata)) == defects
