"""Test the rule against wheels that take the place of somebody else's files."""

from __future__ import annotations

import pytest

from pip_guard.facts.violation import Allow
from pip_guard.facts.wheel import ConflictingFile, FileConflict, OwnerKind
from pip_guard.policy.model import Policy
from pip_guard.rules.overwritten_files import RULE
from tests.unit.rules.wheels import make_wheel_facts, make_wheel_violation

REMEDY = (
    "Install only one of the two in this environment. If this one may replace the other, allow it:",
    Allow("demo", "1.0"),
)


def conflict(
    *paths: str | tuple[str, str], owner: str = "other", kind: OwnerKind = OwnerKind.INSTALLED
) -> FileConflict:
    pairs = [(path, path) if isinstance(path, str) else path for path in paths]
    return FileConflict(
        owner=owner, kind=kind, files=tuple(ConflictingFile(path=path, existing=existing) for path, existing in pairs)
    )


@pytest.mark.parametrize(
    "conflicts",
    [
        pytest.param((), id="none"),
        pytest.param((conflict("LICENSE", "README.md", "py.typed"),), id="texts-at-the-top"),
        pytest.param((conflict("tests/__init__.py", "docs/conf.py", "examples/a.py"),), id="idle-folders"),
        pytest.param((conflict("share/man/man1/x.1", "share/doc/x"),), id="manuals"),
        pytest.param((conflict("__init__.py"),), id="package-without-a-name"),
        pytest.param((conflict(("tests.py", "tests/")),), id="idle-namespace"),
        pytest.param((conflict(("py/__init__.py", "py.py"), owner="pytest"),), id="made-to-give-way"),
    ],
)
def test_lets_pass_what_nothing_reads(conflicts: tuple[FileConflict, ...]) -> None:
    assert list(RULE.check(make_wheel_facts(conflicts=conflicts), Policy())) == []


@pytest.mark.parametrize(
    ("found", "deed"),
    [
        pytest.param(conflict("other/a.py"), "would write over other/a.py of other", id="installed"),
        pytest.param(conflict("six.py"), "would write over six.py of other", id="module-at-the-top"),
        pytest.param(
            conflict("other/cacert.pem"), "would write over other/cacert.pem of other", id="data-of-a-package"
        ),
        pytest.param(
            conflict("other/tests/a.py"), "would write over other/tests/a.py of other", id="tests-of-a-package"
        ),
        pytest.param(conflict("LICENSE", "other/a.py"), "would write over other/a.py of other", id="text-and-module"),
        pytest.param(
            conflict("json.py", owner="the interpreter", kind=OwnerKind.INTERPRETER),
            "would write over json.py of the interpreter",
            id="interpreter",
        ),
        pytest.param(
            conflict("other/a.py", kind=OwnerKind.COMMAND),
            "and other would write different contents to other/a.py",
            id="same-command",
        ),
        pytest.param(
            conflict(("other/a.so", "other/a.py"), kind=OwnerKind.COMMAND),
            "would put other/a.so, which is imported instead of other/a.py of other",
            id="imported-instead",
        ),
        pytest.param(
            conflict(("space.py", "space/")),
            "would put space.py, which is imported instead of space/ of other",
            id="namespace",
        ),
        pytest.param(
            conflict(("other.py", "other/")),
            "would put other.py, which is imported instead of other/ of other",
            id="namespace-at-the-top",
        ),
        pytest.param(
            conflict("o/a.py", "o/b.py", "o/c.py"),
            "would write over o/a.py of other, and likewise o/b.py, o/c.py",
            id="three",
        ),
        pytest.param(
            conflict("o/a.py", "o/b.py", "o/c.py", "o/d.py", "o/e.py"),
            "would write over o/a.py of other, and likewise o/b.py, o/c.py, and 2 more",
            id="five",
        ),
    ],
)
def test_finds_what_a_wheel_takes(found: FileConflict, deed: str) -> None:
    violations = list(RULE.check(make_wheel_facts(conflicts=(found,)), Policy()))
    assert violations == [make_wheel_violation(f"demo 1.0 {deed}.", REMEDY)]


@pytest.mark.parametrize(
    ("file", "deed"),
    [
        pytest.param("Makefile", "write over Makefile", id="written-over"),
        pytest.param(("a.so", "a.py"), "put a.so, which is imported instead of a.py", id="imported-instead"),
        pytest.param("share/doc/x", "write over share/doc/x", id="manual"),
    ],
)
def test_finds_what_is_nobodys(file: str | tuple[str, str], deed: str) -> None:
    facts = make_wheel_facts(conflicts=(conflict(file, owner="", kind=OwnerKind.NOBODY),))
    remedy = (
        "Find out what it is, and move it away if you need it. If the wheel may replace it, allow it:",
        Allow("demo", "1.0"),
    )
    assert list(RULE.check(facts, Policy())) == [
        make_wheel_violation(f"demo 1.0 would {deed}, which belongs to no distribution.", remedy)
    ]


def test_finds_each_owner() -> None:
    facts = make_wheel_facts(conflicts=(conflict("a/a.py", owner="a"), conflict("b/b.py", owner="b")))
    assert [violation.message for violation in RULE.check(facts, Policy())] == [
        "demo 1.0 would write over a/a.py of a.",
        "demo 1.0 would write over b/b.py of b.",
    ]
