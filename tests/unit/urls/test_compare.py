"""Places are compared as a whole, or segment by segment."""

from __future__ import annotations

from pathlib import Path

import pytest

from pip_guard.urls.compare import (
    folder_of,
    has_same_origin,
    index_is_approved,
    index_of_page,
    is_below,
    is_loopback,
)
from pip_guard.urls.location import parse_location

PYPI = parse_location("https://pypi.org/simple/")
FILES = parse_location("https://files.pythonhosted.org/packages/")


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        pytest.param("http://localhost:3141/", True, id="localhost"),
        pytest.param("http://LOCALHOST./", True, id="localhost-in-other-words"),
        pytest.param("http://127.0.0.1/", True, id="ipv4"),
        pytest.param("http://127.255.0.9/", True, id="ipv4-whole-network"),
        pytest.param("http://[0:0::1]/", True, id="ipv6"),
        pytest.param("http://127.0.0.1.example/", False, id="name-like-ipv4"),
        pytest.param("http://127.evil.example/", False, id="name-that-begins-with-127"),
        pytest.param("http://x.localhost/", False, id="below-localhost"),
        pytest.param("http://localhost.evil.example/", False, id="name-that-begins-with-localhost"),
        pytest.param("http://localhost@evil.example/", False, id="localhost-as-user"),
        pytest.param("http://0.0.0.0/", False, id="any-address"),
        pytest.param("http://[::]/", False, id="any-ipv6-address"),
        pytest.param("http://[::2]/", False, id="other-ipv6"),
        pytest.param("http://128.0.0.1/", False, id="other-ipv4"),
        pytest.param("file:///srv", False, id="file"),
    ],
)
def test_loopback(url: str, loopback: bool) -> None:
    assert is_loopback(parse_location(url)) is loopback


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        pytest.param("https://h/a", "https://h:443/b", True, id="other-path"),
        pytest.param("https://h/", "https://H./", True, id="other-spelling"),
        pytest.param("https://h/", "https://h:444/", False, id="other-port"),
        pytest.param("https://h/", "http://h:443/", False, id="other-scheme"),
        pytest.param("https://h/", "https://x.h/", False, id="other-host"),
        pytest.param("file:///a", "file:///a", False, id="file"),
    ],
)
def test_same_origin(one: str, other: str, same: bool) -> None:
    assert has_same_origin(parse_location(one), parse_location(other)) is same


# Approval


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://pypi.org/simple/", id="same"),
        pytest.param("https://pypi.org/simple", id="no-slash-at-end"),
        pytest.param("HTTPS://PYPI.ORG:443/simple/", id="other-spelling"),
        pytest.param("https://pypi.org./simple/", id="dot-after-host"),
        pytest.param("https://__token__:pw@pypi.org/simple/", id="credentials"),
        pytest.param("https://pypi.org/%73imple/", id="encoded"),
        pytest.param("https://pypi.org/x/../simple/", id="dot-dot"),
    ],
)
def test_approves_index(url: str) -> None:
    assert index_is_approved(url, [FILES, PYPI])


NOT_PYPI = [
    pytest.param("https://pypi.org.evil.example/simple/", id="longer-host"),
    pytest.param("https://pypi.orgevil/simple/", id="longer-top-level-domain"),
    pytest.param("https://evilpypi.org/simple/", id="prefixed-host"),
    pytest.param("https://evil.pypi.org/simple/", id="subdomain"),
    pytest.param("https://pypi.org@evil.example/simple/", id="host-as-user"),
    pytest.param("https://pypi.org:443@evil.example/simple/", id="host-and-port-as-user"),
    pytest.param("https://pypi.org%40evil.example/simple/", id="encoded-at"),
    pytest.param("https://pypi.org\\@evil.example/simple/", id="backslash"),
    pytest.param("https://evil.example/https://pypi.org/simple/", id="in-path"),
    pytest.param("https://evil.example/?https://pypi.org/simple/", id="in-query"),
    pytest.param("https://evil.example/#@pypi.org/simple/", id="in-fragment"),
    pytest.param("http://pypi.org/simple/", id="http"),
    pytest.param("http://pypi.org:443/simple/", id="http-on-port-of-https"),
    pytest.param("https://pypi.org:8443/simple/", id="other-port"),
    pytest.param("git+https://pypi.org/simple/", id="vcs"),
    pytest.param("https://pypi.org/", id="above"),
    pytest.param("https://pypi.org/simple-evil/", id="longer-segment"),
    pytest.param("https://pypi.org/simpl", id="shorter-segment"),
    pytest.param("https://pypi.org/Simple/", id="case-of-path"),
    pytest.param("https://pypi.org//simple/", id="empty-segment-first"),
    pytest.param("https://pypi.org/simple/../x/", id="dot-dot"),
    pytest.param("https://pypi.org/simple/%2e%2e/x/", id="encoded-dot-dot"),
    pytest.param("https://pypi.org/simple/%2e%2e%2fx/", id="encoded-dot-dot-slash"),
    pytest.param("https://pypi.org/simple/..;/x/", id="dot-dot-with-parameter"),
    pytest.param("https://pypi.org/simple;x/", id="parameter"),
    pytest.param("https://pyp\u0456.org/simple/", id="cyrillic-look-alike"),
    pytest.param("https://\uff50\uff59\uff50\uff49.org/simple/", id="full-width-letters"),
    pytest.param("https://pypi\u3002org/simple/", id="ideographic-full-stop"),
    pytest.param("https://151.101.0.223/simple/", id="address"),
    pytest.param("file:///simple/", id="file"),
    pytest.param("simple/", id="relative"),
    pytest.param("", id="empty"),
]


