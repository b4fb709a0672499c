"""Test the rules that also judge what is installed, by what they say of that."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pip_guard.engine.evaluate import evaluate
from pip_guard.engine.rule import AnyRule
from pip_guard.facts.candidate import CandidateKind
from pip_guard.facts.installed import InstalledFacts
from pip_guard.facts.origin import Facts
from pip_guard.facts.resolution import Advisory, AdvisoryFacts
from pip_guard.facts.violation import Allow, Run, Severity
from pip_guard.facts.wheel import ConflictingFile, FileConflict, OwnerKind, Script, StartupFile
from pip_guard.policy.model import LocalProjects, Policy, parse_locations
from pip_guard.rules import (
    ALL_RULES,
    direct_url,
    known_malicious,
    known_vulnerability,
    local_project,
    lookalike_project_name,
    overwritten_files,
    planted_file,
    record_mismatch,
    startup_code,
    vcs_requirement,
)
from tests.unit.distributions.installed.facts import (
    PLACE,
    make_installed_facts,
    make_installed_violation,
    make_unowned_facts,
)
from tests.unit.factories import make_policy

READ_IT = (
    "Read the file without starting this Python. If you do not know why it is there,"
    " treat every password and token that this environment could read as stolen."
)
EDITABLE = {
    "folder": b"/srv/demo x\n",
    "source-folder": b"/srv/demo x/src\n/srv/demo x/lib\n",
    "setuptools": b"import __editable___demo_1_0_finder; __editable___demo_1_0_finder.install()",
    "hatchling": b"import _editable_impl_demo",
    "scikit-build-core": b"import _demo_editable\n",
    "meson-python": b"import _demo_editable_loader\n",
}
NOT_EDITABLE = {
    "code": StartupFile(path="demo.pth", content=b"import os; os.environ\n"),
    "other-folder": StartupFile(path="demo.pth", content=b"/srv/other\n"),
    "folder-that-begins-alike": StartupFile(path="demo.pth", content=b"/srv/demo x2\n"),
    "two-finders": StartupFile(
        path="demo.pth", content=b"import __editable___a_finder; __editable___b_finder.install()\n"
    ),
    "start": StartupFile(path="demo.start", content=b"/srv/demo x\n"),
    "unreadable": StartupFile(path="demo.pth"),
}
PTH = StartupFile(path="evil.pth", content=b"import evil\n")


def check(rule: AnyRule, facts: Facts, policy: Policy | None = None) -> list[Any]:
    return list(rule.check(facts, policy or Policy()))


@pytest.mark.parametrize("facts", [make_installed_facts(), make_unowned_facts()])
def test_nothing_is_wrong_with_what_is_as_it_should_be(facts: Facts) -> None:
    assert evaluate([facts], Policy(), ALL_RULES, date(2026, 1, 1)).findings == ()


def test_startup_code_of_a_distribution() -> None:
    (violation,) = check(startup_code.RULE, make_installed_facts(startup_files=(PTH,)))
    assert violation == make_installed_violation(
        "demo 1.0 runs code whenever Python starts: evil.pth has the line 'import evil'.",
        hashes=frozenset({"sha256:7b51ccaeed10d8740ada7a3aa51e015d85d888170f1b3c1e7d7d7b1389480497"}),
        remedy=(
            READ_IT,
            "If you need it, allow it:",
            Allow("demo", "1.0"),
        ),
    )


@pytest.mark.parametrize(
    "facts",
    [
        *(
            pytest.param(
                make_installed_facts(
                    startup_files=(StartupFile(path="demo.pth", content=content),),
                    built_from_directory=True,
                    url="file:///srv/demo%20x/",
                ),
                id=name,
            )
            for name, content in EDITABLE.items()
        ),
        pytest.param(
            make_installed_facts(startup_files=(StartupFile(path="a.pth", content=b"", known=True),)), id="known"
        ),
    ],
)
def test_startup_code_that_may_be_there(facts: Facts) -> None:
    assert check(startup_code.RULE, facts) == []


@pytest.mark.parametrize("file", [pytest.param(file, id=name) for name, file in NOT_EDITABLE.items()])
def test_editable_project_may_not_run_other_code(file: StartupFile) -> None:
    facts = make_installed_facts(startup_files=(file,), built_from_directory=True, url="file:///srv/demo%20x")
    assert len(check(startup_code.RULE, facts)) == 1


@pytest.mark.parametrize(
    ("file", "effect", "severity"),
    [
        pytest.param(PTH, "evil.pth has the line 'import evil'", None, id="code"),
        pytest.param(
            StartupFile(path="add.pth", content=b"/srv/checkout\n"),
            "add.pth has Python import from /srv/checkout",
            Severity.WARNING,
            id="folder",
        ),
        pytest.param(StartupFile(path="fifo.pth"), "fifo.pth is too large, or cannot be read", None, id="unreadable"),
        pytest.param(
            StartupFile(path="evil.start", content=b"evil:main"),
            "evil.start names functions to call",
            None,
            id="functions",
        ),
        pytest.param(
            StartupFile(path="sitecustomize.py", content=b""),
            "Python imports sitecustomize.py by itself",
            None,
            id="sitecustomize",
        ),
    ],
)
def test_startup_code_of_nobody(file: StartupFile, effect: str, severity: Severity | None) -> None:
    (violation,) = check(startup_code.RULE, make_unowned_facts(startup_files=(file,)))
    assert violation.message == (
        f"{file.path} belongs to no distribution, and Python obeys it whenever it starts: {effect}."
    )
    assert (violation.origin, violation.project, violation.severity) == (PLACE, None, severity)
    assert bool(violation.hashes) is (file.content is not None)
    assert violation.remedy[2:] == tuple(Allow(hash=known) for known in violation.hashes)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            make_installed_facts(defects=("a.py has another content than RECORD says",)),
            [
                make_installed_violation(
                    "demo 1.0 has changed since it was installed: a.py has another content than RECORD says.",
                    remedy=(
                        "Find out who changed it, and why. Then reinstall it:",
                        Run(("install", "--force-reinstall", "--no-deps", "demo==1.0")),
                    ),
                )
            ],
            id="changed",
        ),
        pytest.param(
            make_installed_facts(differences=tuple(f"{name}.py is gone" for name in "abcdefg")),
            [
                make_installed_violation(
                    "demo 1.0 differs from what was installed: a.py is gone; b.py is gone; c.py is gone; d.py is gone;"
                    " e.py is gone; and 2 more.",
                    severity=Severity.WARNING,
                    remedy=(
                        "If you do not know why, reinstall it:",
                        Run(("install", "--force-reinstall", "--no-deps", "demo==1.0")),
                    ),
                )
            ],
            id="gone",
        ),
    ],
)
def test_record_mismatch(facts: Facts, expected: list[object]) -> None:
    assert check(record_mismatch.RULE, facts) == expected


def test_record_mismatch_of_nobody() -> None:
    (violation,) = check(record_mismatch.RULE, make_unowned_facts(names=("evil.py", "more/")))
    assert violation.message == "Importable files belong to no distribution: evil.py; more/."
    assert violation.severity is Severity.WARNING


def conflict(path: str, existing: str) -> FileConflict:
    return FileConflict(owner="other", kind=OwnerKind.COMMAND, files=(ConflictingFile(path=path, existing=existing),))


@pytest.mark.parametrize(
    ("found", "messages"),
    [
        pytest.param(
            conflict("other/a.py", "other/a.py"),
            ["demo 1.0 and other claim other/a.py with different contents."],
            id="same-file",
        ),
        pytest.param(
            conflict("other.so", "other/__init__.py"),
            ["demo 1.0 brings other.so, and other brings other/__init__.py, which are imported under one name."],
            id="same-name",
        ),
        pytest.param(conflict("tests/a.py", "tests/a.py"), [], id="idle"),
    ],
)
def test_overwritten_files(found: FileConflict, messages: list[str]) -> None:
    violations = check(overwritten_files.RULE, make_installed_facts(conflicts=(found,)))
    assert [violation.message for violation in violations] == messages
    assert all(violation.remedy[-1] == Allow("demo", "1.0") for violation in violations)


def test_planted_file() -> None:
    facts = make_installed_facts(
        data_files=("pyvenv.cfg",), scripts=(Script(path="uname"),), modules=frozenset({"keyring"})
    )
    assert [(violation.message, violation.hashes) for violation in check(planted_file.RULE, facts)] == [
        ("demo 1.0 has installed the file pyvenv.cfg, which tells Python where to import from.", frozenset()),
        ("demo 1.0 has installed the command uname, which pip starts whenever it goes online.", frozenset()),
        ("demo 1.0 has installed a module keyring, which pip imports wherever it finds one.", frozenset()),
    ]


def test_planted_file_of_nobody() -> None:
    facts = make_unowned_facts(
        scripts=(Script(path="uname"), Script(path="mine")), modules=frozenset({"keyring", "mine"})
    )
    messages = [violation.message for violation in check(planted_file.RULE, facts)]
    assert messages == [
        f"Somebody has put here {what}, and it belongs to no distribution."
        for what in (
            "the command uname, which pip starts whenever it goes online",
            "a module keyring, which pip imports wherever it finds one",
        )
    ]


def test_malware_that_is_installed() -> None:
    advisory = Advisory(id="MAL-2026-1", malicious=True, summary="Steals passwords")
    facts = AdvisoryFacts(project="demo", version="1.0", origin=PLACE, advisories=(advisory,))
    (violation,) = check(known_malicious.RULE, facts)
    assert violation == make_installed_violation(
        "demo 1.0 is installed and is known to be malware: MAL-2026-1 (Steals passwords).",
        remedy=(
            known_malicious._STOLEN,
            "What demo does: https://osv.dev/vulnerability/MAL-2026-1",
        ),
    )


def test_vulnerability_that_is_installed() -> None:
    advisory = Advisory(id="PYSEC-2026-1", malicious=False, fixed=("1.1",))
    facts = AdvisoryFacts(project="demo", version="1.0", origin=PLACE, advisories=(advisory,))
    (violation,) = check(known_vulnerability.RULE, facts)
    assert violation.message == ("demo 1.0 is installed, and has a known vulnerability:\nPYSEC-2026-1; fixed in 1.1")


@pytest.mark.parametrize(
    ("fields", "severities"),
    [
        pytest.param({"project": "reqeusts", "requested": True}, [Severity.ERROR], id="sure"),
        pytest.param({"project": "reqeusts"}, [Severity.ERROR], id="sure-and-not-requested"),
        pytest.param({"project": "sklearn", "requested": True}, [Severity.WARNING], id="likely"),
        pytest.param({"project": "sklearn"}, [], id="likely-and-not-requested"),
        pytest.param({"project": "requests"}, [], id="popular"),
        pytest.param({"project": "reqeusts", "managed": True}, [], id="package-manager"),
        pytest.param({"project": "reqeusts", "kind": CandidateKind.DIRECTORY}, [], id="own-project"),
    ],
)
def test_lookalike_that_is_installed(fields: dict[str, Any], severities: list[Severity]) -> None:
    violations = check(lookalike_project_name.RULE, make_installed_facts(**fields))
    assert [violation.severity for violation in violations] == severities
    for violation in violations:
        assert " is installed, and probably not what was meant: " in violation.message
        assert violation.remedy[0].startswith(
            "Find out what it is before you start this Python again. If you really mean "
        )


def source(kind: CandidateKind, url: str) -> InstalledFacts:
    return make_installed_facts(kind=kind, url=url)


@pytest.mark.parametrize(
    ("rule", "facts", "policy", "messages"),
    [
        pytest.param(
            vcs_requirement.RULE,
            source(CandidateKind.VCS, "https://host.example/demo.git"),
            None,
            ["demo 1.0 was built from the repository https://host.example/demo.git."],
            id="repository",
        ),
        pytest.param(
            direct_url.RULE,
            source(CandidateKind.WHEEL, "https://host.example/demo.whl"),
            None,
            ["demo 1.0 was taken from https://host.example/demo.whl, which is not approved."],
            id="unapproved-url",
        ),
        pytest.param(
            direct_url.RULE,
            source(CandidateKind.SOURCE_ARCHIVE, "https://files.example/demo.tar.gz"),
            make_policy(file_hosts=parse_locations(["https://files.example/"])),
            [],
            id="approved-url",
        ),
        pytest.param(direct_url.RULE, source(CandidateKind.WHEEL, "file:///srv/demo.whl"), None, [], id="local-file"),
        pytest.param(local_project.RULE, source(CandidateKind.DIRECTORY, "file:///srv/demo"), None, [], id="directory"),
        pytest.param(
            local_project.RULE,
            source(CandidateKind.DIRECTORY, "file:///srv/demo"),
            Policy(local_projects=LocalProjects.NEVER),
            ["demo 1.0 was built from the directory file:///srv/demo."],
            id="directory-where-none-may-be-built",
        ),
        *(
            pytest.param(
                rule, make_installed_facts(), Policy(local_projects=LocalProjects.NEVER), [], id=f"index-{rule.id}"
            )
            for rule in (vcs_requirement.RULE, direct_url.RULE, local_project.RULE)
        ),
    ],
)
def test_where_it_came_from(rule: AnyRule, facts: Facts, policy: Policy | None, messages: list[str]) -> None:
    violations = check(rule, facts, policy)
    assert [violation.message for violation in violations] == messages
    assert all(violation.severity is Severity.WARNING for violation in violations)


def test_origin_names_the_place() -> None:
    assert str(PLACE) == "in /venv/lib/python3.11/site-packages"
