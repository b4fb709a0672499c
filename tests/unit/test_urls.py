"""Test how URLs are parsed, compared and redacted."""

from __future__ import annotations

import ipaddress
import json
import shlex
import string
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pip._internal.models.link import _ensure_quoted_url
from pip._internal.utils.misc import redact_auth_from_url
from pip._internal.vcs.versioncontrol import VersionControl
from pip._vendor.requests.exceptions import RequestException
from pip._vendor.requests.models import PreparedRequest
from pip._vendor.urllib3.exceptions import LocationParseError
from pip._vendor.urllib3.util import parse_url

from pip_guard.urls import (
    InvalidURL,
    Location,
    _local_path,
    folder_of,
    has_same_origin,
    index_is_approved,
    is_below,
    is_loopback,
    parse_index,
    parse_location,
    redact,
    split_vcs,
)

PYPI = parse_location("https://pypi.org/simple/")
FILES = parse_location("https://files.pythonhosted.org/packages/")


def place(scheme: str, host: str, port: int | None, *path: str) -> Location:
    return Location(scheme=scheme, host=host, port=port, path=path)


# Parsing


@pytest.mark.parametrize(
    ("url", "location"),
    [
        pytest.param("https://pypi.org/simple/", place("https", "pypi.org", 443, "simple"), id="plain"),
        pytest.param("https://pypi.org/simple", place("https", "pypi.org", 443, "simple"), id="no-slash-at-end"),
        pytest.param("https://pypi.org", place("https", "pypi.org", 443), id="no-path"),
        pytest.param("https://pypi.org/", place("https", "pypi.org", 443), id="root"),
        pytest.param("HTTPS://PyPI.ORG/Simple/", place("https", "pypi.org", 443, "Simple"), id="case-of-path-counts"),
        pytest.param("https://pypi.org./simple/", place("https", "pypi.org", 443, "simple"), id="dot-after-host"),
        pytest.param("https://pypi.org:443/", place("https", "pypi.org", 443), id="default-port"),
        pytest.param("https://pypi.org:/", place("https", "pypi.org", 443), id="empty-port"),
        pytest.param("https://pypi.org:8443/", place("https", "pypi.org", 8443), id="other-port"),
        pytest.param("http://pypi.org/", place("http", "pypi.org", 80), id="http"),
        pytest.param("ftp://pypi.org/", place("ftp", "pypi.org", 21), id="ftp"),
        pytest.param("ssh://pypi.org/x", place("ssh", "pypi.org", None, "x"), id="no-default-port"),
        pytest.param("git+https://pypi.org/x", place("git+https", "pypi.org", None, "x"), id="vcs-is-another-scheme"),
        pytest.param("https://me:pw@pypi.org/x", place("https", "pypi.org", 443, "x"), id="credentials"),
        pytest.param("https://a:b:c@pypi.org/x", place("https", "pypi.org", 443, "x"), id="colon-in-password"),
        pytest.param("https://me%40work@pypi.org/x", place("https", "pypi.org", 443, "x"), id="encoded-at-in-user"),
        pytest.param("https://pypi.org:443@evil.example/", place("https", "evil.example", 443), id="host-as-user"),
        pytest.param("https://h/x?y=/../z", place("https", "h", 443, "x"), id="query"),
        pytest.param("https://h/x#sha256=/../00", place("https", "h", 443, "x"), id="fragment"),
        pytest.param("https://h?@evil.example/", place("https", "h", 443), id="query-without-path"),
        pytest.param("https://h#@evil.example/", place("https", "h", 443), id="fragment-without-path"),
        pytest.param("https://h/@evil.example", place("https", "h", 443, "@evil.example"), id="at-in-path"),
        pytest.param("https://h/a/./b/", place("https", "h", 443, "a", "b"), id="dot"),
        pytest.param("https://h/a/../b", place("https", "h", 443, "b"), id="dot-dot"),
        pytest.param("https://h/a/%2e%2E/b", place("https", "h", 443, "b"), id="encoded-dot-dot"),
        pytest.param("https://h/a/.%2e/b", place("https", "h", 443, "b"), id="half-encoded-dot-dot"),
        pytest.param("https://h/a/..", place("https", "h", 443), id="dot-dot-at-end"),
        pytest.param("https://h/a//b", place("https", "h", 443, "a", "", "b"), id="empty-segment-counts"),
        pytest.param("https://h//", place("https", "h", 443, ""), id="empty-segment-only"),
        pytest.param("https://h/%7Ea%2Db/%61", place("https", "h", 443, "~a-b", "a"), id="encoded-unreserved"),
        pytest.param("https://h/a%2Bcpu", place("https", "h", 443, "a+cpu"), id="encoded-reserved"),
        pytest.param("https://h/%C3%BC", place("https", "h", 443, "ü"), id="encoded-utf-8"),
        pytest.param("https://h/ü", place("https", "h", 443, "ü"), id="utf-8"),
        pytest.param("https://h/100%25", place("https", "h", 443, "100%"), id="percent-sign"),
        pytest.param("https://h/..y/.z", place("https", "h", 443, "..y", ".z"), id="names-that-begin-with-dots"),
        pytest.param("https://my_index/x", place("https", "my_index", 443, "x"), id="underscore-in-host"),
        pytest.param("https://127.0.0.1/", place("https", "127.0.0.1", 443), id="ipv4"),
        pytest.param("https://127.example/", place("https", "127.example", 443), id="name-that-begins-with-number"),
        pytest.param("https://[::1]/", place("https", "::1", 443), id="ipv6"),
        pytest.param("https://[2001:DB8:0::0:1]:81/", place("https", "2001:db8::1", 81), id="ipv6-long-form"),
        pytest.param("https://bücher.example/", place("https", "xn--bcher-kva.example", 443), id="international"),
        pytest.param("https://Bücher.EXAMPLE/", place("https", "xn--bcher-kva.example", 443), id="international-case"),
        pytest.param("https://xn--bcher-kva.example/", place("https", "xn--bcher-kva.example", 443), id="a-label"),
        pytest.param("https://pyp\u0456.org/", place("https", "xn--pyp-lhd.org", 443), id="cyrillic-look-alike"),
        pytest.param("file:///srv/wheels/", place("file", "", None, "srv", "wheels"), id="file"),
        pytest.param("file:/srv/wheels", place("file", "", None, "srv", "wheels"), id="file-without-slashes"),
        pytest.param("file://localhost/srv", place("file", "", None, "srv"), id="file-on-localhost"),
        pytest.param("file:///", place("file", "", None), id="file-root"),
        pytest.param("file:///a//./b", place("file", "", None, "a", "b"), id="file-empty-segment-and-dot"),
        pytest.param("file:///a/../b", place("file", "", None, "a", "..", "b"), id="file-dot-dot-stays"),
        pytest.param("file:///a%20b/c%252Fd", place("file", "", None, "a b", "c%2Fd"), id="file-decoded-once"),
        pytest.param("file:///C:/wheels", place("file", "", None, "C:", "wheels"), id="file-with-drive"),
    ],
)
def test_reads(url: str, location: Location) -> None:
    assert parse_location(url) == location


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("", id="empty"),
        pytest.param("pypi.org/simple", id="no-scheme"),
        pytest.param("//pypi.org/simple", id="relative-to-scheme"),
        pytest.param("evil.example://pypi.org/", id="scheme-like-a-host"),
        pytest.param("1https://pypi.org/", id="scheme-begins-with-digit"),
        pytest.param("ht%74ps://pypi.org/", id="encoded-scheme"),
        pytest.param("https:pypi.org", id="no-slashes"),
        pytest.param("https:/pypi.org/", id="one-slash"),
        pytest.param("https:///pypi.org/", id="three-slashes"),
        pytest.param("https://", id="no-host"),
        pytest.param("https://:443/", id="port-without-host"),
        pytest.param("https://user@/", id="user-without-host"),
        pytest.param(" https://pypi.org/", id="blank-before"),
        pytest.param("https://pypi.org/ ", id="blank-after"),
        pytest.param("https://pypi.org/a b", id="blank-in-path"),
        pytest.param("https://pypi.org/\n", id="line-end"),
        pytest.param("https://py\tpi.org/", id="tab-in-host"),
        pytest.param("ht\ntps://pypi.org/", id="line-end-in-scheme"),
        pytest.param("https://pypi.org\x00.evil.example/", id="nul-in-host"),
        pytest.param("https://pypi.org/\x7f", id="delete"),
        pytest.param("https://pypi.org/\u202e", id="right-to-left-override"),
        pytest.param("https://pypi.org/\u00a0", id="no-break-space"),
        pytest.param("https://pypi.org/\ud800", id="surrogate"),
        pytest.param("https://pypi.org\\@evil.example/", id="backslash-before-at"),
        pytest.param("https:\\\\pypi.org\\", id="backslashes-for-slashes"),
        pytest.param("https://pypi.org/a\\..\\b", id="backslash-in-path"),
        pytest.param("https://a@b@pypi.org/", id="two-ats"),
        pytest.param("https://pypi.org@evil.example@pypi.org/", id="two-ats-and-two-hosts"),
        pytest.param("https://[::1]@evil.example/", id="brackets-in-user"),
        pytest.param("https://user:p]w@evil.example/", id="bracket-in-password"),
        pytest.param("https://pypi.org:port/", id="port-is-a-word"),
        pytest.param("https://pypi.org:-1/", id="port-is-negative"),
        pytest.param("https://pypi.org:0/", id="port-0"),
        pytest.param("https://pypi.org:0443/", id="port-begins-with-0"),
        pytest.param("https://pypi.org:65536/", id="port-too-high"),
        pytest.param("https://pypi.org:4432211/", id="port-too-long"),
        pytest.param("https://pypi.org:\uff14\uff14\uff13/", id="port-in-full-width-digits"),
        pytest.param("https://pypi.org:443:444/", id="two-ports"),
        pytest.param("https://pypi%2Eorg/", id="encoded-dot-in-host"),
        pytest.param("https://pypi.org%2Fevil/", id="encoded-slash-in-host"),
        pytest.param("https://pypi.org%00/", id="encoded-nul-in-host"),
        pytest.param("https://.pypi.org/", id="dot-before-host"),
        pytest.param("https://pypi..org/", id="two-dots-in-host"),
        pytest.param("https://pypi.org../", id="two-dots-after-host"),
        pytest.param("https://*.pypi.org/", id="wildcard"),
        pytest.param("https://pypi.org,evil.example/", id="comma-in-host"),
        pytest.param("https://" + "a" * 64 + "/", id="long-label"),
        pytest.param("https://" + "a." * 128 + "/", id="long-host"),
        pytest.param("https://" + "ü" * 300 + "/", id="very-long-host"),
        pytest.param("https://127.1/", id="ipv4-two-numbers"),
        pytest.param("https://2130706433/", id="ipv4-one-number"),
        pytest.param("https://0x7f.1/", id="ipv4-hexadecimal"),
        pytest.param("https://0x7f000001/", id="ipv4-one-hexadecimal-number"),
        pytest.param("https://0177.0.0.1/", id="ipv4-octal"),
        pytest.param("https://127.0.0.01/", id="ipv4-leading-zero"),
        pytest.param("https://127.0.0.256/", id="ipv4-too-high"),
        pytest.param("https://1.2.3.4.5/", id="ipv4-five-numbers"),
        pytest.param("https://127.0.0.1./", id="ipv4-dot-at-end"),
        pytest.param("https://pypi.org.0x/", id="number-as-top-level-domain"),
        pytest.param("https://[::1/", id="ipv6-not-closed"),
        pytest.param("https://::1/", id="ipv6-without-brackets"),
        pytest.param("https://[pypi.org]/", id="name-in-brackets"),
        pytest.param("https://[127.0.0.1]/", id="ipv4-in-brackets"),
        pytest.param("https://[v1.x]/", id="future-address"),
        pytest.param("https://[fe80::1%25eth0]/", id="ipv6-zone"),
        pytest.param("https://[fe80::1%eth0]/", id="ipv6-zone-not-encoded"),
        pytest.param("https://[::ffff:127.0.0.1]/", id="ipv4-in-ipv6"),
        pytest.param("https://[::1]pypi.org/", id="name-after-brackets"),
        pytest.param("https://pypi\u3002org/", id="ideographic-full-stop"),
        pytest.param("https://pypi\uff0eorg/", id="full-width-full-stop"),
        pytest.param("https://\uff50\uff59\uff50\uff49.org/", id="full-width-letters"),
        pytest.param("https://pypi.org\u2100/", id="character-that-becomes-a-slash"),
        pytest.param("https://faß.example/", id="sharp-s"),
        pytest.param("https://\u212aelvin.example/", id="kelvin-sign"),
        pytest.param("https://BÜCHER.example/", id="international-capital"),
        pytest.param("https://bu\u0308cher.example/", id="combining-mark"),
        pytest.param("https://py\u00adpi.org/", id="soft-hyphen"),
        pytest.param("https://\U0001f40d.example/", id="emoji"),
        pytest.param("https://\U0001f12f\U0001f130.example/", id="mapped-since-unicode-5"),
        pytest.param("https://\u10a0.example/", id="capital-since-unicode-4"),
        pytest.param("https://\u05d0a.example/", id="two-directions"),
        pytest.param("https://h/%", id="percent-alone"),
        pytest.param("https://h/%zz", id="escape-not-hexadecimal"),
        pytest.param("https://h/%2", id="escape-cut-off"),
        pytest.param("https://h/a%2Fb", id="encoded-slash"),
        pytest.param("https://h/a/..%2fb", id="encoded-slash-after-dot-dot"),
        pytest.param("https://h/a%5cb", id="encoded-backslash"),
        pytest.param("https://h/a%00", id="encoded-nul"),
        pytest.param("https://h/a%0d%0aHost:%20x", id="encoded-line-end"),
        pytest.param("https://h/%252e%252e/a", id="dot-dot-encoded-twice"),
        pytest.param("https://h/a%252Fb", id="slash-encoded-twice"),
        pytest.param("https://h/%25%32%65", id="dot-encoded-twice-in-pieces"),
        pytest.param("https://h/%ff", id="not-utf-8"),
        pytest.param("https://h/%c0%ae%c0%ae/a", id="overlong-utf-8"),
        pytest.param("https://h/../a", id="above-the-top"),
        pytest.param("https://h/a/%2e%2e/%2e%2e/b", id="encoded-above-the-top"),
        pytest.param("https://h/a//../b", id="up-from-empty-segment"),
        pytest.param("https://h/a/%2e%2e/../b", id="up-from-encoded-dot-dot"),
        pytest.param("https://h/a/%2e/../b", id="up-from-encoded-dot"),
        pytest.param("https://h/a/..;/b", id="dot-dot-with-parameter"),
        pytest.param("https://h/a/..;x=1/b", id="dot-dot-with-named-parameter"),
        pytest.param("https://h/a/.;/b", id="dot-with-parameter"),
        pytest.param("https://h/a/%2e%2e%3b/b", id="encoded-dot-dot-with-parameter"),
        pytest.param("https://h/a/..%3fx/b", id="dot-dot-with-encoded-query"),
        pytest.param("https://h/a/..%23x/b", id="dot-dot-with-encoded-fragment"),
        pytest.param("https://h/a/..%20/b", id="dot-dot-with-blank"),
        pytest.param("https://h/a/.../b", id="three-dots"),
        pytest.param("file:wheels", id="file-relative"),
        pytest.param("file:", id="file-nothing"),
        pytest.param("file://", id="file-empty"),
        pytest.param("file://localhost", id="file-localhost-only"),
        pytest.param("file:////server/share", id="file-four-slashes"),
        pytest.param("file://server/share", id="file-other-machine"),
        pytest.param("file://user@localhost/srv", id="file-user"),
        pytest.param("file://localhost:80/srv", id="file-port"),
        pytest.param("file://LOCALHOST/srv", id="file-localhost-in-capitals"),
        pytest.param("file:///a%2fb", id="file-encoded-slash"),
        pytest.param("file:///a%00", id="file-encoded-nul"),
        pytest.param("file:///a%", id="file-percent-alone"),
        pytest.param("file:///%ff", id="file-not-utf-8"),
    ],
)
def test_refuses(url: str) -> None:
    with pytest.raises(InvalidURL):
        parse_location(url)


