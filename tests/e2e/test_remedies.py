"""Every remedy that a finding prints leads out: the same command is not refused then, by that rule or by another one because of it."""

from __future__ import annotations

import os

import pytest

from tests.e2e.histories.world import World
from tests.e2e.remedies import of_commands, of_releases, of_scans, of_wheels
from tests.e2e.remedies.kinds import all_kinds
from tests.e2e.remedies.row import FINDING, Row, find, printed_ways, refusing, unindented
from tests.kit.wheels import make_wheel

ROWS = (*of_commands.ROWS, *of_releases.ROWS, *of_wheels.ROWS, *of_scans.ROWS)
KINDS = all_kinds()
# What takes an interpreter outside of virtual environments: `test_environment_rules` follows these.
ELSEWHERE = {"break-system-packages/check", "outside-virtual-environment/check-2:2"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.kind)
def test_each_remedy_leads_out(row: Row, weakened: World) -> None:
    if row.needs_root and os.geteuid() != 0:
        pytest.skip("only root can do this")
    remedy, others = find(row, KINDS[row.kind], weakened)
    ways = [*printed_ways(remedy, row), *row.ways]
    assert ways, f"nobody follows this:\n{remedy}"
    for number, way in enumerate(ways):
        if number:
            find(row, KINDS[row.kind], weakened)
        again = (way(weakened) or row).run(weakened)
        assert refusing(again) <= others, f"way {number} of\n{remedy}\n{again}"
        assert row.rule not in {rule for rule, _, _ in FINDING.findall(again.ended.output)}, str(again)


def test_remedies_of_several_refusals_lead_out_together(weakened: World) -> None:
    weakened.begin_anew()
    weakened.without = ()
    weakened.workspace.policy("")
    weakened.index.publish(make_wheel("single"))
    weakened.rogue.page("/more/", "<a href=''></a>", "text/html")
    places = {"PIP_EXTRA_INDEX_URL": "<rogue> <rogue-origin>/more/", "PIP_FIND_LINKS": "<folder>"}
    row = Row(kind="unapproved-index/check", line="install single", environ=places)
    refused = row.run(weakened)
    findings = FINDING.findall(refused.ended.output)
    assert [rule for rule, _, _ in findings] == ["unapproved-index", "unapproved-index", "find-links"], str(refused)
    for _, _, hint in findings:
        for way in printed_ways(unindented(hint), row):
            way(weakened)
    again = row.run(weakened)
    assert again.ended.returncode == 0, str(again)
    assert again.arrived == {"single==1.0"}


def test_each_kind_of_message_is_tried() -> None:
    """Whoever writes a message or a remedy adds the row that follows it."""
    assert {row.kind for row in ROWS} | ELSEWHERE == set(KINDS)
