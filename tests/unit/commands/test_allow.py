"""Test that an exception is added to a policy file of which nothing else changes."""

from __future__ import annotations

import os
import stat
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pip_guard.commands.allow import EXAMPLE, run
from pip_guard.commands.assembly import KNOWN_RULES
from pip_guard.engine.rule import AnyRule
from pip_guard.environment import permissions
from pip_guard.errors import LockedError, PolicyError, UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.options import OwnOptions
from pip_guard.policy import files
from pip_guard.policy.exceptions import PolicyException
from pip_guard.policy.files import load_policy
from pip_guard.policy.model import Policy
from pip_guard.policy.toml import parse_toml, render_toml
from pip_guard.rules import ALL_RULES
from pip_guard.urls.location import parse_location

ENTRY = '[[exceptions]]\nrule = "source-distribution"\nproject = "docopt"\nreason = "read it"\n'


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the user's policy belongs; neither it nor its folder is there."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("PIP_GUARD_POLICY", raising=False)
    return tmp_path / "config" / "pip-guard" / "policy.toml"


def write(path: Path, text: str, mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    path.chmod(mode)
    return path


def read(path: Path) -> str:
    return path.read_bytes().decode()


def allow(
    rule: str, wanted: str | None, *, reason: str | None, expires: str | None, policy: str | None, **conditions: str
) -> int:
    words = () if wanted is None else (wanted,)
    given = {"--reason": reason, "--expires": expires, **{f"--{name}": value for name, value in conditions.items()}}
    request = GuardRequest(
        arguments=("allow", rule, *words), options={flag: value for flag, value in given.items() if value is not None}
    )
    return run((rule, *words), request, OwnOptions(policy=policy))


def allow_docopt(wanted: str = "docopt", *, policy: str | None = None) -> int:
    return allow("source-distribution", wanted, reason="read it", expires=None, policy=policy)


def files_beside(path: Path) -> list[str]:
    return sorted(file.name for file in path.parent.iterdir())


def test_makes_the_file_and_says_so(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert allow_docopt() == 0
    assert read(path) == ENTRY
    assert capsys.readouterr() == (f"Added to {path}:\n\n{ENTRY}", "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert files_beside(path) == ["policy.toml"]


@pytest.mark.parametrize(
    ("wanted", "exception"),
    [
        pytest.param(
            "docopt", PolicyException(rule="source-distribution", project="docopt", reason="read it"), id="project"
        ),
        pytest.param(
            " Zope.Interface ",
            PolicyException(rule="source-distribution", project="zope-interface", reason="read it"),
            id="name-is-normalised",
        ),
        pytest.param(
            "docopt==0.6.2",
            PolicyException(rule="source-distribution", project="docopt", version="==0.6.2", reason="read it"),
            id="version",
        ),
        pytest.param(
            "docopt == 0.6.*",
            PolicyException(rule="source-distribution", project="docopt", version="==0.6.*", reason="read it"),
            id="versions-with-blanks",
        ),
        pytest.param(
            "docopt===0.6-custom",
            PolicyException(rule="source-distribution", project="docopt", version="===0.6-custom", reason="read it"),
            id="arbitrary-version",
        ),
        pytest.param(
            "Acme_*", PolicyException(rule="source-distribution", project="acme-*", reason="read it"), id="pattern"
        ),
        pytest.param(
            "a?c", PolicyException(rule="source-distribution", project="a?c", reason="read it"), id="pattern-of-one"
        ),
    ],
)
def test_writes_what_the_policy_understands(path: Path, wanted: str, exception: PolicyException) -> None:
    allow_docopt(wanted)
    assert load_policy(None, {}, KNOWN_RULES).policy == Policy(exceptions=(exception,))


def test_writes_the_last_day(path: Path) -> None:
    allow("local-project", "demo", reason="ours", expires="2027-01-31", policy=None)
    assert read(path) == (
        '[[exceptions]]\nrule = "local-project"\nproject = "demo"\nreason = "ours"\nexpires = 2027-01-31\n'
    )
    (exception,) = load_policy(None, {}, KNOWN_RULES).policy.exceptions
    assert exception.expires == date(2027, 1, 31)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", ENTRY, id="empty"),
        pytest.param("# mine\n", f"# mine\n\n{ENTRY}", id="comment"),
        pytest.param("# mine", f"# mine\n\n{ENTRY}", id="no-newline-at-the-end"),
        pytest.param(
            '[rules]  # all of them\nlocal-project = "off"\nforeign-module="error"\n\n\n',
            f'[rules]  # all of them\nlocal-project = "off"\nforeign-module="error"\n\n\n\n{ENTRY}',
            id="order-and-blanks",
        ),
        pytest.param(
            "# ä\r\n[sources]\r\nlocal-projects = 'never'\r\n",
            f"# ä\r\n[sources]\r\nlocal-projects = 'never'\r\n\n{ENTRY}",
            id="lines-of-windows",
        ),
        pytest.param(f"{ENTRY}# last\n", f"{ENTRY}# last\n\n{ENTRY}", id="another-exception"),
    ],
)
def test_keeps_what_stands_there(path: Path, before: str, after: str) -> None:
    write(path, before)
    allow_docopt()
    assert read(path) == after


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_keeps_permissions(path: Path, mode: int) -> None:
    write(path, "# mine\n", mode)
    allow_docopt()
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_follows_a_link(path: Path, tmp_path: Path) -> None:
    target = write(tmp_path / "dotfiles" / "policy.toml", "# mine\n", 0o600)
    path.parent.mkdir(parents=True)
    path.symlink_to(target)
    allow_docopt()
    assert path.readlink() == target
    assert read(target) == f"# mine\n\n{ENTRY}"
    assert (files_beside(target), files_beside(path)) == (["policy.toml"], ["policy.toml"])


def test_writes_into_the_file_that_is_in_force(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_GUARD_POLICY", str(tmp_path / "variable.toml"))
    allow_docopt()
    allow_docopt(policy=str(tmp_path / "option.toml"))
    assert read(tmp_path / "variable.toml") == ENTRY
    assert read(tmp_path / "option.toml") == ENTRY
    assert not path.exists()


@pytest.mark.parametrize(
    ("rule", "wanted", "reason", "expires", "message", "hint"),
    [
        pytest.param(
            "source-distribution", "docopt", None, None, "An exception needs a reason.", EXAMPLE, id="no-reason"
        ),
        pytest.param(
            "source-distribution", "docopt", " ", None, "An exception needs a reason.", EXAMPLE, id="blank-reason"
        ),
        *(
            pytest.param(
                "source-distribution",
                "docopt",
                reason,
                None,
                f'"{reason}" is a placeholder: say why.',
                EXAMPLE,
                id=name,
            )
            for name, reason in {
                "placeholder": "...",
                "ellipsis": " \N{HORIZONTAL ELLIPSIS} ",
                "brackets": "<...>",
            }.items()
        ),
        pytest.param(
            "source-distribution",
            "docopt",
            "x",
            "2020-01-31",
            "2020-01-31 has passed, so this exception would have no effect.",
            EXAMPLE,
            id="past-date",
        ),
        pytest.param(
            "no-rule",
            "docopt",
            "x",
            None,
            "There is no rule no-rule.",
            f"The rules are {', '.join(KNOWN_RULES.ids)}.",
            id="rule",
        ),
        pytest.param(
            "source-distribution",
            "docopt",
            "x",
            "tomorrow",
            "tomorrow is not a date.",
            "Example: --expires 2027-01-31",
            id="date",
        ),
        *(
            pytest.param(
                "source-distribution",
                wanted,
                "x",
                None,
                f"{wanted} is not a project, or a project and a version.",
                EXAMPLE,
                id=name,
            )
            for name, wanted in {
                "empty": "",
                "version-alone": "==1.0",
                "range": "docopt>=1",
                "path": "./docopt",
                "url": "https://host.example/docopt.tar.gz",
                "extra": "docopt[x]",
                "quote": 'docopt"',
                "line": "docopt\nx",
                "letter-that-no-name-has": "döcopt",
                "empty-version": "docopt==",
                "no-version": "docopt==x y",
            }.items()
        ),
    ],
)
def test_refuses_what_is_no_exception(
    path: Path, rule: str, wanted: str, reason: str | None, expires: str | None, message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        allow(rule, wanted, reason=reason, expires=expires, policy=None)
    assert (caught.value.message, caught.value.hint) == (message, hint)
    assert not path.exists()


@pytest.mark.parametrize(
    ("before", "problem"),
    [
        pytest.param("rules =\n", ":1: Invalid value", id="no-toml"),
        pytest.param('[rules]\nno-rule = "off"\n', ':2: rules.no-rule: there is no rule "no-rule"', id="unknown-rule"),
    ],
)
def test_leaves_a_broken_file_alone(path: Path, before: str, problem: str) -> None:
    write(path, before)
    with pytest.raises(PolicyError) as caught:
        allow_docopt()
    assert caught.value.problems == (f"{path}{problem}",)
    assert read(path) == before


def test_leaves_a_file_alone_to_which_nothing_can_be_added(path: Path) -> None:
    before = 'exceptions = [{rule = "local-project", reason = "inline"}]\n'
    write(path, before)
    with pytest.raises(PolicyError):
        allow_docopt()
    assert read(path) == before


def test_leaves_a_dangling_link_alone(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.symlink_to("nowhere")
    with pytest.raises(PolicyError) as caught:
        allow_docopt()
    assert caught.value.problems == (f"{path}: No such file or directory",)
    assert files_beside(path) == ["policy.toml"]


def test_says_where_nothing_can_be_written(path: Path) -> None:
    write(path.parent, "a file where a folder should be")
    with pytest.raises(PolicyError) as caught:
        allow_docopt()
    assert caught.value.problems == (f"{path}: File exists",)


def test_file_is_whole_where_writing_fails(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, "# mine\n")

    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(PolicyError) as caught:
        allow_docopt()
    assert caught.value.problems == (f"{path}: No space left on device",)
    assert (read(path), files_beside(path)) == ("# mine\n", ["policy.toml"])


def test_writes_what_narrows_it_to_a_file_or_a_place(path: Path) -> None:
    hash_ = f"sha256:{'ab' * 32}"
    allow("known-malicious", "demo==1.0", reason="read it", expires=None, policy=None, hash=hash_)
    allow("vcs-requirement", "tool", reason="ours", expires=None, policy=None, url="https://git.acme.example/tools/")
    assert load_policy(None, {}, KNOWN_RULES).policy.exceptions == (
        PolicyException(rule="known-malicious", project="demo", version="==1.0", hash=hash_, reason="read it"),
        PolicyException(
            rule="vcs-requirement",
            project="tool",
            url=parse_location("https://git.acme.example/tools/"),
            reason="ours",
        ),
    )


@pytest.mark.parametrize(
    ("rule", "conditions", "problem"),
    [
        pytest.param(
            "known-malicious",
            {},
            "exceptions[0].rule: known-malicious can only be excused for one exact file",
            id="name",
        ),
        pytest.param("vcs-requirement", {"url": "acme"}, "exceptions[0].url: 'acme' is not a usable URL", id="url"),
        pytest.param("yanked-release", {"hash": "md5:0"}, "exceptions[0].hash: must be", id="hash"),
    ],
)
def test_refuses_what_the_policy_would_not_read(
    path: Path, rule: str, conditions: dict[str, str], problem: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        allow(rule, "demo", reason="x", expires=None, policy=None, **conditions)
    assert problem in caught.value.problems[0]
    assert not path.exists()


@pytest.mark.parametrize("rule", [rule for rule in ALL_RULES if not rule.conditions])
def test_refuses_an_exception_that_could_excuse_nothing(path: Path, rule: AnyRule) -> None:
    with pytest.raises(UsageError) as caught:
        allow(rule.id, "demo", reason="x", expires=None, policy=None)
    assert caught.value.message == f"{rule.id} is not about projects, so an exception would have no effect."
    assert caught.value.hint == (
        f'{rule.remediation}\nOr set its severity in the policy: [rules] {rule.id} = "warning"'
    )
    assert not path.exists()


def test_refuses_an_exception_that_would_not_count(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = write(path.parent / "admin.toml", 'locked = true\n[rules]\nsource-distribution = "error"\n')
    monkeypatch.setattr(files, "admin_policy_path", lambda: admin)
    monkeypatch.setattr(permissions, "others_can_change", lambda path: None)
    with pytest.raises(LockedError):
        allow_docopt()
    assert not path.exists()
    assert allow("recent-release", "demo", reason="x", expires=None, policy=None) == 0


@given(text=st.text(st.characters(exclude_categories=["Cs"])))
@example(text='\x7f\x00\t"\\')
def test_reason_can_be_any_text(text: str) -> None:
    assert parse_toml(f"reason = {render_toml(text)}") == {"reason": text}


def test_reason_that_is_no_text_is_kept_as_far_as_it_is(path: Path) -> None:
    allow("source-distribution", "docopt", reason="r\udce4ad", expires=None, policy=None)
    (exception,) = load_policy(None, {}, KNOWN_RULES).policy.exceptions
    assert exception.reason == "r?ad"


def test_writes_an_exception_for_a_place_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent.parent.parent)
    allow(
        "vcs-requirement", None, reason="ours", expires=None, policy=None, url="git+https://git.acme.example/x.git@main"
    )
    allow("local-project", None, reason="ours", expires=None, policy=None, url="./lib")
    exceptions = load_policy(None, {}, KNOWN_RULES).policy.exceptions
    assert [(entry.rule, entry.project, str(entry.url)) for entry in exceptions] == [
        ("vcs-requirement", None, "https://git.acme.example/x.git"),
        ("local-project", None, f"{Path.cwd().as_uri()}/lib"),
    ]


@pytest.mark.parametrize(
    ("rule", "wanted", "conditions", "message", "hint"),
    [
        pytest.param(
            "vcs-requirement",
            "acme==1.0",
            {},
            "A refusal by vcs-requirement never names a version, so this exception would have no effect.",
            "An exception from vcs-requirement can name a project and a URL.",
            id="version",
        ),
        pytest.param(
            "recent-release",
            "acme",
            {"hash": f"sha256:{'ab' * 32}"},
            "A refusal by recent-release never names a hash, so this exception would have no effect.",
            "An exception from recent-release can name a project and a version.",
            id="hash",
        ),
        pytest.param(
            "recent-release",
            None,
            {"url": "https://acme.example/"},
            "A refusal by recent-release never names a URL, so this exception would have no effect.",
            "An exception from recent-release can name a project and a version.",
            id="url",
        ),
    ],
)
def test_refuses_an_exception_that_can_never_match(
    path: Path, rule: str, wanted: str | None, conditions: dict[str, str], message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        allow(rule, wanted, reason="x", expires=None, policy=None, **conditions)
    assert (caught.value.message, caught.value.hint) == (message, hint)
    assert not path.exists()
