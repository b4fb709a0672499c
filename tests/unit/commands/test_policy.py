"""Test how the policy in force is shown, and how a file is checked."""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, NoReturn, cast

import pytest

from pip_guard.commands import policy as policy_command
from pip_guard.commands.assembly import KNOWN_RULES
from pip_guard.commands.policy import Uses, describe, render, run
from pip_guard.environment import permissions
from pip_guard.errors import PolicyError, UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.journal import reader
from pip_guard.options import OwnOptions
from pip_guard.policy import files as policy_files
from pip_guard.policy.files import LoadedPolicy, load_policy
from pip_guard.policy.layers import Merged, merge
from pip_guard.policy.model import Policy
from pip_guard.policy.parser import parse_policy

TODAY = date(2026, 5, 1)
ADMIN = """\
locked = true
profile = "container"

[indexes.projects]
"acme-*" = "https://pypi.acme.example/simple/"
"""
USER = """\
advisory-message = "Ask \\"us\\"."
[rules]
missing-hash = "error"
running-as-root = "warning"
[indexes.projects]
acme-web = "https://pypi.org/simple/"
[[exceptions]]
rule = "source-distribution"
project = "docopt"
version = "==0.6.2"
reason = "read it"
expires = 2026-05-09

[[exceptions]]
rule = "recent-release"
project = "acme-*"
reason = "ours"

[[exceptions]]
rule = "vcs-requirement"
url = "https://git.acme.example/"
reason = "ours"
expires = 2026-04-30

[[exceptions]]
rule = "wrong-index"
reason = "x"
"""
PROJECT = """\
[tool.pip-guard.rules]
missing-hash = "off"
[tool.pip-guard.releases]
minimum-age = "PT1H"
"""


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Return where the three files are looked for; none is there."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("PIP_GUARD_POLICY", raising=False)
    monkeypatch.setattr(policy_files, "admin_policy_path", lambda: tmp_path / "admin.toml")
    monkeypatch.setattr(permissions, "others_can_change", lambda path: None)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config" / "pip-guard").mkdir(parents=True)
    return {
        "admin": tmp_path / "admin.toml",
        "user": tmp_path / "config" / "pip-guard" / "policy.toml",
        "project": tmp_path / "pyproject.toml",
    }


@pytest.fixture
def merged(files: dict[str, Path]) -> Merged:
    """Write all three files, and return what they come to."""
    for name, text in {"admin": ADMIN, "user": USER, "project": PROJECT}.items():
        files[name].write_text(text, encoding="utf-8")
    found = load_policy(None, {}, KNOWN_RULES).merged
    assert found is not None
    return found


def ask(*arguments: str, own: OwnOptions | None = None, **options: str | bool) -> int:
    request = GuardRequest(
        arguments=("policy", *arguments), options={f"--{name}": value for name, value in options.items()}
    )
    return run(arguments, request, own or OwnOptions())


def value(shown: dict[str, Any], *path: str) -> dict[str, Any]:
    (found,) = [each for each in shown["values"] if each["key"] == list(path)]
    assert isinstance(found, dict)
    return {name: each for name, each in found.items() if name != "key"}


def test_shows_where_every_value_comes_from(merged: Merged, files: dict[str, Path]) -> None:
    shown: dict[str, Any] = describe(merged, TODAY)
    assert (shown["schema"], shown["profile"], shown["mode"], shown["locked"]) == (
        2,
        "container",
        "enforce",
        str(files["admin"]),
    )
    assert shown["files"] == [
        {"layer": "administrator", "file": str(files["admin"])},
        {"layer": "user", "file": str(files["user"])},
        {"layer": "project", "file": str(files["project"])},
    ]
    assert value(shown, "rules", "running-as-root") == {
        "value": "warning",
        "layer": "user",
        "file": str(files["user"]),
        "line": 4,
        "profile": None,
        "locked": True,
    }
    assert value(shown, "sources", "local-projects") == {
        "value": "never",
        "layer": "administrator",
        "file": str(files["admin"]),
        "line": 2,
        "profile": "container",
        "locked": True,
    }
    assert value(shown, "releases", "minimum-age") == {
        "value": "P3D",
        "layer": "default",
        "file": None,
        "line": None,
        "profile": None,
        "locked": False,
    }
    assert value(shown, "indexes", "projects", "acme-*")["line"] == 5
    assert [(each["key"], each["value"], each["line"]) for each in shown["restrictions"]] == [
        (["indexes", "projects", "acme-web"], "https://pypi.org/simple", 6)
    ]
    assert [(each["key"], each["value"], each["layer"], each["line"]) for each in shown["ignored"]] == [
        (["releases", "minimum-age"], "PT1H", "project", 4),
        (["rules", "missing-hash"], "off", "project", 2),
    ]
    assert [(each["rule"], each["state"], each["line"], each["url"]) for each in shown["exceptions"]] == [
        ("source-distribution", "expires soon", 7, None),
        ("recent-release", "in force", 14, None),
        ("vcs-requirement", "expired", 19, "https://git.acme.example/"),
        ("wrong-index", "ineffective", 25, None),
    ]