@pytest.mark.parametrize("url", NOT_PYPI)
def test_does_not_approve_index(url: str) -> None:
    assert not index_is_approved(url, [PYPI])


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://pypi.org/simple/flask/", id="below"),
        pytest.param("https://pypi.org/simple//", id="empty-segment-last"),
        pytest.param("https://pypi.org/simple/?x=1", id="query"),
        pytest.param("https://pypi.org/simple/#x", id="fragment"),
    ],
)
def test_does_not_approve_index_though_it_is_below(url: str) -> None:
    assert is_below(url, [PYPI])
    assert not index_is_approved(url, [PYPI])


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://files.pythonhosted.org/packages/a/b.whl", id="below"),
        pytest.param("https://files.pythonhosted.org/packages/", id="same"),
        pytest.param("https://files.pythonhosted.org/packages", id="same-without-slash"),
        pytest.param("https://files.pythonhosted.org/x/../packages/b.whl#sha256=0", id="dot-dot"),
        pytest.param("https://files.pythonhosted.org/packages//b.whl", id="empty-segment"),
        pytest.param("https://files.pythonhosted.org/packages/b.whl?X-Amz-Signature=0", id="query"),
        pytest.param("https://pypi.org/simple/b.whl", id="other-prefix"),
    ],
)
def test_is_below(url: str) -> None:
    assert is_below(url, [PYPI, FILES])


@pytest.mark.parametrize("url", NOT_PYPI)
def test_is_not_below(url: str) -> None:
    assert not is_below(url, [PYPI])


def test_whole_host_can_be_approved() -> None:
    host = parse_location("https://files.pythonhosted.org/")
    assert is_below("https://files.pythonhosted.org/packages/b.whl", [host])
    assert not is_below("https://files.pythonhosted.org.evil.example/packages/b.whl", [host])


def test_nothing_is_approved_by_nothing() -> None:
    assert not index_is_approved("https://pypi.org/simple/", [])
    assert not is_below("https://pypi.org/simple/", [])


class TestLocal:
    @pytest.fixture
    def wheels(self, tmp_path: Path) -> Path:
        wheels = tmp_path / "wheels"
        (wheels / "deep").mkdir(parents=True)
        (tmp_path / "wheels-evil").mkdir()
        (tmp_path / "other" / "deep").mkdir(parents=True)
        (tmp_path / "link").symlink_to(wheels)
        (wheels / "out").symlink_to(tmp_path / "other" / "deep")
        return wheels

    @pytest.mark.parametrize("name", ["wheels", "wheels/", "link", "link/", "other/../wheels", "wheels/deep/.."])
    def test_approves_same_directory(self, wheels: Path, name: str) -> None:
        assert index_is_approved(f"{wheels.parent.as_uri()}/{name}", [parse_location(wheels.as_uri())])

    def test_approves_directory_behind_approved_link(self, wheels: Path) -> None:
        link = wheels.parent / "link"
        assert index_is_approved(wheels.as_uri(), [parse_location(link.as_uri())])

    @pytest.mark.parametrize("name", ["", "wheels-evil", "wheels/deep", "wheels/out", "wheels/out/..", "missing"])
    def test_does_not_approve_other_directory(self, wheels: Path, name: str) -> None:
        assert not index_is_approved(f"{wheels.parent.as_uri()}/{name}", [parse_location(wheels.as_uri())])

    @pytest.mark.parametrize(
        "name", ["wheels/a.whl", "wheels/deep/a.whl", "link/deep/a.whl", "wheels/out/../../wheels"]
    )
    def test_is_below(self, wheels: Path, name: str) -> None:
        assert is_below(f"{wheels.parent.as_uri()}/{name}", [parse_location(wheels.as_uri())])

    @pytest.mark.parametrize("name", ["a.whl", "wheels-evil/a.whl", "wheels/../a.whl", "wheels/out/a.whl"])
    def test_is_not_below(self, wheels: Path, name: str) -> None:
        assert not is_below(f"{wheels.parent.as_uri()}/{name}", [parse_location(wheels.as_uri())])


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        pytest.param("https://a.example/x/y.whl#sha256=0", "https://a.example/x/", id="file"),
        pytest.param("https://a.example/y.whl?z=/", "https://a.example/", id="top"),
        pytest.param("https://a.example", "https://a.example/", id="host"),
        pytest.param("file:///srv/y.whl", "file:///srv/", id="local"),
    ],
)
def test_names_the_folder_of_a_file(url: str, folder: str) -> None:
    assert folder_of(url) == folder


@pytest.mark.parametrize(
    ("page", "index"),
    [
        pytest.param("https://a.example/simple/demo/", "https://a.example/simple/", id="page"),
        pytest.param("https://a.example/wheels/demo/", "https://a.example/wheels/demo/", id="no-index"),
        pytest.param("https://a.example:x/simple/demo/", "https://a.example:x/simple/demo/", id="invalid"),
    ],
)
def test_names_the_index_of_a_page(page: str, index: str) -> None:
    assert index_of_page(page) == index
