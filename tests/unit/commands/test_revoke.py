"""Test how an exception is removed from the user's policy file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pip_guard.commands import allow, revoke
from pip_guard.errors import PolicyError, UsageError
from pip_guard.guard_actions import GuardRequest
from pip_guard.options import OwnOptions

OTHERS = """\
# mine
[rules]
missing-hash = "error"  # always

# about docopt
[[exceptions]]  # read it
rule = "source-distribution"
# 0.6.2 only
project = "docopt"
version = "== 0.6.2"
reason = '''
[[exceptions]]
two lines'''

# the last one
[[exceptions]]
rule = "vcs-requirement"
url = "https://git.acme.example/x"
reason = "ours"
expires = 2099-01-31

[releases]
minimum-age = "P5D"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


def request(action: str, *arguments: str, **options: str) -> GuardRequest:
    return GuardRequest(arguments=(action, *arguments), options={f"--{name}": value for name, value in options.items()})


def take_back(path: Path, *arguments: str, **options: str) -> int:
    return revoke.run(arguments, request("revoke", *arguments, **options), OwnOptions(policy=str(path)))


@pytest.mark.parametrize(
    ("arguments", "options", "removed", "title"),
    [
        pytest.param(
            ["source-distribution", "Docopt==0.6.2"],
            {},
            [
                "[[exceptions]]  # read it\n",
                'rule = "source-distribution"\n',
                'project = "docopt"\nversion = "== 0.6.2"\n',
                "reason = '''\n[[exceptions]]\ntwo lines'''\n",
            ],
            "source-distribution docopt == 0.6.2",
            id="version",
        ),
        pytest.param(
            ["vcs-requirement"],
            {"url": "git+https://git.acme.example/x"},
            [
                (
                    '[[exceptions]]\nrule = "vcs-requirement"\nurl = "https://git.acme.example/x"\n'
                    'reason = "ours"\nexpires = 2099-01-31\n'
                )
            ],
            "vcs-requirement * https://git.acme.example/x",
            id="place",
        ),
    ],
)
def test_removes_an_exception_and_nothing_else(
    path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    options: dict[str, str],
    removed: list[str],
    title: str,
) -> None:
    path.write_text(OTHERS, encoding="utf-8")
    assert take_back(path, *arguments, **options) == 0
    expected = OTHERS
    for part in removed:
        assert part in expected
        expected = expected.replace(part, "")
    assert path.read_text(encoding="utf-8") == expected
    assert capsys.readouterr().out == f"Removed from {path}: {title}\n"


@pytest.mark.parametrize("before", ["", "# mine\n", '[rules]\r\nmissing-hash = "off"\r\n', "# \u2028\n\n"])
def test_takes_back_what_allow_has_added(path: Path, before: str) -> None:
    path.write_bytes(before.encode())
    words = ("source-distribution", "docopt==0.6.2")
    for word in words[1], "other":
        asked = request("allow", words[0], word, reason="read it")
        assert allow.run((words[0], word), asked, OwnOptions(policy=str(path))) == 0
    assert take_back(path, *words) == 0
    assert take_back(path, words[0], "other") == 0
    assert path.read_bytes() == before.encode()


def test_removes_the_last_lines_of_a_file_without_an_end(path: Path) -> None:
    path.write_text('# mine\n[[exceptions]]\nrule = "local-project"\nproject = "demo"\nreason = "x"', encoding="utf-8")
    assert take_back(path, "local-project", "demo") == 0
    assert path.read_text(encoding="utf-8") == "# mine"


def test_removes_all_that_are_equal(path: Path) -> None:
    entry = '[[exceptions]]\nrule = "local-project"\nproject = "demo"\nreason = "x"\n'
    path.write_text(f"{entry}\n{entry}# end\n", encoding="utf-8")
    assert take_back(path, "local-project", "demo") == 0
    assert path.read_text(encoding="utf-8") == "# end\n"


@pytest.mark.parametrize(
    ("arguments", "options", "message", "hint"),
    [
        pytest.param([], {}, "revoke needs a rule, and a project, --url or --hash.", revoke.EXAMPLE, id="nothing"),
        pytest.param(
            ["source-distribution", "docopt"],
            {},
            "{path} has no such exception.",
            "Its exceptions from source-distribution: source-distribution docopt == 0.6.2.",
            id="other-version",
        ),
        pytest.param(
            ["local-project", "docopt"],
            {},
            "{path} has no such exception.",
            "It has none from local-project.",
            id="none",
        ),
        pytest.param(
            ["vcs-requirement"],
            {"url": "acme"},
            "--url: 'acme' is not a usable URL: it has no scheme",
            revoke.EXAMPLE,
            id="no-url",
        ),
    ],
)
def test_refuses_what_is_not_there(
    path: Path, arguments: list[str], options: dict[str, str], message: str, hint: str
) -> None:
    path.write_text(OTHERS, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        take_back(path, *arguments, **options)
    assert caught.value.message.startswith(message.format(path=path).partition(": it has")[0])
    assert caught.value.hint == hint
    assert path.read_text(encoding="utf-8") == OTHERS


def test_there_may_be_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("PIP_GUARD_POLICY", raising=False)
    with pytest.raises(UsageError, match="You have no policy file"):
        revoke.run(("local-project", "demo"), request("revoke", "local-project", "demo"), OwnOptions())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        pytest.param(
            'exceptions = [{rule = "local-project", project = "demo", reason = "x"}]\n',
            "{path}:1: exceptions: is not a [[exceptions]] table; remove it with an editor",
            id="inline-table",
        ),
        pytest.param(
            '[[exceptions]]\nrule = "local-project"\nproject = "demo"\nreason = "x"\n',
            "{path}: cannot be edited safely; remove the exception with an editor",
            id="unforeseen",
        ),
    ],
)
def test_leaves_alone_what_it_cannot_edit(path: Path, monkeypatch: pytest.MonkeyPatch, text: str, problem: str) -> None:
    if "safely" in problem:
        monkeypatch.setattr(revoke, "without_exceptions", lambda text, positions: text)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        take_back(path, "local-project", "demo")
    assert caught.value.problems == (problem.format(path=path),)
    assert path.read_text(encoding="utf-8") == text
