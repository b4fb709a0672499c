"""Test the rule against bundles with withdrawn authorities."""

from __future__ import annotations

from pip_guard.facts.command import Authority, Bundle, BundleFacts
from pip_guard.facts.violation import Violation
from pip_guard.policy.model import Policy
from pip_guard.rules.distrusted_authority import RULE

ONE = Authority(name="One CA", withdrawn="2026-10-18", source="certifi 2026.10.18")
OTHER = Authority(name="Other CA", withdrawn="2022-12-07", source="CVE-2022-23491")


def test_names_each_authority_once_a_bundle() -> None:
    facts = BundleFacts(
        bundles=(Bundle(path="/a.pem", distrusted=(ONE, OTHER)), Bundle(path="/b.pem", distrusted=(ONE,)))
    )
    assert list(RULE.check(facts, Policy())) == [
        Violation(
            message="pip would trust withdrawn certificate authorities in /a.pem:\n"
            "  One CA, withdrawn on 2026-10-18 (certifi 2026.10.18)\n"
            "  Other CA, withdrawn on 2022-12-07 (CVE-2022-23491)"
        ),
        Violation(
            message="pip would trust withdrawn certificate authorities in /b.pem:\n"
            "  One CA, withdrawn on 2026-10-18 (certifi 2026.10.18)"
        ),
    ]


def test_finds_nothing_without_bundles() -> None:
    assert list(RULE.check(BundleFacts(), Policy())) == []
