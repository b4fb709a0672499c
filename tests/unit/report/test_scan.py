"""Test how the findings of a scan are shown to people and to programs."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from pip_guard import __version__
from pip_guard.distributions.installed.inspect import FileState, Installed
from pip_guard.distributions.installed.libraries import LibraryFolder
from pip_guard.distributions.installed.metadata import DirectURL, Distribution
from pip_guard.engine.rule import Finding, Verdict
from pip_guard.facts.candidate import CandidateKind
from pip_guard.facts.origin import Origin, OriginKind
from pip_guard.facts.resolution import Advisory, AdvisoryFacts
from pip_guard.facts.violation import Severity
from pip_guard.report.cyclonedx import render_cyclonedx
from pip_guard.report.sarif import render_sarif
from pip_guard.report.scan import Scan
from pip_guard.report.scan_json import render_json
from pip_guard.report.scan_text import render_text
from pip_guard.rules import ALL_RULES
from tests.unit.factories import make_finding, make_violation

NOW = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)
PLACE = LibraryFolder(library="/venv/lib/python3.11/site-packages", prefix="/venv")
ORIGIN = Origin(kind=OriginKind.PLACE, text=PLACE.library)
DEMO = Installed(
    distribution=Distribution(
        name="Demo", version="1.0+cpu", metadata="Demo-1.0+cpu.dist-info", installer="pip", requested=True, rows=()
    ),
    place=PLACE,
    state=FileState.VERIFIED,
    files=3,
)
OTHER = Installed(
    distribution=Distribution(
        name="other",
        version="",
        metadata="other.egg-info",
        source=DirectURL(kind=CandidateKind.VCS, url="https://me:secret@host.example/o ther.git"),
    ),
    place=PLACE,
    state=FileState.UNVERIFIABLE,
    files=0,
)


def finding(message: str, **more: Any) -> Finding:
    fields = {"rule": "startup-code", "severity": Severity.ERROR, **more}
    violation = make_violation(message, origin=ORIGIN, project="demo", version="1.0+cpu")
    return make_finding(violation=violation, **fields)


WARNING = finding("one", rule="known-vulnerability", severity=Severity.WARNING)
ADVISORIES = AdvisoryFacts(
    project="demo",
    version="1.0+cpu",
    origin=ORIGIN,
    advisories=(
        Advisory(id="MAL-1", malicious=True),
        Advisory(id="PYSEC-1", malicious=False, summary="It leaks", aliases=("CVE-1",), fixed=("1.1", "2.0")),
    ),
)


def make_scan(*findings: Finding, **more: Any) -> Scan:
    fields: dict[str, Any] = {
        "places": (PLACE,),
        "installed": (DEMO, OTHER),
        "advisories": (),
        "verdict": Verdict(findings=findings),
        "notes": (),
    }
    return Scan(**{**fields, **more})


def test_text_of_a_clean_environment() -> None:
    assert render_text(make_scan(installed=(DEMO,)), colour=False) == (
        "Looked at 1 distribution in:\n  /venv/lib/python3.11/site-packages\n3 files compared; nothing found.\n"
    )


def test_text_shows_all_that_was_found() -> None:
    verdict = Verdict(findings=(finding("bad\x1b"), WARNING, WARNING), excused=(WARNING,))
    assert (
        render_text(make_scan(verdict=verdict, notes=("seen\x1b",)), colour=False)
        == """\
error: startup-code

bad\\x1b
  in /venv/lib/python3.11/site-packages

hint: Do a good thing.
docs: https://pip-guard-shim.readthedocs.io/en/stable/rules/startup-code.html

"""
        + "".join(
            """\
warning: known-vulnerability

one
  in /venv/lib/python3.11/site-packages

hint: Do a good thing.
docs: https://pip-guard-shim.readthedocs.io/en/stable/rules/known-vulnerability.html

"""
            for _ in range(2)
        )
        + """\
