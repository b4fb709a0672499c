"""Test the rule against local folders of distributions that nobody named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pip_guard.facts.origin import Setting
from pip_guard.facts.violation import Run, Violation
from pip_guard.frozen import replace
from pip_guard.policy.approval import folder_url
from pip_guard.policy.model import LocalFindLinks, parse_locations
from pip_guard.policy.suggestions import approve
from pip_guard.rules.find_links import RULE
from tests.unit.factories import (
    COMMAND_LINE,
    CONFIGURATION,
    ENVIRONMENT,
    make_policy,
    make_setting,
    make_source_facts,
)


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param(make_setting("/srv/wheels", COMMAND_LINE), id="named"),
        pytest.param(make_setting("wheels", COMMAND_LINE), id="named-relative"),
        pytest.param(make_setting("file:///srv/wheels", COMMAND_LINE), id="named-by-url"),
        pytest.param(make_setting("https://evil.example/", ENVIRONMENT), id="page-on-the-network-is-another-rule's"),
    ],
)
def test_lets_pass(setting: Setting) -> None:
    assert list(RULE.check(make_source_facts(find_links=(setting,)), make_policy())) == []


@pytest.mark.parametrize(
    ("setting", "named_counts"),
    [
        pytest.param(make_setting("/srv/wheels", ENVIRONMENT), True, id="variable"),
        pytest.param(make_setting("wheels", CONFIGURATION), True, id="file"),
        pytest.param(make_setting("FILE:///srv/wheels", ENVIRONMENT), True, id="url"),
        pytest.param(make_setting("C:/wheels", ENVIRONMENT), True, id="folder-of-windows"),
        pytest.param(make_setting("/srv/wheels", COMMAND_LINE), False, id="named-where-that-is-no-consent"),
    ],
)
def test_refuses_a_folder_that_nobody_named(setting: Setting, named_counts: bool) -> None:
    mode = LocalFindLinks.COMMAND_LINE if named_counts else LocalFindLinks.APPROVED
    policy = make_policy(local_find_links=mode)
    assert list(RULE.check(make_source_facts(find_links=(setting,)), policy)) == [
        Violation(
            message=f"pip would take distributions from {setting.value}.",
            origin=setting.origin,
            remedy=(
                *(
                    ("Name the folder on the command line:", Run(("install", "--find-links", setting.value, "...")))
                    if named_counts
                    else ()
                ),
                "If every command may use it, approve it.",
                approve("approved", folder_url(setting.value)),
            ),
        )
    ]


@pytest.mark.parametrize("mode", list(LocalFindLinks))
def test_approved_folder_may_come_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: LocalFindLinks
) -> None:
    approved = make_policy(local_find_links=mode)
    policy = replace(
        approved, indexes=replace(approved.indexes, approved=parse_locations([(tmp_path / "wheels").as_uri()]))
    )
    monkeypatch.chdir(tmp_path)
    named = ("wheels", str(tmp_path / "wheels" / "below"), (tmp_path / "wheels").as_uri())
    approved_links = make_source_facts(find_links=tuple(make_setting(value, ENVIRONMENT) for value in named))
    assert list(RULE.check(approved_links, policy)) == []
    others = ("wheels2", "wheels/..", str(tmp_path))
    other_links = make_source_facts(find_links=tuple(make_setting(value, ENVIRONMENT) for value in others))
    assert len(list(RULE.check(other_links, policy))) == len(others)
