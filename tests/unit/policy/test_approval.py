"""Test what the policy approves, for all rules that ask."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pip_guard.frozen import replace
from pip_guard.policy import approval
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.model import Policy, Releases, parse_locations
from tests.unit.factories import make_policy

POLICY = replace(
    make_policy(proxies=parse_locations(["http://proxy.example:3128"])),
    releases=Releases(exempt_indexes=parse_locations(["https://own.example/simple/"])),
)
Question = Callable[[str, Policy], bool]


@pytest.mark.parametrize(
    ("value", "local"),
    [
        pytest.param("/srv/wheels", True, id="path"),
        pytest.param("wheels", True, id="relative-path"),
        pytest.param("./a:b", True, id="colon-in-a-path"),
        pytest.param("C:\\wheels", True, id="drive"),
        pytest.param("C:/wheels", True, id="drive-with-slashes"),
        pytest.param("file:///srv/wheels", True, id="url"),
        pytest.param("FILE:wheels", True, id="url-in-capitals"),
        pytest.param("", True, id="empty"),
        pytest.param("https://h.example/", False, id="https"),
        pytest.param("HTTP://h.example/", False, id="http"),
        pytest.param("git+ssh://h.example/x", False, id="repository"),
        pytest.param("https:h.example", False, id="scheme-without-slashes"),
        pytest.param("h.example:8080/x", False, id="host-and-port-look-like-a-scheme"),
        pytest.param("filet://h.example/", False, id="longer-scheme"),
    ],
)
def test_tells_what_is_local(value: str, local: bool) -> None:
    assert approval.is_local(value) is local


@pytest.mark.parametrize(
    ("question", "url", "approved"),
    [
        pytest.param(approval.is_approved_index, "https://pypi.example/simple", True, id="index"),
        pytest.param(approval.is_approved_index, "https://pypi.example/simple/demo/", False, id="index-below"),
        pytest.param(approval.is_approved_index, "https://files.example/", False, id="index-on-a-file-host"),
        pytest.param(approval.is_approved_page, "https://pypi.example/simple/demo/", True, id="page"),
        pytest.param(approval.is_approved_page, "https://pypi.example/simple2/", False, id="page-that-begins-alike"),
        pytest.param(approval.is_approved_page, "https://files.example/", False, id="page-on-a-file-host"),
        pytest.param(approval.is_approved_file, "https://files.example/a/b.whl", True, id="file"),
        pytest.param(approval.is_approved_file, "https://pypi.example/simple/b.whl", True, id="file-on-the-index"),
        pytest.param(approval.is_approved_file, "https://pypi.example/b.whl", False, id="file-beside-the-index"),
        pytest.param(approval.is_approved_host, "https://pypi.example/any/../where", True, id="host-whatever-the-path"),
        pytest.param(approval.is_approved_host, "https://pypi.example/anywhere", True, id="host"),
        pytest.param(approval.is_approved_host, "https://files.example/", True, id="file-host"),
        pytest.param(approval.is_approved_host, "http://pypi.example/", False, id="host-without-tls"),
        pytest.param(approval.is_approved_host, "https://pypi.example:8443/", False, id="other-port"),
        pytest.param(approval.is_approved_host, "https://", False, id="no-host"),
        pytest.param(approval.is_approved_proxy, "http://proxy.example:3128", True, id="proxy"),
        pytest.param(approval.is_approved_proxy, "proxy.example:3128", True, id="proxy-without-a-scheme"),
        pytest.param(approval.is_approved_proxy, "http://me:pw@proxy.example:3128/", True, id="proxy-with-a-password"),
        pytest.param(approval.is_approved_proxy, "https://proxy.example:3128", False, id="proxy-with-another-scheme"),
        pytest.param(approval.is_approved_proxy, "http://proxy.example", False, id="proxy-on-another-port"),
        pytest.param(approval.is_approved_proxy, "http://pypi.example:3128", False, id="other-proxy"),
        pytest.param(approval.is_approved_proxy, "::", False, id="no-proxy"),
        pytest.param(approval.is_exempt_from_age, "https://own.example/simple/demo/", True, id="exempt"),
        pytest.param(approval.is_exempt_from_age, "https://pypi.example/simple/demo/", False, id="not-exempt"),
    ],
)
def test_approves(question: Question, url: str, approved: bool) -> None:
    assert question(url, POLICY) is approved


@pytest.mark.parametrize(
    ("url", "insecure"),
    [
        pytest.param("http://h.example/", True, id="http"),
        pytest.param("ftp://h.example/", True, id="ftp"),
        pytest.param("git+http://h.example/x", True, id="repository"),
        pytest.param("git+git://h.example/x@main", True, id="protocol-of-git"),
        pytest.param("svn+svn://h.example/x", True, id="protocol-of-subversion"),
        pytest.param("https://h.example/", False, id="https"),
        pytest.param("git+ssh://h.example/x", False, id="ssh"),
        pytest.param("http://localhost:8080/", False, id="this-machine"),
        pytest.param("http://127.0.0.1/", False, id="this-machine-by-number"),
        pytest.param("http://[::1]/", False, id="this-machine-by-ipv6"),
        pytest.param("http://localhost.evil.example/", True, id="host-that-begins-alike"),
        pytest.param("http://", False, id="nothing-that-could-be-asked"),
    ],
)
def test_tells_what_is_insecure(url: str, insecure: bool) -> None:
    assert approval.is_insecure(url) is insecure


def test_approves_folders_below_an_approved_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = make_policy(approved=parse_locations([(tmp_path / "wheels").as_uri()]))
    (tmp_path / "wheels").mkdir()
    (tmp_path / "link").symlink_to("wheels")
    monkeypatch.chdir(tmp_path)
    approved = ("wheels", "./wheels/", "wheels/below", "link", str(tmp_path / "wheels"), (tmp_path / "wheels").as_uri())
    others = (".", "wheels2", "wheels/..", str(tmp_path), tmp_path.as_uri(), "file:wheels")
    assert [value for value in (*approved, *others) if approval.is_approved_folder(value, policy)] == list(approved)


CONSENT = PolicyException(
    rule="vcs-requirement", project="demo", reason="ours", url=parse_locations(["https://git.example/ours"])[0]
)


@pytest.mark.parametrize(
    ("url", "locked", "exceptions", "approved"),
    [
        pytest.param("git+https://anywhere.example/x.git", False, (), True, id="no-lock"),
        pytest.param("git+https://anywhere.example/x.git", True, (), False, id="locked"),
        pytest.param("git+https://files.example/x.git@main", True, (), True, id="file-host"),
        pytest.param("git+https://pypi.example/simple/x.git", True, (), True, id="index"),
        pytest.param("git+https://git.example/ours/x.git", True, (CONSENT,), True, id="exception-with-a-place"),
        pytest.param("git+https://git.example/x.git", True, (CONSENT,), False, id="beside-the-place"),
        pytest.param(
            "git+https://git.example/ours/x.git", True, (replace(CONSENT, url=None),), False, id="consent-to-build"
        ),
        pytest.param(
            "git+https://git.example/ours/x.git",
            True,
            (replace(CONSENT, rule="source-distribution"),),
            False,
            id="exception-from-another-rule",
        ),
    ],
)
def test_place_of_a_repository_is_approved_apart_where_places_are_locked(
    url: str, locked: bool, exceptions: tuple[PolicyException, ...], approved: bool
) -> None:
    policy = replace(make_policy(), places_locked=locked, exceptions=exceptions)
    assert approval.is_approved_repository(url, policy) is approved
