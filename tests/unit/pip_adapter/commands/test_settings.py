"""Test what is collected of the settings of a command: what becomes of each value, and what the rules are told of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pip._internal import configuration

from pip_guard.facts.candidate import CandidateFacts
from pip_guard.facts.requirements import HashCheckingFacts, SourceFacts
from pip_guard.pip_adapter.commands.settings import Effect, SetOption, read_configuration
from pip_guard.pip_adapter.options.values import AUTHORITY_VARIABLES

USED, REPLACED, OVERRIDDEN = Effect.USED, Effect.REPLACED, Effect.OVERRIDDEN


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only configuration file that pip reads."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in AUTHORITY_VARIABLES or name.startswith("PIP_"):
            monkeypatch.delenv(name)
    path = tmp_path / "pip.conf"
    monkeypatch.setattr(
        configuration, "get_configuration_files", lambda: {"global": [], "user": [str(path)], "site": []}
    )
    monkeypatch.chdir(tmp_path)
    return path


def shown(*command: str) -> list[tuple[str, str, Effect]]:
    return [(row.name, row.setting.value, row.effect) for row in read_configuration(command).options]


def told(*command: str) -> list[type]:
    return [type(facts) for row in read_configuration(command).options for facts in row.facts]


def test_each_value_has_its_line(file: Path) -> None:
    file.write_text("[global]\nextra-index-url =\n  https://a/\n\n  # https://b/\n  https://b/ https://c/\n")
    assert [(row.setting.value, row.setting.origin.text, row.file) for row in read_configuration().options] == [
        ("https://a/", f"[global] extra-index-url, line 3 of {file}", str(file)),
        ("https://b/", f"[global] extra-index-url, line 6 of {file}", str(file)),
        ("https://c/", f"[global] extra-index-url, line 6 of {file}", str(file)),
    ]


@pytest.mark.parametrize(
    ("text", "variables", "command", "expected"),
    [
        pytest.param(
            "[global]\nindex-url = a\n",
            {"PIP_INDEX_URL": "b"},
            ("install", "-i", "c", "--pypi-url", "d"),
            [("index-url", value, REPLACED) for value in "abc"] + [("index-url", "d", USED)],
            id="one-value",
        ),
        pytest.param(
            "[global]\nextra-index-url = a\n",
            {"PIP_EXTRA_INDEX_URL": "b c"},
            ("install", "--extra-index-url", "d"),
            [("extra-index-url", "a", REPLACED), *(("extra-index-url", value, USED) for value in "bcd")],
            id="values-add-up",
        ),
        pytest.param(
            "",
            {"PIP_INDEX_URL": "a"},
            ("install", "--no-index"),
            [("index-url", "a", REPLACED), ("no-index", "", USED)],
            id="no-index",
        ),
        pytest.param(
            "[install]\nno-binary = a\n",
            {"PIP_ONLY_BINARY": "b"},
            (),
            [("no-binary", "a", OVERRIDDEN), ("only-binary", "b", OVERRIDDEN)],
            id="formats",
        ),
        pytest.param("", {"PIP_CACHE_DIR": "/a"}, (), [("cache-dir", "/a", OVERRIDDEN)], id="cache"),
        pytest.param("", {}, ("install", "--cache-dir=/a"), [("cache-dir", "/a", USED)], id="named-cache"),
        pytest.param("", {"PIP_NO_CACHE_DIR": "1"}, (), [("no-cache-dir", "1", USED)], id="no-cache"),
        pytest.param(
            "", {"PIP_KEYRING_PROVIDER": "import"}, (), [("keyring-provider", "import", OVERRIDDEN)], id="keyring"
        ),
        pytest.param(
            "",
            {"PIP_CERT": "a", "SSL_CERT_FILE": "b"},
            (),
            [("cert", "a", USED), ("cert", "b", REPLACED)],
            id="cert",
        ),
        pytest.param("", {"SSL_CERT_FILE": "b"}, (), [("cert", "b", USED)], id="openssl"),
        pytest.param(
            "",
            {"PIP_CERT": "a", "CURL_CA_BUNDLE": "c", "REQUESTS_CA_BUNDLE": "b", "SSL_CERT_DIR": "d"},
            (),
            [("cert", "a", REPLACED), ("cert", "b", USED), ("cert", "c", REPLACED), ("cert", "d", REPLACED)],
            id="bundle-goes-first",
        ),
        pytest.param(
            "",
            {"PIP_CERT": "a", "REQUESTS_CA_BUNDLE": "b", "PIP_NO_PROXY_ENV": "1"},
            (),
            [("cert", "a", USED), ("cert", "b", REPLACED), ("no-proxy-env", "1", USED)],
            id="without-the-environment",
        ),
        pytest.param("", {"HTTPS_PROXY": "http://me:pw@a:1"}, (), [("proxy", "http://me:pw@a:1", USED)], id="proxy"),
        pytest.param(
            "",
            {"HTTPS_PROXY": "http://a:1", "PIP_PROXY": "http://b:1"},
            (),
            [("proxy", "http://b:1", USED)],
            id="proxy-of-pip",
        ),
        pytest.param("", {"PIP_INDEX_URL": "a"}, ("install", "--isolated"), [("isolated", "", USED)], id="isolated"),
    ],
)
def test_says_what_becomes_of_a_value(
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    variables: dict[str, str],
    command: tuple[str, ...],
    expected: list[tuple[str, str, Effect]],
) -> None:
    file.write_text(text)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert shown(*command) == expected


def test_index_of_a_file_replaces_all_that_came_before(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("--extra-index-url b\n-i c\n--extra-index-url d\n")
    assert shown("install", "-r", "r.txt", "-i", "a", "--extra-index-url", "x") == [
        ("extra-index-url", "x", REPLACED),
        ("extra-index-url", "b", REPLACED),
        ("extra-index-url", "d", USED),
        ("index-url", "a", REPLACED),
        ("index-url", "c", USED),
        ("requirement", "r.txt", USED),
    ]
    # each is judged all the same, when pip comes to it
    assert told("install", "-r", "r.txt", "-i", "a", "--extra-index-url", "x") == [SourceFacts] * 6
    assert told("install", "-r", "r.txt", "--no-index") == [SourceFacts]
    (tmp_path / "r.txt").write_text("-i a\n--no-index\n--no-binary x\n")
    assert shown("install", "-r", "r.txt")[0] == ("index-url", "a", REPLACED)
    assert ("no-binary", "x", OVERRIDDEN) in shown("install", "-r", "r.txt")


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        pytest.param(("--trusted-host", "x"), [SourceFacts], id="trusted-host"),
        pytest.param(("-f", "x"), [SourceFacts], id="find-links"),
        pytest.param(("-c", "https://x/"), [SourceFacts], id="constraint"),
        pytest.param(("--proxy", "x"), [SourceFacts], id="proxy"),
        pytest.param(("--no-require-hashes",), [HashCheckingFacts], id="no-hashes"),
        pytest.param(("-e", "git+https://x/y#egg=z"), [CandidateFacts], id="repository"),
        pytest.param(("-e", "https://x/y"), [], id="what-pip-refuses-itself"),
        pytest.param(("--timeout", "3"), [], id="harmless"),
    ],
)
def test_tells_the_rules_of_a_value(arguments: tuple[str, ...], kinds: list[type]) -> None:
    assert told("install", *arguments) == kinds


def test_origin_of_a_repository_is_the_setting() -> None:
    (row,) = read_configuration(("install", "-e", "git+https://x/y#egg=z")).options
    (facts,) = row.facts
    assert isinstance(facts, CandidateFacts)
    assert facts.origin == row.setting.origin


def test_switched_off_by_a_variable_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_REQUIRE_HASHES", "false")
    assert told() == []
    monkeypatch.setenv("PIP_NO_REQUIRE_HASHES", "true")
    assert told() == [HashCheckingFacts]


def test_rows_are_values() -> None:
    assert read_configuration().options == ()
    (row,) = read_configuration(("install", "--pre")).options
    assert isinstance(row, SetOption)