def test_shows_a_policy_that_comes_to_the_same(merged: Merged, files: dict[str, Path]) -> None:
    text = render(merged, TODAY)
    shown = parse_policy(text, source="shown", rules=KNOWN_RULES)
    policy = merged.policy
    assert (shown.releases, shown.advisories, shown.local_projects) == (
        policy.releases,
        policy.advisories,
        policy.local_projects,
    )
    assert shown.indexes.projects == policy.indexes.projects
    assert shown.severities == {
        rule: policy.severity(rule, severity) for rule, severity in KNOWN_RULES.severities.items()
    }
    assert shown.exceptions == tuple(each for each in policy.exceptions if each.has_not_expired(TODAY))
    assert shown.advisory_message == 'Ask "us".'
    user = files["user"]
    assert f"# administrator: {files['admin']}, profile container, locked\n# user: {user}\n" in text
    assert f'running-as-root = "warning"  # {user}:4 (user), locked\n' in text
    assert f'local-projects = "never"  # profile container of {files["admin"]}:2 (administrator), locked\n' in text
    assert f'"acme-*" = "https://pypi.acme.example/simple"  # {files["admin"]}:5 (administrator), locked\n' in text
    assert f"# expires soon: {user}:7 (user)\n[[exceptions]]\n" in text
    assert (
        f'# expired: {user}:19 (user)\n# [[exceptions]]\n# rule = "vcs-requirement"\n# url = "https://git.acme.example/"\n'
        '# reason = "ours"\n# expires = 2026-04-30\n'
    ) in text
    assert text.endswith(
        "# a project must also come from the index, or from the publisher, that these name:\n"
        f'#   indexes.projects.acme-web = "https://pypi.org/simple"  # {user}:6 (user)\n'
        "\n"
        "# looser than its file may make it, and so without effect:\n"
        f'#   releases.minimum-age = "PT1H"  # {files["project"]}:4 (project)\n'
        f'#   rules.missing-hash = "off"  # {files["project"]}:2 (project)'
    )


def test_shows_the_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask() == 0
    text = capsys.readouterr().out
    assert text.startswith(
        '# administrator: none\n# user: none\n# project: none\n\nmode = "enforce"  # default\n\n[indexes]\n'
    )
    assert text.endswith('missing-hash = "off"  # default\n')
    assert parse_policy(text, source="shown", rules=KNOWN_RULES).severities == dict(KNOWN_RULES.severities)


def test_shows_the_policy_to_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(json=True) == 0
    assert json.loads(capsys.readouterr().out) == describe(merge((), KNOWN_RULES.severities), TODAY)


