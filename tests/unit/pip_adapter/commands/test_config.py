"""Test what is judged before a configuration file is written."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from pip._internal.commands import configuration

from pip_guard.engine.rule import AnyRule
from pip_guard.engine.session import GuardSession
from pip_guard.engine.summary import CommandSummary
from pip_guard.facts.command import ConfigurationChangeFacts, JournalFacts
from pip_guard.facts.origin import Facts, Origin, OriginKind, Setting
from pip_guard.facts.requirements import SourceFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.pip_adapter import session as module
from pip_guard.pip_adapter.commands.config import GuardedConfigurationCommand
from pip_guard.policy.model import Policy
from tests.unit.engine.factories import RecordedJournal, RecordedReport, describe
from tests.unit.factories import make_rule

PRIVATE = SourceFacts(private_authority=True)


@pytest.fixture(autouse=True)
def judged(monkeypatch: pytest.MonkeyPatch) -> list[Facts]:
    """Let a session refuse whatever has the key `bad`; return all that it has judged."""
    judged: list[Facts] = []

    def check(facts: ConfigurationChangeFacts, policy: Policy) -> list[Violation]:
        judged.append(facts)
        return [Violation(message="bad")] if facts.key == "bad" else []

    rule: AnyRule = make_rule(facts=(ConfigurationChangeFacts,), check=check)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setattr(module, "_running", module._Running())
    module.set_session(
        lambda: GuardSession(rules=(rule,), load_policy=Policy, describe=describe, report=RecordedReport())
    )
    return judged


class Command(GuardedConfigurationCommand, configuration.ConfigurationCommand):
    """A command as the factory makes it."""


def parse(*arguments: str) -> list[str]:
    return Command("config", "").parse_args(list(arguments))[1]


def written(*values: str, name: str) -> tuple[Setting, ...]:
    origin = Origin(kind=OriginKind.CONFIGURATION, text=f"pip config set {name}")
    return tuple(Setting(value=value, origin=origin) for value in values)


@pytest.mark.parametrize(
    ("name", "value", "change"),
    [
        pytest.param(
            "global.timeout", "60", ConfigurationChangeFacts(key="timeout", value="60", sources=PRIVATE), id="other"
        ),
        pytest.param(
            "global.index-url",
            "https://a/",
            ConfigurationChangeFacts(
                key="index-url",
                value="https://a/",
                sources=SourceFacts(indexes=written("https://a/", name="global.index-url"), private_authority=True),
            ),
            id="index",
        ),
        pytest.param(
            "install.Extra_Index_URL",
            "https://a/ https://b/",
            ConfigurationChangeFacts(
                key="extra-index-url",
                value="https://a/ https://b/",
                sources=SourceFacts(
                    indexes=written("https://a/", "https://b/", name="install.Extra_Index_URL"),
                    private_authority=True,
                ),
            ),
            id="indexes-in-odd-spelling",
        ),
        pytest.param(
            "global.--pypi-url",
            "x",
            ConfigurationChangeFacts(
                key="pypi-url",
                value="x",
                sources=SourceFacts(indexes=written("x", name="global.--pypi-url"), private_authority=True),
            ),
            id="alias-with-dashes",
        ),
        pytest.param(
            "global.find-links",
            "x",
            ConfigurationChangeFacts(
                key="find-links",
                value="x",
                sources=SourceFacts(find_links=written("x", name="global.find-links"), private_authority=True),
            ),
            id="find-links",
        ),
        pytest.param(
            "global.trusted-host",
            "x",
            ConfigurationChangeFacts(
                key="trusted-host",
                value="x",
                sources=SourceFacts(trusted_hosts=written("x", name="global.trusted-host"), private_authority=True),
            ),
            id="trusted-host",
        ),
        pytest.param(
            "global.proxy",
            "x",
            ConfigurationChangeFacts(
                key="proxy",
                value="x",
                sources=SourceFacts(proxies=written("x", name="global.proxy"), private_authority=True),
            ),
            id="proxy",
        ),
        *(
            pytest.param(
                f"install.{key}",
                "x",
                ConfigurationChangeFacts(
                    key=key,
                    value="x",
                    sources=SourceFacts(requirement_files=written("x", name=f"install.{key}"), private_authority=True),
                ),
                id=key,
            )
            for key in ("requirement", "constraint", "build-constraint", "requirements-from-script")
        ),
        pytest.param(
            "global.no-such-option",
            "x",
            ConfigurationChangeFacts(key="no-such-option", value="x", sources=PRIVATE),
            id="no-option",
        ),
        pytest.param(
            "global.x\nindex-url",
            "y",
            ConfigurationChangeFacts(key="global.x\nindex-url", value="y", sources=SourceFacts()),
            id="two-lines",
        ),
        pytest.param("timeout", "60", ConfigurationChangeFacts(key="", value="60", sources=PRIVATE), id="no-section"),
    ],
)
def test_judges_what_would_be_written(
    judged: list[Facts], name: str, value: str, change: ConfigurationChangeFacts
) -> None:
    assert parse("set", name, value) == ["set", name, value]
    assert judged == [change]


@pytest.mark.parametrize(
    "arguments",
    [["list"], ["get", "global.bad"], ["unset", "global.bad"], ["debug"], ["edit"], ["set", "global.bad"], []],
)
def test_what_writes_nothing_is_not_judged(judged: list[Facts], arguments: list[str]) -> None:
    assert parse(*arguments) == arguments
    assert judged == []


def test_ends_where_the_session_refuses() -> None:
    with pytest.raises(SystemExit) as caught:
        parse("--site", "set", "global.bad", "x")
    assert caught.value.code == 40


def test_judges_the_editor(judged: list[Facts], monkeypatch: pytest.MonkeyPatch) -> None:
    parse("--editor", "vi", "edit")
    monkeypatch.setenv("PIP_EDITOR", "evil")
    parse("edit")
    editors = [
        Setting(value="vi", origin=Origin(kind=OriginKind.COMMAND_LINE, text="--editor vi on the command line")),
        Setting(value="evil", origin=Origin(kind=OriginKind.ENVIRONMENT, text="PIP_EDITOR in the environment")),
    ]
    assert judged == [
        ConfigurationChangeFacts(key="", value="", sources=SourceFacts(), editor=editor) for editor in editors
    ]


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        pytest.param(["set", "global.timeout", "60"], "config", id="set"),
        pytest.param(["unset", "global.timeout"], "config", id="unset"),
        pytest.param(["edit"], "config", id="edit"),
        pytest.param(["list"], None, id="list"),
        pytest.param(["get", "global.timeout"], None, id="get"),
        pytest.param([], None, id="nothing"),
    ],
)
def test_what_writes_is_recorded_before_it_does(arguments: list[str], command: str | None) -> None:
    journal = RecordedJournal()
    module.set_session(
        lambda: GuardSession(
            rules=(make_rule(),),
            load_policy=Policy,
            describe=describe,
            report=RecordedReport(),
            open_journal=lambda policy: journal,
        )
    )
    parse(*arguments)
    assert journal.begins == ([] if command is None else [CommandSummary(command=command)])


def test_nothing_is_recorded_where_every_rule_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = RecordedJournal()
    module.set_session(
        lambda: GuardSession(
            rules=(make_rule(),),
            load_policy=lambda: Policy(severities={"bad-thing": Severity.OFF}),
            describe=describe,
            report=RecordedReport(),
            open_journal=lambda policy: journal,
        )
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    command = Command("config", "")
    assert command.main(["set", "global.timeout", "60"]) == 0
    assert type(command).__name__ == "ConfigurationCommand"
    assert (journal.begins, journal.ends) == ([], [])


def test_what_must_be_recorded_and_cannot_be_is_not_written() -> None:
    rule: AnyRule = make_rule(facts=(JournalFacts,), check=lambda facts, policy: [Violation(message="full")])
    module.set_session(
        lambda: GuardSession(
            rules=(make_rule(), rule),
            load_policy=Policy,
            describe=describe,
            report=RecordedReport(),
            open_journal=lambda policy: RecordedJournal("is full"),
        )
    )
    with pytest.raises(SystemExit) as caught:
        parse("set", "global.timeout", "60")
    assert caught.value.code == 40


# what an editor leaves


def edit(monkeypatch: pytest.MonkeyPatch, path: Path, text: str | None) -> int:
    """Let somebody edit a file, and return the exit code; without a text, the editor fails."""
    files = {"global": [], "user": [], "site": [str(path)]}
    monkeypatch.delenv("PIP_CONFIG_FILE")
    monkeypatch.setattr("pip._internal.configuration.get_configuration_files", lambda: files)

    def call(command: str, *, shell: bool) -> None:
        if text is None:
            raise subprocess.CalledProcessError(1, command)
        path.write_text(text, encoding="utf-8")

    monkeypatch.setattr(subprocess, "check_call", call)
    monkeypatch.setattr(configuration.ConfigurationCommand, "_determine_editor", lambda self, options: "vi")
    command = Command("config", "")
    options, rest = command.parse_args(["--site", "edit"])
    return command.run(options, rest)


def test_what_an_editor_leaves_is_judged(judged: list[Facts], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pip.conf"
    path.write_text("[global]\nbad = before\n", encoding="utf-8")
    assert edit(monkeypatch, path, "[global]\nbad = before\ntimeout = 1\nextra-index-url =\n  a\n  b\n") == 0
    origin = Origin(kind=OriginKind.CONFIGURATION, text=f"global.extra-index-url in {path}")
    indexes = tuple(Setting(value=value, origin=origin) for value in "ab")
    assert judged == [
        ConfigurationChangeFacts(
            key="extra-index-url", value="a b", sources=SourceFacts(indexes=indexes, private_authority=True)
        ),
        ConfigurationChangeFacts(key="timeout", value="1", sources=PRIVATE),
    ]


@pytest.mark.parametrize("before", ["[global]\ntimeout = 1\n", None])
def test_what_may_not_stay_is_put_aside(
    before: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path, kept = tmp_path / "pip.conf", tmp_path / "pip.conf.refused"
    if before is not None:
        path.write_text(before, encoding="utf-8")
        path.chmod(0o640)
    assert edit(monkeypatch, path, "[global]\nbad = x\n") == 40
    assert kept.read_text(encoding="utf-8") == "[global]\nbad = x\n"
    assert path.exists() is (before is not None)
    if before is not None:
        assert path.read_text(encoding="utf-8") == before
        assert path.stat().st_mode & 0o777 == 0o640
        assert kept.stat().st_mode & 0o777 == 0o600
    assert f"What you have written is in {kept}" in caplog.text


def test_what_pip_could_not_read_is_left_to_pip(
    judged: list[Facts], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert edit(monkeypatch, tmp_path / "pip.conf", "bad = x\n") == 0
    assert judged == []


def test_editor_that_fails_leaves_nothing_to_judge(
    judged: list[Facts], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert edit(monkeypatch, tmp_path / "pip.conf", None) == 1
    assert judged == []