def test_message_names_reason_and_hides_password() -> None:
    with pytest.raises(InvalidURL) as caught:
        parse_location("https://me:s3cret@pypi.org:0/\n")
    reason = "it contains a blank, or a character that cannot be seen."
    assert caught.value.reason == reason
    assert str(caught.value) == rf"'https://me:****@pypi.org:0/\n' is not a usable URL: {reason}"


@pytest.mark.parametrize(
    ("url", "text"),
    [
        pytest.param("HTTPS://me:pw@PyPI.org:443/simple/?q#f", "https://pypi.org/simple", id="normal-form"),
        pytest.param("https://pypi.org", "https://pypi.org/", id="root"),
        pytest.param("https://[0::1]:8443/a//", "https://[::1]:8443/a//", id="ipv6-and-port"),
        pytest.param("https://h/%C3%BC%20%25", "https://h/%C3%BC%20%25", id="encoded-again"),
        pytest.param("ssh://h:22/x", "ssh://h:22/x", id="port-without-default"),
        pytest.param("file://localhost/a/../b%252Fc", "file:///a/../b%252Fc", id="file"),
    ],
)
def test_text_is_normal_form(url: str, text: str) -> None:
    assert str(parse_location(url)) == text


@pytest.mark.parametrize(
    ("segments", "windows", "path"),
    [
        pytest.param(("srv", "wheels"), False, "/srv/wheels", id="posix"),
        pytest.param((), False, "/", id="posix-root"),
        pytest.param(("C:", "wheels"), False, "/C:/wheels", id="posix-has-no-drives"),
        pytest.param(("C:", "wheels"), True, "C:/wheels", id="windows-drive"),
        pytest.param(("C:",), True, "C:/", id="windows-root-of-drive"),
        pytest.param(("wheels",), True, "/wheels", id="windows-without-drive"),
    ],
)
def test_local_path(segments: tuple[str, ...], windows: bool, path: str) -> None:
    assert _local_path(segments, windows=windows) == path


