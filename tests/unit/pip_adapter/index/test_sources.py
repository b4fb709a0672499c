"""Test which places are found in the options of a command, and in what files add to them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pip._internal.commands.install import InstallCommand
from pip._internal.index.collector import LinkCollector
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.search_scope import SearchScope
from pip._internal.models.selection_prefs import SelectionPreferences
from pip._internal.network.session import PipSession

from pip_guard.facts.origin import Origin, OriginKind, Setting
from pip_guard.facts.requirements import SourceFacts
from pip_guard.pip_adapter.index.sources import SourceOrigins, sources_of_options
from pip_guard.pip_adapter.options.origins import OptionOrigins
from pip_guard.pip_adapter.options.values import AUTHORITY_VARIABLES

PYPI = Setting(value="https://pypi.org/simple", origin=Origin(kind=OriginKind.DEFAULT, text="pip's default"))
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    for name in list(os.environ):
        if name.lower() in PROXIES or name in AUTHORITY_VARIABLES:
            monkeypatch.delenv(name)


def sources(*arguments: str) -> SourceFacts:
    parser = InstallCommand("install", "").parser
    origins = OptionOrigins(parser)
    return sources_of_options(parser.parse_args(list(arguments))[0], origins)


def said(value: str, text: str) -> Setting:
    return Setting(value=value, origin=Origin(kind=OriginKind.COMMAND_LINE, text=f"{text} on the command line"))


def variable(value: str, name: str) -> Setting:
    return Setting(value=value, origin=Origin(kind=OriginKind.ENVIRONMENT, text=f"{name} in the environment"))


@pytest.mark.parametrize(
    ("arguments", "facts"),
    [
        pytest.param(["demo"], SourceFacts(indexes=(PYPI,)), id="default"),
        pytest.param(["--no-index"], SourceFacts(), id="no-index"),
        pytest.param(
            ["-i", "https://a/", "--extra-index-url=https://b/", "--extra", "https://c/"],
            SourceFacts(
                indexes=(
                    said("https://a/", "-i https://a/"),
                    said("https://b/", "--extra-index-url https://b/"),
                    said("https://c/", "--extra-index-url https://c/"),
                )
            ),
            id="indexes",
        ),
        pytest.param(["--index-url", ""], SourceFacts(), id="empty-index"),
        pytest.param(
            ["--find-links", "wheels", "-f", "https://a/"],
            SourceFacts(
                indexes=(PYPI,), find_links=(said("wheels", "--find-links wheels"), said("https://a/", "-f https://a/"))
            ),
            id="find-links",
        ),
        pytest.param(
            ["--no-index", "--trusted-host", "a:8080"],
            SourceFacts(trusted_hosts=(said("a:8080", "--trusted-host a:8080"),)),
            id="trusted-host",
        ),
        pytest.param(
            ["--no-index", "-r", "r.txt", "-c", "c.txt", "--build-constraint", "b.txt"],
            SourceFacts(
                requirement_files=(
                    said("r.txt", "-r r.txt"),
                    said("c.txt", "-c c.txt"),
                    said("b.txt", "--build-constraint b.txt"),
                )
            ),
            id="files",
        ),
        pytest.param(
            ["--no-index", "--proxy", "http://p:1"],
            SourceFacts(proxies=(said("http://p:1", "--proxy http://p:1"),)),
            id="proxy",
        ),
        pytest.param(["--no-index", "--proxy", ""], SourceFacts(), id="no-proxy"),
        pytest.param(["--no-index", "--cert", "ca.pem"], SourceFacts(private_authority=True), id="certificate"),
    ],
)
def test_finds_the_sources_that_options_name(arguments: list[str], facts: SourceFacts) -> None:
    assert sources(*arguments) == facts


def test_variables_name_sources_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://a/ https://b/")
    monkeypatch.setenv("PIP_TRUSTED_HOST", "a")
    assert sources("--extra-index-url", "https://c/") == SourceFacts(
        indexes=(
            PYPI,
            variable("https://a/", "PIP_EXTRA_INDEX_URL"),
            variable("https://b/", "PIP_EXTRA_INDEX_URL"),
            said("https://c/", "--extra-index-url https://c/"),
        ),
        trusted_hosts=(variable("a", "PIP_TRUSTED_HOST"),),
    )


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_variables_make_other_authorities_count(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "/x")
    assert sources("--no-index").private_authority
    monkeypatch.setenv(name, "")
    assert not sources("--no-index").private_authority


@pytest.mark.parametrize(
    ("variables", "arguments", "proxies"),
    [
        pytest.param({"HTTPS_PROXY": "http://p:1"}, [], {"http://p:1": "HTTPS_PROXY"}, id="https"),
        pytest.param({"https_proxy": "http://p:1"}, [], {"http://p:1": "https_proxy"}, id="lower-case"),
        pytest.param({"ALL_PROXY": "http://p:1"}, [], {"http://p:1": "ALL_PROXY"}, id="all"),
        pytest.param({"HTTP_PROXY": "http://p:1"}, [], {}, id="http-is-for-others"),
        pytest.param(
            {"HTTP_PROXY": "http://p:1", "HTTPS_PROXY": "http://q:2"},
            ["--extra-index-url", "http://a/"],
            {"http://q:2": "HTTPS_PROXY", "http://p:1": "HTTP_PROXY"},
            id="one-for-each-scheme",
        ),
        pytest.param(
            {"HTTPS_PROXY": "http://p:1"},
            ["--extra-index-url", "https://a/"],
            {"http://p:1": "HTTPS_PROXY"},
            id="one-for-all-indexes",
        ),
        pytest.param({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "pypi.org"}, [], {}, id="exempt"),
        pytest.param({"NO_PROXY": "pypi.org"}, [], {}, id="exempt-from-nothing"),
        pytest.param({"HTTPS_PROXY": "http://p:1"}, ["--no-proxy-env"], {}, id="switched-off"),
        pytest.param({"HTTPS_PROXY": "http://p:1"}, ["--proxy", ""], {}, id="overridden"),
        pytest.param({"HTTPS_PROXY": "http://p:1"}, ["--no-index"], {}, id="nothing-is-asked"),
    ],
)
def test_finds_the_proxies_that_requests_would_go_through(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], arguments: list[str], proxies: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert sources(*arguments).proxies == tuple(variable(value, name) for value, name in proxies.items())


def test_proxy_of_the_system_has_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pip._vendor.requests.utils.getproxies", lambda: {"https": "http://p:1"})
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        found = sources().proxies
    assert found == (variable("http://p:1", "the system's settings"),)


@pytest.mark.parametrize("spelling", ["wheels", "./wheels/", "{folder}", "file://{folder}", "FILE://{folder}", "link"])
def test_folder_that_the_command_line_names_comes_from_there(
    spelling: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wheels").mkdir()
    (tmp_path / "link").symlink_to("wheels")
    (tmp_path / "others").mkdir()
    folder = spelling.format(folder=tmp_path / "wheels")
    monkeypatch.setenv("PIP_FIND_LINKS", f"{folder} others https://a/")
    named = sources("--find-links", "wheels")
    assert [(link.value, link.by_command_line) for link in named.find_links] == [
        (folder, True),
        ("others", False),
        ("https://a/", False),
        ("wheels", True),
    ]
    origins = SourceOrigins()
    origins.know(named)
    origins.note("find-links", folder, "reqs.txt", 1)
    origins.note("find-links", "https://b/", "reqs.txt", 2)
    assert origins.take() == (SourceFacts(find_links=(added("https://b/", 2),)),)


# What files add


def make_finder(indexes: list[str], find_links: list[str]) -> PackageFinder:
    scope = SearchScope(find_links=find_links, index_urls=indexes, no_index=False)
    collector = LinkCollector(session=PipSession(), search_scope=scope)
    return PackageFinder.create(link_collector=collector, selection_prefs=SelectionPreferences(allow_yanked=False))


def added(value: str, line: int) -> Setting:
    return Setting(value=value, origin=Origin(kind=OriginKind.FILE_OPTION, text=f"line {line} of reqs.txt"))


def test_knows_the_line_that_adds_a_source() -> None:
    origins = SourceOrigins()
    origins.note("index", "https://a/", "reqs.txt", 1)
    origins.note("find-links", "wheels", "reqs.txt", 3)
    origins.note("trusted-host", "a:8080", "reqs.txt", 4)
    expected = SourceFacts(
        indexes=(added("https://a/", 1),),
        find_links=(added("wheels", 3),),
        trusted_hosts=(added("a:8080", 4),),
    )
    assert origins.take() == (expected,)


def test_tells_of_each_line_once() -> None:
    origins = SourceOrigins()
    origins.note("index", "https://a/", "reqs.txt", 1)
    origins.take()
    assert origins.take() == ()
    origins.note("index", "https://b/", "reqs.txt", 2)
    assert origins.take() == (SourceFacts(indexes=(added("https://b/", 2),)),)


def test_last_line_that_adds_a_source_is_the_one_that_counts() -> None:
    origins = SourceOrigins()
    origins.note("index", "https://a/", "reqs.txt", 1)
    origins.note("index", "https://a/", "reqs.txt", 7)
    assert origins.take() == (SourceFacts(indexes=(added("https://a/", 7),)),)


def test_nothing_is_added_where_no_file_says_so() -> None:
    assert SourceOrigins().take() == ()


def test_finder_knows_nothing_that_was_not_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "wheels").mkdir()
    origins = SourceOrigins()
    origins.know(sources("-i", "https://a/", "-f", "~/wheels", "--trusted-host", "Trusted:80"))
    origins.note("index", "https://b/", "reqs.txt", 1)
    origins.take()
    finder = make_finder(["https://a/", "https://b/"], [os.path.realpath(tmp_path / "wheels")])
    finder._link_collector.session.add_trusted_host("Trusted:80")
    origins.compare(finder)
    assert origins.take() == ()


def test_what_the_finder_knows_by_other_ways_is_told_once() -> None:
    origins = SourceOrigins()
    finder = make_finder(["https://a/"], ["wheels"])
    finder._link_collector.session.add_trusted_host("trusted")
    origin = Origin(kind=OriginKind.FILE_OPTION, text="a file or an option that pip has read")
    expected = SourceFacts(
        indexes=(Setting(value="https://a/", origin=origin),),
        find_links=(Setting(value="wheels", origin=origin),),
        trusted_hosts=(Setting(value="trusted", origin=origin),),
    )
    origins.compare(finder)
    assert origins.take() == (expected,)
    origins.compare(finder)
    assert origins.take() == ()
