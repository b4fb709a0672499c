"""Render the result of a scan as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html)."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from pip_guard import __version__
from pip_guard.engine.rule import AnyRule, Finding
from pip_guard.facts.violation import Severity
from pip_guard.report.scan import Scan
from pip_guard.report.text import DOCS, clean, docs_url

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.OFF: "none"}
Json = dict[str, object]


def render_sarif(found: Scan, rules: Sequence[AnyRule]) -> str:
    """Render one log with one run: all rules, all findings, and those that the policy excuses as suppressed."""
    metadata = {
        (each.place.library, each.distribution.project): os.path.join(each.place.library, each.distribution.metadata)
        for each in found.installed
    }
    numbers = {rule.id: number for number, rule in enumerate(rules)}
    results = [_result(finding, numbers, metadata) for finding in found.verdict.findings]
    results += [
        {**_result(finding, numbers, metadata), "suppressions": [{"kind": "external", "status": "accepted"}]}
        for finding in found.verdict.excused
    ]
    driver = {
        "name": "pip-guard",
        "version": __version__,
        "informationUri": f"{DOCS}/",
        "rules": [_rule(rule) for rule in rules],
    }
    notes = [{"level": "note", "message": {"text": clean(note)}} for note in found.notes]
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notes}],
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: AnyRule) -> Json:
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.remediation},
        "helpUri": docs_url(rule.id),
        "defaultConfiguration": {"level": _LEVELS[rule.severity], "enabled": rule.severity is not Severity.OFF},
    }


def _result(finding: Finding, numbers: dict[str, int], metadata: dict[tuple[str, str], str]) -> Json:
    violation = finding.violation
    place = "" if violation.origin is None else violation.origin.text
    path = metadata.get((place, violation.project or ""), place)
    key = "\0".join([finding.rule, violation.project or "", violation.message])
    result: Json = {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": clean(f"{violation.message}\n{finding.remedy}")},
        "partialFingerprints": {"finding/v1": hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()},
    }
    if finding.rule in numbers:
        result["ruleIndex"] = numbers[finding.rule]
    if path:
        location: Json = {"physicalLocation": {"artifactLocation": {"uri": Path(path).as_uri()}}}
        if violation.project:
            name = f"{violation.project} {violation.version}" if violation.version else violation.project
            location["logicalLocations"] = [{"fullyQualifiedName": clean(name), "kind": "package"}]
        result["locations"] = [location]
    return result