def test_local_location_has_path() -> None:
    location = parse_location("file:///srv/my%20wheels")
    assert (location.is_local, location.local_path) == (True, "/srv/my wheels")


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://pypi.org/simple/?mirror=1", id="query"),
        pytest.param("https://pypi.org/simple/?", id="empty-query"),
        pytest.param("https://pypi.org/simple/#x", id="fragment"),
        pytest.param("https://pypi.org/simple/#", id="empty-fragment"),
        pytest.param("https://pypi.org/simple/\\", id="not-a-url"),
    ],
)
def test_refuses_index(url: str) -> None:
    with pytest.raises(InvalidURL):
        parse_index(url)


def test_reads_index() -> None:
    assert parse_index("https://me:pw@pypi.org/simple") == PYPI


@pytest.mark.parametrize(
    ("url", "system", "repository"),
    [
        pytest.param("git+https://h/r.git", "git", "https://h/r.git", id="git"),
        pytest.param("hg+http://h/r", "hg", "http://h/r", id="hg"),
        pytest.param("svn+svn://h/r", "svn", "svn://h/r", id="svn"),
        pytest.param("bzr+lp:r", "bzr", "lp:r", id="bzr"),
        pytest.param("GIT+SSH://git@h/r.git", "git", "SSH://git@h/r.git", id="capitals"),
        pytest.param("git+https://h/r.git@v1#egg=r", "git", "https://h/r.git", id="revision"),
        pytest.param("git+https://h/r.git@v1?q=@#egg=r", "git", "https://h/r.git?q=@", id="revision-and-query"),
        pytest.param("git+https://h/evil@x/../../good/r", "git", "https://h/evil", id="revision-that-hides-the-path"),
        pytest.param("git+https://h/@a/r@v1", "git", "https://h/@a/r", id="last-at-counts"),
        pytest.param("git+https://h/r#egg=r", "git", "https://h/r", id="fragment"),
        pytest.param("git+file:///srv/r@v1", "git", "file:///srv/r", id="file"),
        pytest.param("git+1:x#y", "git", "1:x", id="not-a-url"),
        pytest.param("https://h/r.git@v1", None, "https://h/r.git@v1", id="no-vcs"),
        pytest.param("fossil+https://h/r", None, "fossil+https://h/r", id="unknown-vcs"),
        pytest.param("git+", None, "git+", id="no-transport"),
        pytest.param("git", None, "git", id="word"),
        pytest.param("/a+b", None, "/a+b", id="path"),
    ],
)
def test_splits_vcs(url: str, system: str | None, repository: str) -> None:
    assert split_vcs(url) == (system, repository)


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


