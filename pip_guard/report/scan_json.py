"""Render the result of a scan as JSON in pip-guard's own format."""

from __future__ import annotations

import json

from pip_guard.distributions.installed.inspect import Installed
from pip_guard.report.json import SCHEMA, describe
from pip_guard.report.scan import Scan
from pip_guard.urls.redaction import redact


def render_json(found: Scan) -> str:
    """Render one object, the same for the same environment."""
    document = {
        "schema": SCHEMA,
        "verdict": "refused" if found.verdict.refused else "allowed",
        "places": [place.library for place in found.places],
        "distributions": [_installed(installed) for installed in found.installed],
        "findings": [describe(finding) for finding in found.verdict.findings],
        "excused": [describe(finding) for finding in found.verdict.excused],
        "notes": list(found.notes),
    }
    return redact(json.dumps(document, indent=2)) + "\n"


def _installed(installed: Installed) -> dict[str, object]:
    distribution = installed.distribution
    return {
        "project": distribution.project,
        "version": distribution.version,
        "place": installed.place.library,
        "state": installed.state.value,
        "files": installed.files,
        "installer": distribution.installer or None,
        "requested": distribution.requested,
        "url": None if distribution.source is None else distribution.source.url,
    }
