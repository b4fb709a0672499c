"""Render a scan as a CycloneDX 1.6 bill of materials with its vulnerabilities (https://cyclonedx.org/docs/1.6/json/)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from pip_guard import __version__
from pip_guard.distributions.installed.inspect import Installed
from pip_guard.facts.resolution import Advisory, AdvisoryFacts
from pip_guard.policy.model import ADVISORY_RULES
from pip_guard.report.scan import Scan
from pip_guard.report.text import clean
from pip_guard.urls.redaction import redact

SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"
OSV = "https://osv.dev/vulnerability/"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://pip-guard-shim.readthedocs.io/")
Json = dict[str, object]


def render_cyclonedx(found: Scan, now: datetime) -> str:
    """Render a bill of materials: its components, and the vulnerabilities with what was decided about each."""
    references = list(_references(found.installed))
    components = [_component(each, ref) for each, ref in zip(found.installed, references, strict=True)]
    by_release: dict[tuple[str, str], list[str]] = {}
    for each, ref in zip(found.installed, references, strict=True):
        by_release.setdefault((each.distribution.project, each.distribution.version), []).append(ref)
    content = {
        "components": components,
        "vulnerabilities": list(_vulnerabilities(found, by_release)),
    }
    document = {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        # of the content alone: the same environment has the same number
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, json.dumps(content))}",
        "version": 1,
        "metadata": {
            "timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "lifecycles": [{"phase": "operations"}],
            "tools": {"components": [{"type": "application", "name": "pip-guard", "version": __version__}]},
        },
        **content,
    }
    return json.dumps(document, indent=2) + "\n"


def _references(installed: Sequence[Installed]) -> Iterator[str]:
    """Yield the reference of each component; they are numbered if the same release is in several places."""
    seen: dict[str, int] = {}
    for each in installed:
        purl = _purl(each)
        seen[purl] = number = seen.get(purl, 0) + 1
        yield purl if number == 1 else f"{purl}#{number}"


def _purl(installed: Installed) -> str:
    distribution = installed.distribution
    version = f"@{quote(distribution.version, safe='')}" if distribution.version else ""
    return f"pkg:pypi/{quote(distribution.project, safe='')}{version}"


def _component(installed: Installed, ref: str) -> Json:
    distribution = installed.distribution
    properties = {"pip-guard:state": installed.state.value, "pip-guard:installer": distribution.installer}
    component: Json = {
        "type": "library",
        "bom-ref": ref,
        "name": clean(distribution.name),
        "version": clean(distribution.version),
        "purl": _purl(installed),
        "properties": [{"name": name, "value": clean(value)} for name, value in properties.items() if value],
        "evidence": {"occurrences": [{"location": clean(installed.place.library)}]},
    }
    if distribution.source is not None:
        component["externalReferences"] = [
            {"type": "distribution", "url": quote(redact(distribution.source.url), safe=":/?#[]@!$&'()*+,;=%~")}
        ]
    return component


def _vulnerabilities(found: Scan, references: Mapping[tuple[str, str], Sequence[str]]) -> Iterator[Json]:
    excused = {
        (finding.violation.project, finding.violation.version, finding.rule) for finding in found.verdict.excused
    }
    for facts in found.advisories:
        for advisory in facts.advisories:
            malware, vulnerability = ADVISORY_RULES
            rule = malware if advisory.malicious else vulnerability
            accepted = (facts.project, facts.version, rule) in excused
            yield _vulnerability(facts, advisory, references[facts.project, facts.version], accepted=accepted)


def _vulnerability(facts: AdvisoryFacts, advisory: Advisory, affected: Sequence[str], *, accepted: bool) -> Json:
    analysis: Json = {"state": "exploitable" if advisory.malicious else "in_triage"}
    if accepted:
        analysis = {"state": "exploitable", "response": ["will_not_fix"], "detail": "Excused by the policy."}
    vulnerability: Json = {
        "bom-ref": f"{advisory.id}/{facts.project}@{facts.version}",
        "id": advisory.id,
        "source": {"name": "OSV", "url": f"{OSV}{quote(advisory.id, safe='')}"},
        "references": [
            {"id": alias, "source": {"name": "OSV", "url": f"{OSV}{quote(alias, safe='')}"}}
            for alias in advisory.aliases
        ],
        "affects": [{"ref": reference} for reference in affected],
        "analysis": analysis,
    }
    if advisory.summary:
        vulnerability["description"] = clean(advisory.summary)
    if advisory.fixed:
        vulnerability["recommendation"] = f"Upgrade {facts.project} to {advisory.fixed[0]} or later."
    return vulnerability