# Our reading against that of the clients

PIECES = [
    "pypi.org", "evil.example", "@", ":", "/", "//", "?", "#", "\\", "[", "]", "[::1]", "::", "%", "%40", "%2f", "%2e",
    "%5c", "%00", "%25", "%C3%BC", "..", ".", "./", "/../", ";", ",", "&", "=", "+", "*", "_", "-", "|", "{", "^", '"',
    "<", "'", "!", "~", "0", "1", "80", "443", "0443", "127.1", "0x7f", "localhost", "user", "simple", "packages", "xn--",
    "ü", "ß", "ς", "İ", "\u212a", "。", "\uff0e", "\uff50", "\uff20", "\uff0f", "\uff1a", "\uff1f", "\uff11", "²", "\u0456", "\u200d", "\u0308", "℀", " ",
    "\t", "\n", "\r", "\x00", "\x7f", "\u00a0", "\U0001f40d",
]  # fmt: skip


@st.composite
def hostile_urls(draw: st.DrawFn) -> str:
    """Return an ordinary URL into which a few dangerous characters have fallen."""
    scheme = draw(st.sampled_from(["https", "http", "HTTPS", "ftp", "ssh", "git+https"]))
    user = draw(st.sampled_from(["", "user@", "user:pass@", "pypi.org@", "pypi.org:443@"]))
    host = draw(st.sampled_from(["pypi.org", "PyPI.org.", "evil.example", "127.0.0.1", "[::1]", "bücher.example", "h"]))
    port = draw(st.sampled_from(["", ":", ":443", ":80", ":8443"]))
    path = draw(st.lists(st.sampled_from(["simple", "x", "..", ".", "", "%2e%2e", "a%2Bb", "ü", "a@b"]), max_size=5))
    url = f"{scheme}://{user}{host}{port}{'/' if path else ''}{'/'.join(path)}"
    for piece in draw(st.lists(st.sampled_from(PIECES) | st.characters(), max_size=3)):
        position = draw(st.integers(0, len(url)))
        url = url[:position] + piece + url[position:]
    return url