def test_checks_whether_exceptions_excuse_anything(tmp_path: Path) -> None:
    text = '[[exceptions]]\nrule = "find-links"\nreason = "x"\nproject = "docopt"\n'
    (tmp_path / "policy.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match="find-links is about no project"):
        ask(check="policy.toml")


def test_shows_the_file_that_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other.toml").write_text('mode = "observe"\n', encoding="utf-8")
    assert ask(own=OwnOptions(policy="other.toml")) == 0
    assert 'mode = "observe"  # other.toml:1 (user)\n' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("policy.toml", ADMIN, id="administrator"),
        pytest.param("policy.toml", USER, id="user"),
        pytest.param("pyproject.toml", f"{PROJECT}[project]\nname = 'x'\n", id="project"),
        pytest.param("pyproject.toml", "[project]\n", id="project-without"),
    ],
)
def test_checks_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert ask(check=name) == 0
    assert ask(check=name, json=True) == 0
    first, _, rest = capsys.readouterr().out.partition("\n")
    assert first == f"{name}: OK"
    assert json.loads(rest) == {"schema": 2, "file": name, "ok": True, "problems": []}


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param(
            "mod = 1\n[rules]\nx = 1\n",
            [
                {"line": 1, "key": "mod", "message": 'there is no such key; did you mean "mode"?'},
                {"line": 3, "key": "rules.x", "message": 'there is no rule "x"'},
            ],
            id="keys",
        ),
        pytest.param(
            "\nx\n", [{"line": 2, "key": None, "message": "Expected '=' after a key in a key/value pair"}], id="no-toml"
        ),
        pytest.param(None, [{"line": None, "key": None, "message": "p.toml: No such file or directory"}], id="missing"),
    ],
)
def test_says_what_is_wrong_with_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, problems: list[dict[str, object]]
) -> None:
    if text is not None:
        (tmp_path / "p.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        ask(check="p.toml")
    assert len(caught.value.problems) == len(problems)
    assert ask(check="p.toml", json=True) == 41
    assert json.loads(capsys.readouterr().out) == {"schema": 2, "file": "p.toml", "ok": False, "problems": problems}


def test_writes_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(schema=True) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Policy of pip-guard"


def test_takes_no_arguments() -> None:
    with pytest.raises(UsageError) as caught:
        ask("x")
    assert caught.value.message == "policy takes no arguments."


USES = {("source-distribution", "docopt", "==0.6.2"): datetime(2026, 5, 1, 12, tzinfo=timezone.utc)}


@pytest.mark.parametrize(
    ("uses", "text", "unused"),
    [
        pytest.param(None, "# in force: ", None, id="no-journal"),
        pytest.param({}, "# in force, unused so far: ", True, id="unused"),
        pytest.param(USES, "# in force, last used on 2026-05-01: ", False, id="used"),
    ],
)
def test_says_when_an_exception_was_last_used(
    files: dict[str, Path], uses: Uses | None, text: str, unused: bool | None
) -> None:
    files["user"].write_text(
        '[[exceptions]]\nrule = "source-distribution"\nproject = "docopt"\nversion = "==0.6.2"\nreason = "read"\n',
        encoding="utf-8",
    )
    merged = load_policy(None, {}, KNOWN_RULES).merged
    assert merged is not None
    assert f"\n{text}{files['user']}" in render(merged, TODAY, uses)
    (shown,) = cast(list[dict[str, object]], describe(merged, TODAY, uses)["exceptions"])
    assert (shown["unused"], shown["last_used"]) == (unused, "2026-05-01T12:00:00+00:00" if uses == USES else None)


def test_takes_last_uses_from_the_journal(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files["user"].write_text(
        f"[journal]\npath = {json.dumps(str(files['user'].with_name('journal.jsonl')))}\n"
        '[[exceptions]]\nrule = "source-distribution"\nproject = "docopt"\nreason = "read"\n',
        encoding="utf-8",
    )
    assert ask(json=True) == 0
    assert json.loads(capsys.readouterr().out)["exceptions"][0]["unused"] is None
    files["user"].with_name("journal.jsonl").touch()
    assert ask(json=True) == 0
    assert json.loads(capsys.readouterr().out)["exceptions"][0]["unused"] is True
    monkeypatch.setattr(reader, "read_journal", fail)
    assert ask(json=True) == 0
    assert json.loads(capsys.readouterr().out)["exceptions"][0]["unused"] is None


def fail(path: str) -> NoReturn:
    raise PermissionError(13, "Permission denied", path)


def test_says_which_file_of_a_project_is_not_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = Policy(passed_over=(("/tmp/pyproject.toml", "belongs to another user (1001)"),))
    monkeypatch.setattr(policy_command, "load_policy", lambda *_: LoadedPolicy(policy=policy))
    assert ask() == 0
    assert "# not read: /tmp/pyproject.toml, which belongs to another user (1001)\n" in capsys.readouterr().out
    assert ask(json=True) == 0
    assert json.loads(capsys.readouterr().out)["passed_over"] == [
        {"file": "/tmp/pyproject.toml", "reason": "belongs to another user (1001)"}
    ]