note: seen\\x1b
Looked at 2 distributions in:
  /venv/lib/python3.11/site-packages
3 files compared; 1 error, 2 warnings, 1 excused.
"""
    )


def test_text_counts_what_is_excused() -> None:
    verdict = Verdict(excused=(WARNING,))
    assert render_text(make_scan(verdict=verdict), colour=False).endswith(
        "3 files compared; nothing found, 1 excused.\n"
    )


def test_json_is_what_is_published() -> None:
    verdict = Verdict(findings=(finding("bad"),), excused=(WARNING,))
    document = json.loads(render_json(make_scan(verdict=verdict, notes=("seen",))))
    docs = "https://pip-guard-shim.readthedocs.io/en/stable/rules"
    common = {
        "origin": f"in {PLACE.library}",
        "project": "demo",
        "version": "1.0+cpu",
        "remedy": "Do a good thing.",
        "notes": [],
    }
    assert document == {
        "schema": 1,
        "verdict": "refused",
        "places": [PLACE.library],
        "distributions": [
            {
                "project": "demo",
                "version": "1.0+cpu",
                "place": PLACE.library,
                "state": "verified",
                "files": 3,
                "installer": "pip",
                "requested": True,
                "url": None,
            },
            {
                "project": "other",
                "version": "",
                "place": PLACE.library,
                "state": "unverifiable",
                "files": 0,
                "installer": None,
                "requested": False,
                "url": "https://me:****@host.example/o ther.git",
            },
        ],
        "findings": [
            {
                "rule": "startup-code",
                "severity": "error",
                "would_refuse": False,
                "message": "bad",
                "docs": f"{docs}/startup-code.html",
                **common,
            }
        ],
        "excused": [
            {
                "rule": "known-vulnerability",
                "severity": "warning",
                "would_refuse": False,
                "message": "one",
                "docs": f"{docs}/known-vulnerability.html",
                **common,
            }
        ],
        "notes": ["seen"],
    }


@pytest.mark.parametrize("severity", [Severity.ERROR, Severity.WARNING])
def test_json_says_whether_anything_refuses(severity: Severity) -> None:
    document = json.loads(render_json(make_scan(finding("bad", severity=severity))))
    assert document["verdict"] == ("refused" if severity is Severity.ERROR else "allowed")


def sarif(found: Scan) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(render_sarif(found, ALL_RULES))
    assert (log["version"], log["$schema"]) == ("2.1.0", "https://json.schemastore.org/sarif-2.1.0.json")
    (run,) = log["runs"]
    return dict(run)


def test_sarif_describes_every_rule() -> None:
    driver = sarif(make_scan())["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("pip-guard", __version__)
    assert [rule["id"] for rule in driver["rules"]] == [rule.id for rule in ALL_RULES]
    (missing,) = (rule for rule in driver["rules"] if rule["id"] == "missing-hash")
    assert missing["defaultConfiguration"] == {"level": "none", "enabled": False}
    assert missing["name"] == "MissingHash"


def test_sarif_says_where_each_result_is() -> None:
    result, without, unknown = sarif(
        make_scan(
            finding("bad\x1b"),
            make_finding(rule="internal-error", violation=make_violation("failed", project="demo")),
            make_finding(rule="startup-code", violation=make_violation("unowned", origin=ORIGIN)),
        )
    )["results"]
    assert [rule.id for rule in ALL_RULES][result.pop("ruleIndex")] == "startup-code"
    assert len(result.pop("partialFingerprints")["finding/v1"]) == 64
    assert result == {
        "ruleId": "startup-code",
        "level": "error",
        "message": {"text": "bad\\x1b\nDo a good thing."},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": f"file://{PLACE.library}/Demo-1.0%2Bcpu.dist-info"}},
                "logicalLocations": [{"fullyQualifiedName": "demo 1.0+cpu", "kind": "package"}],
            }
        ],
    }
    assert not {"ruleIndex", "locations"} & without.keys()
    assert unknown["locations"] == [{"physicalLocation": {"artifactLocation": {"uri": f"file://{PLACE.library}"}}}]


def test_sarif_names_a_project_without_version() -> None:
    violation = make_violation("near", origin=ORIGIN, project="demo")
    (result,) = sarif(make_scan(make_finding(rule="lookalike-project-name", violation=violation)))["results"]
    assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "demo"


def test_sarif_suppresses_what_the_policy_excuses() -> None:
    run = sarif(make_scan(verdict=Verdict(findings=(WARNING,), excused=(WARNING,)), notes=("seen",)))
    assert [result.get("suppressions") for result in run["results"]] == [
        None,
        [{"kind": "external", "status": "accepted"}],
    ]
    assert run["invocations"] == [
        {"executionSuccessful": True, "toolExecutionNotifications": [{"level": "note", "message": {"text": "seen"}}]}
    ]


def cyclonedx(found: Scan) -> dict[str, Any]:
    # NOTE: loading the validator takes seconds, which no other test has to wait for.
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = render_cyclonedx(found, NOW)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document: dict[str, Any] = json.loads(text)
    return document


def test_cyclonedx_lists_what_is_installed() -> None:
    document = cyclonedx(make_scan(installed=(DEMO, OTHER, DEMO)))
    assert document["metadata"] == {
        "timestamp": "2026-05-01T12:00:00Z",
        "lifecycles": [{"phase": "operations"}],
        "tools": {"components": [{"type": "application", "name": "pip-guard", "version": __version__}]},
    }
    demo, other, again = document["components"]
    assert demo == {
        "type": "library",
        "bom-ref": "pkg:pypi/demo@1.0%2Bcpu",
        "name": "Demo",
        "version": "1.0+cpu",
        "purl": "pkg:pypi/demo@1.0%2Bcpu",
        "properties": [
            {"name": "pip-guard:state", "value": "verified"},
            {"name": "pip-guard:installer", "value": "pip"},
        ],
        "evidence": {"occurrences": [{"location": PLACE.library}]},
    }
    assert (other["purl"], other["externalReferences"]) == (
        "pkg:pypi/other",
        [{"type": "distribution", "url": "https://me:****@host.example/o%20ther.git"}],
    )
    assert again == {**demo, "bom-ref": "pkg:pypi/demo@1.0%2Bcpu#2"}


@pytest.mark.parametrize(
    ("excused", "analysis"),
    [
        pytest.param((), {"state": "in_triage"}, id="open"),
        pytest.param(
            (WARNING,),
            {"state": "exploitable", "response": ["will_not_fix"], "detail": "Excused by the policy."},
            id="excused",
        ),
    ],
)
def test_cyclonedx_says_what_is_known_and_what_was_decided(
    excused: tuple[Finding, ...], analysis: dict[str, object]
) -> None:
    document = cyclonedx(make_scan(advisories=(ADVISORIES,), verdict=Verdict(excused=excused)))
    malware, vulnerability = document["vulnerabilities"]
    assert malware["analysis"] == {"state": "exploitable"}
    assert vulnerability == {
        "bom-ref": "PYSEC-1/demo@1.0+cpu",
        "id": "PYSEC-1",
        "source": {"name": "OSV", "url": "https://osv.dev/vulnerability/PYSEC-1"},
        "references": [
            {"id": "CVE-1", "source": {"name": "OSV", "url": "https://osv.dev/vulnerability/CVE-1"}},
        ],
        "affects": [{"ref": "pkg:pypi/demo@1.0%2Bcpu"}],
        "analysis": analysis,
        "description": "It leaks",
        "recommendation": "Upgrade demo to 1.1 or later.",
    }


def test_cyclonedx_has_the_number_of_its_content() -> None:
    numbers = {cyclonedx(make_scan())["serialNumber"] for _ in range(2)}
    assert len(numbers) == 1
    assert cyclonedx(make_scan(installed=(DEMO,)))["serialNumber"] not in numbers