def accepted(url: str) -> Location | None:
    try:
        return parse_location(url)
    except InvalidURL:
        return None


def normal_host(host: str | None) -> str:
    text = (host or "").strip("[]")
    if ":" in text:
        return ipaddress.ip_address(text).compressed
    return text.encode("idna").decode().lower().removesuffix(".")


def normal_port(location: Location, port: int | None) -> int | None:
    defaults = {"http": 80, "https": 443, "ftp": 21}
    return port or defaults.get(location.scheme)


@given(hostile_urls())
def test_standard_library_reads_the_same(url: str) -> None:
    location = accepted(url)
    if location is None or location.is_local:
        return
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    assert (parts.scheme, normal_host(parts.hostname)) == (location.scheme, location.host)
    assert normal_port(location, parts.port) == location.port


@given(hostile_urls())
def test_urllib3_reads_the_same(url: str) -> None:
    location = accepted(url)
    if location is None or location.is_local:
        return
    try:
        parts = parse_url(url)
    except LocationParseError:
        return
    assert (parts.scheme, normal_host(parts.host)) == (location.scheme, location.host)
    assert normal_port(location, parts.port) == location.port


@given(hostile_urls())
def test_requests_asks_for_the_same(url: str) -> None:
    location = accepted(url)
    if location is None or location.scheme not in ("http", "https"):
        return
    request = PreparedRequest()
    try:
        request.prepare_url(url, None)
    except RequestException:
        return
    assert request.url is not None
    assert parse_location(request.url) == location
    sent = urlsplit(request.url)
    assert (normal_host(sent.hostname), normal_port(location, sent.port)) == (location.host, location.port)


