"""Test how remedies are rendered."""

from __future__ import annotations

import pytest

from pip_guard.facts.violation import Allow, Approvable, Approve, PolicyLines, Remedy, Run
from pip_guard.policy.model import Policy
from pip_guard.policy.suggestions import approve, approve_index, gather_approvals, lines_to_approve, render_remedy

PATH = "/home/u/.config/pip-guard/policy.toml"


@pytest.mark.parametrize(
    ("place", "line"),
    [
        pytest.param(
            Approvable("approved", "https://user:secret@acme.example/simple/"),
            'approved = ["https://pypi.org/simple", "https://acme.example/simple"]',
            id="index",
        ),
        pytest.param(
            Approvable("file-hosts", "https://acme.example/files/"),
            'file-hosts = ["https://files.pythonhosted.org/", "https://acme.example/files"]',
            id="file-host",
        ),
        pytest.param(
            Approvable("proxies", "http://proxy.example:3128"), 'proxies = ["http://proxy.example:3128/"]', id="proxy"
        ),
    ],
)
def test_keeps_what_is_approved_already(place: Approvable, line: str) -> None:
    assert lines_to_approve([place], Policy(path=PATH)) == f"In {PATH}:\n[indexes]\n{line}"


def test_exempts_in_another_table() -> None:
    lines = lines_to_approve([Approvable("exempt-indexes", "https://acme.example/simple/", "releases")], Policy())
    assert lines == 'In the policy:\n[releases]\nexempt-indexes = ["https://acme.example/simple"]'


@pytest.mark.parametrize(
    ("index", "files"),
    [
        pytest.param("https://acme.example/simple/", "https://acme.example/", id="top"),
        pytest.param("https://a.example/acme/dev/+simple", "https://a.example/acme/dev", id="devpi"),
        pytest.param("https://pypi.org/simple/", "https://files.pythonhosted.org/", id="pypi"),
        pytest.param("https://test.pypi.org/simple/", "https://test-files.pythonhosted.org/", id="other-host"),
        pytest.param("https://a.example/whl/cpu", None, id="files-below-the-index"),
        pytest.param("ssh", None, id="no-url"),
    ],
)
def test_approves_an_index_with_its_files(index: str, files: str | None) -> None:
    places = [Approvable("approved", index), *([] if files is None else [Approvable("file-hosts", files)])]
    assert approve_index(index) == Approve(tuple(places))


def test_names_no_file_where_there_is_none() -> None:
    lines = lines_to_approve([Approvable("approved", "https://acme.example/")], Policy())
    assert lines.startswith("In the policy:\n")


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://acme.example/simple/", id="without-tls"),
        pytest.param("https://acme.example/%zz/", id="no-place"),
        pytest.param("ssh", id="no-url"),
        pytest.param("https://pypi.org/simple/", id="approved-already"),
    ],
)
def test_approves_nothing_that_no_policy_should_name(url: str) -> None:
    assert lines_to_approve([Approvable("approved", url)], Policy()) == ""


@pytest.mark.parametrize(
    ("remedy", "text"),
    [
        pytest.param("Leave it.", "Leave it.", id="text"),
        pytest.param(("Read it.", "Leave it."), "Read it.\nLeave it.", id="steps"),
        pytest.param((Allow("demo", "1.0"),), 'pip-guard guard allow bad-thing demo==1.0 --reason "..."', id="release"),
        pytest.param((Allow("demo"),), 'pip-guard guard allow bad-thing demo --reason "..."', id="project"),
        pytest.param(
            (Allow(hash="sha256:aa"),),
            'pip-guard guard allow bad-thing --hash sha256:aa --reason "..."',
            id="file",
        ),
        pytest.param(
            (Allow(url="git+https://me:secret@git.example/x.git@main"),),
            'pip-guard guard allow bad-thing --url https://git.example/x.git --reason "..."',
            id="repository",
        ),
        pytest.param(
            (Allow(url="file:///srv/a%20b"),),
            'pip-guard guard allow bad-thing --url file:///srv/a%20b --reason "..."',
            id="directory",
        ),
        pytest.param(
            (Allow(url="https://a.example/%zz"),),
            'pip-guard guard allow bad-thing --url https://a.example/%zz --reason "..."',
            id="no-usable-url",
        ),
        pytest.param((Run(("install", "-e", "a folder")),), "pip-guard install -e 'a folder'", id="command"),
        pytest.param((PolicyLines('profile = "ci"'),), 'profile = "ci"', id="lines"),
        pytest.param(("Leave it.", approve("approved", "ssh")), "Leave it.", id="nothing-to-approve"),
    ],
)
def test_renders_a_remedy(remedy: str | Remedy, text: str) -> None:
    assert render_remedy(remedy, "bad-thing", Policy()) == text


def test_last_remedy_approves_all() -> None:
    index, other = "https://a.example/simple/", "https://b.example/simple/"
    remedies: list[str | Remedy] = [
        ("Approve it.", approve_index(index)),
        "Do something else.",
        ("Exempt it.", approve("exempt-indexes", index, "releases")),
        ("Or approve it.", approve_index(other), "Or not."),
        ("Never.", approve("approved", "http://c.example/")),
    ]
    gathered = gather_approvals(remedies, Policy(path=PATH))
    assert [render_remedy(remedy, "rule", Policy(path=PATH)) for remedy in gathered] == [
        "Approve it.\nThe lines to add are below, with the others.",
        "Do something else.",
        f'Exempt it.\nIn {PATH}:\n[releases]\nexempt-indexes = ["https://a.example/simple"]',
        (
            "Or approve it.\nThese lines approve all of the above; leave out what you do not trust.\n"
            f'In {PATH}:\n[indexes]\napproved = ["https://pypi.org/simple", "https://a.example/simple", "https://b.example/simple"]\n'
            'file-hosts = ["https://files.pythonhosted.org/", "https://a.example/", "https://b.example/"]\nOr not.'
        ),
        "Never.",
    ]


def test_remedies_that_approve_nothing_or_the_same_stay() -> None:
    single: list[str | Remedy] = ["Do it.", (approve("approved", "https://a.example/"),)]
    assert gather_approvals(single, Policy()) == single
