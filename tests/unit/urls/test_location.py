"""A URL is read as every client reads it, or not at all."""

from __future__ import annotations

import ipaddress
import time
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pip._internal.models.link import _ensure_quoted_url
from pip._internal.vcs.versioncontrol import VersionControl
from pip._vendor.requests.exceptions import RequestException
from pip._vendor.requests.models import PreparedRequest
from pip._vendor.urllib3.exceptions import LocationParseError
from pip._vendor.urllib3.util import parse_url

from pip_guard.urls.compare import is_below
from pip_guard.urls.location import InvalidURL, Location, _local_path, parse_index, parse_location, split_vcs
from tests.unit.urls.strategies import USERINFO, hostile_urls

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
    reason = "it contains a space or an invisible character."
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


# Our reading against that of the clients


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


@given(hostile_urls(), st.text(USERINFO))
def test_userinfo_is_no_part_of_a_place(url: str, userinfo: str) -> None:
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    url = f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"
    if (location := accepted(url)) is not None and not location.is_local:
        assert parse_location(f"{scheme}://{userinfo}@{url.partition('://')[2]}") == location


@pytest.mark.parametrize("unit", ["://", "a", "@", "%40", "%", ".-_", "\\", "/..", "://a:b@"])
@pytest.mark.parametrize("tail", ["", "/ @@ @ "])
def test_takes_linear_time(unit: str, tail: str) -> None:
    text = f"https://h/{unit * 20_000}{tail}"
    began = time.process_time()
    accepted(text)
    assert time.process_time() - began < 5