@given(hostile_urls())
def test_pip_quotes_links_to_the_same(url: str) -> None:
    location = accepted(url)
    if location is None or location.is_local:
        return
    try:
        quoted = _ensure_quoted_url(url)
    except ValueError:
        return
    assert parse_location(quoted) == location


@given(hostile_urls())
def test_pip_hands_the_same_repository_to_git(url: str) -> None:
    system, repository = split_vcs("git+" + url)
    try:
        handed, _, _ = VersionControl.get_url_rev_and_auth("git+" + url)
    except Exception:  # noqa: BLE001 -- pip has no common base for what it raises here
        return
    location = accepted(repository)
    if system is not None and location is not None:
        assert accepted(handed) == location


@given(hostile_urls())
def test_normal_form_is_stable(url: str) -> None:
    location = accepted(url)
    if location is not None:
        assert parse_location(str(location)) == location


@given(hostile_urls())
def test_approval_is_for_one_host(url: str) -> None:
    if not is_below(url, [PYPI]):
        return
    request = PreparedRequest()
    try:
        request.prepare_url(url, None)
    except RequestException:
        return
    sent = urlsplit(request.url or "")
    assert (sent.scheme, sent.hostname, sent.port or 443) in [
        ("https", name, 443) for name in ("pypi.org", "pypi.org.")
    ]


# What RFC 3986 lets stand in userinfo, apart from escapes.
USERINFO = string.ascii_letters + string.digits + "-._~!$&'()*+,;=:"


@given(hostile_urls(), st.text(USERINFO))
def test_userinfo_is_no_part_of_a_place(url: str, userinfo: str) -> None:
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    url = f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"
    if (location := accepted(url)) is not None and not location.is_local:
        assert parse_location(f"{scheme}://{userinfo}@{url.partition('://')[2]}") == location


# Redaction


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("https://me:pw@h/", "https://me:****@h/", id="password"),
        pytest.param("https://t0ken@h/", "https://****@h/", id="token"),
        pytest.param("https://:pw@h/", "https://:****@h/", id="password-without-user"),
        pytest.param("https://t0ken:@h/", "https://****:****@h/", id="token-with-empty-password"),
        pytest.param("https://t0ken:x-oauth-basic@h/", "https://****:****@h/", id="github-token"),
        pytest.param("https://@h/", "https://****@h/", id="empty-userinfo"),
        pytest.param("https://a%40b:p%40w%3A@h/", "https://a%40b:****@h/", id="encoded-characters"),
        pytest.param("https://a:b:c@h/", "https://a:****@h/", id="colon-in-password"),
        pytest.param("https://a:b@c@h/", "https://a:****@h/", id="at-in-password"),
        pytest.param("https://a:b'c@h/", "https://a:****@h/", id="quote-in-password"),
        pytest.param("https://o'a:pw@h/", "https://o'a:****@h/", id="quote-in-user"),
        pytest.param('https://a:b"c@h/', "https://a:****@h/", id="double-quote-in-password"),
        pytest.param("https://a:b\\c@h/", "https://a:****@h/", id="backslash-in-password"),
        pytest.param("https://a:b/c@h/x@v1", "https://a:****@h/x@v1", id="slash-in-password"),
        pytest.param("https://a:b#c@h/", "https://a:****@h/", id="hash-in-password"),
        pytest.param("https://a:b?c@d@h/", "https://a:****@h/", id="question-mark-and-at-in-password"),
        pytest.param("https://a:b c@h/", "https://a:****@h/", id="blank-in-password"),
        pytest.param("https://a:pw%40h/", "https://a:****%40h/", id="encoded-at"),
        pytest.param("https://${USER}:${PASSWORD}@h/", "https://${USER}:****@h/", id="variables"),
        pytest.param("https://me:pw@[::1]:80/", "https://me:****@[::1]:80/", id="ipv6"),
        pytest.param("git+ssh://git:pw@h/r@v1", "git+ssh://git:****@h/r@v1", id="vcs"),
        pytest.param("x @ git+https://t0ken@h/r.git@v1", "x @ git+https://****@h/r.git@v1", id="requirement"),
        pytest.param("https://a:b@h,https://c:d@i", "https://a:****@h,https://c:****@i", id="several"),
        pytest.param("a https://a:b@h b\nhttps://c@i c", "a https://a:****@h b\nhttps://****@i c", id="several-lines"),
        pytest.param("--index-url=https://a:b@h/", "--index-url=https://a:****@h/", id="option"),
        pytest.param("['-i', 'https://a:b@h/']", "['-i', 'https://a:****@h/']", id="repr"),
        pytest.param('["-i","https://a:b@h/"]', '["-i","https://a:****@h/"]', id="json"),
        pytest.param(r'"https:\/\/a:b@h\/"', r'"https:\/\/a:****@h\/"', id="json-with-escaped-slashes"),
        pytest.param("?u=https%3A%2F%2Fa%3Ab%40h%2F", "?u=https%3A%2F%2Fa%3A****%40h%2F", id="encoded-url"),
        pytest.param("?u=https%3a%2f%2fa:b@h", "?u=https%3a%2f%2fa:****@h", id="partly-encoded-url"),
        pytest.param("https%3A%2F%2Fa%3Ab%2540c%252F%40h", "https%3A%2F%2Fa%3A****%40h", id="encoded-url-and-password"),
        pytest.param("https%253A%252F%252Fa%253Ab%2540h", "https%253A%252F%252Fa%253A****%2540h", id="encoded-twice"),
        pytest.param("--proxy me:pw@h:3128 x", "--proxy me:****@h:3128 x", id="proxy"),
        pytest.param("'--prox', 'me:pw@h'", "'--prox', 'me:****@h'", id="proxy-in-repr"),
        pytest.param("PIP_PROXY=me:pw@h", "PIP_PROXY=me:****@h", id="proxy-in-environment"),
        pytest.param("proxy = http://me:pw@h", "proxy = http://me:****@h", id="proxy-in-configuration"),
        pytest.param("https://h/?token=abc", "https://h/?token=****", id="token-parameter"),
        pytest.param("https://h/?a=1&access_token=abc&b=2", "https://h/?a=1&access_token=****&b=2", id="access-token"),
        pytest.param("https://h/x?sv=1&sig=a%2Bb%3D#f", "https://h/x?sv=1&sig=****#f", id="azure"),
        pytest.param(
            "https://h/x?X-Amz-Credential=AK%2F1&X-Amz-Date=2&X-Amz-Security-Token=3&X-Amz-Signature=4",
            "https://h/x?X-Amz-Credential=****&X-Amz-Date=2&X-Amz-Security-Token=****&X-Amz-Signature=****",
            id="aws",
        ),
        pytest.param(
            "https://h/?AWSAccessKeyId=1&Signature=2", "https://h/?AWSAccessKeyId=****&Signature=****", id="s3"
        ),
        pytest.param("?x-goog-signature=1&PRIVATE-TOKEN=2", "?x-goog-signature=****&PRIVATE-TOKEN=****", id="others"),
        pytest.param("?apiKey=1&amp;api_key=2", "?apiKey=****&amp;api_key=****", id="html"),
        pytest.param("https://h/#access_token=1", "https://h/#access_token=****", id="fragment"),
        pytest.param("?u=https%3A%2F%2Fh%3Ftoken%3Da%252Bb%26c", "?u=https%3A%2F%2Fh%3Ftoken%3D****%26c", id="encoded"),
        pytest.param("(https://h/?token=abc). x", "(https://h/?token=****). x", id="punctuation-after-value"),
        pytest.param("https://h/?token=).,", "https://h/?token=****", id="value-of-punctuation"),
        pytest.param("'https://h/?token=abc'", "'https://h/?token=****'", id="quote-after-value"),
    ],
)
def test_redacts(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("https://pypi.org/simple/", id="url"),
        pytest.param("https://h:8080/@a", id="at-in-path"),
        pytest.param("git+https://h/r.git@v1", id="revision"),
        pytest.param("git+https://h:8443/r.git@v1", id="revision-and-port"),
        pytest.param("https://h?x=@y", id="at-in-query"),
        pytest.param("https://[::1]/x@v1", id="ipv6"),
        pytest.param("see https://h:8080, or write to a@b", id="port-before-comma"),
        pytest.param("https://h: write to a@b", id="colon-after-host"),
        pytest.param("https://h:port", id="not-a-port"),
        pytest.param("https://h:port/ and\na@b", id="not-a-port-and-at-in-next-line"),
        pytest.param("https://h:port @ b@ ", id="not-a-port-and-no-host"),
        pytest.param('["https://h","a@b"]', id="json"),
        pytest.param("['https://h:80', 'a@b']", id="repr"),
        pytest.param('<a href="https://h">a@b</a>', id="html"),
        pytest.param("a@b", id="mail"),
        pytest.param("git@h:r.git", id="scp"),
        pytest.param("10:30 a:b@c", id="no-url"),
        pytest.param("the proxy a@b is down", id="word-proxy"),
        pytest.param("https://h/?tokens=1&monkey=2&x=token", id="other-parameters"),
        pytest.param("token=1", id="no-query"),
        pytest.param("https://h/x.whl#sha256=abc", id="hash"),
    ],
)
def test_does_not_touch(text: str) -> None:
    assert redact(text) == text


FORMATS = [
    "https://{userinfo}@h.example/simple",
    "git+https://{userinfo}@[::1]:80/r.git@v1#egg=r",
    "Looking in indexes: https://{userinfo}@h.example/simple, https://pypi.org/simple",
    "--extra-index-url=http://a:b@h --extra-index-url=http://{userinfo}@h:80",
    "--proxy {userinfo}@proxy:3128",
]


def quote_all(text: str) -> str:
    return quote(text, safe="")


@given(
    st.sampled_from(FORMATS),
    st.sampled_from(["{password}", "user:{password}", "us%40er:{password}"]),
    st.text(USERINFO + "@%", min_size=6) | st.text(min_size=4).map(quote_all),
    st.sampled_from([str, repr, json.dumps, shlex.quote, quote_all, lambda text: quote_all(quote_all(text))]),
)
def test_no_password_is_left(template: str, form: str, password: str, write: object) -> None:
    assert callable(write)
    assume(len(password) >= 6 and "*" not in password and password not in template + form)
    assume(":" not in password or ":" in form)
    assume("proxy" not in template or "%" not in write(" "))
    text = write(template.format(userinfo=form.format(password=password)))
    shown = redact(text)
    assert password not in shown
    assert quote_all(password) not in shown
    assert quote_all(quote_all(password)) not in shown


@given(st.sampled_from(["token", "sig", "X-Amz-Signature"]), st.text(string.ascii_letters + "+/-_.~%", min_size=12))
def test_no_secret_parameter_is_left(name: str, secret: str) -> None:
    assert redact(f"https://h/x?a=1&{name}={secret}&b=2").count(secret) == 0


@given(st.text(string.ascii_lowercase, min_size=1), st.text(string.ascii_lowercase, min_size=1))
def test_writes_what_pip_writes(user: str, password: str) -> None:
    for url in (f"https://{user}:{password}@h/x?y#z", f"https://{user}@h/x", "https://h/x"):
        assert redact(url) == redact_auth_from_url(url)


@given(st.text())
def test_keeps_text_without_urls(text: str) -> None:
    assume("://" not in text and "%" not in text and "=" not in text)
    assert redact(text) == text


@given(st.text(string.printable), st.text(string.printable))
def test_keeps_text_around_urls(before: str, after: str) -> None:
    assume(not any(mark in before + after for mark in (":", "%", "=")))
    assert redact(f"{before} https://me:pw@h/ {after}") == f"{before} https://me:****@h/ {after}"


@given(st.lists(st.sampled_from([*PIECES, "https://", "?token=", "--proxy ", "%3A%2F%2F"])).map("".join))
def test_redacts_once_for_all(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "unit",
    [
        "://",
        "a",
        "@",
        "%40",
        "%25",
        "%",
        "'",
        '"',
        "',",
        "?a-",
        "&token",
        "proxy ",
        "--prox",
        "://a:b@",
        "://a:b ",
        ".-_",
        "\\",
    ],
)
@pytest.mark.parametrize("head", ["", "://", "://u:x", "%3a%2f%2f", "?token=", "%3ftoken%3d", "--proxy"])
@pytest.mark.parametrize("tail", ["", "/ @@ @ "])
def test_takes_linear_time(head: str, unit: str, tail: str) -> None:
    text = head + unit * 20_000 + tail
    began = time.process_time()
    redact(text)
    accepted("https://h/" + text)
    assert time.process_time() - began < 5


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
