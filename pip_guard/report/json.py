"""Show findings to programs: one JSON object on standard error when the command ends."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pip_guard.engine.rule import Finding, Verdict
from pip_guard.engine.summary import HeldBackRelease
from pip_guard.errors import GuardError
from pip_guard.report.stream import write
from pip_guard.report.text import docs_url
from pip_guard.urls.redaction import redact

SCHEMA = 1


class JsonReport:
    """Keep findings until the command ends, then write them as one object."""

    def __init__(self) -> None:
        self._warnings: list[Finding] = []
        self._advice: str | None = None
        self._held_back: list[HeldBackRelease] = []

    def warn(self, verdict: Verdict) -> None:
        """Keep findings that do not refuse."""
        self._warnings += verdict.findings
        self._advice = self._advice or verdict.advice

    def hold_back(self, release: HeldBackRelease, *, quiet: bool) -> None:
        """Keep a release that is held back, whether or not people are told."""
        self._held_back.append(release)

    def end(self, refusal: Verdict | None, enforced: Sequence[str], command: str | None = None) -> None:
        """Write the verdict of the whole command."""
        findings = [*self._warnings, *(refusal.findings if refusal is not None else ())]
        write_object(
            verdict="allowed" if refusal is None else "refused",
            would_have_refused=any(finding.would_refuse for finding in findings),
            findings=[describe(finding) for finding in findings],
            enforced=list(enforced),
            held_back=[release.describe() for release in self._held_back],
            advisory_message=self._advice if refusal is None else refusal.advice,
        )


def write_error(error: GuardError) -> None:
    """Write an error because of which pip-guard could not decide."""
    write_object(verdict="error", findings=[], enforced=[], error={"message": error.message, "hint": error.hint})


def describe(finding: Finding) -> dict[str, object]:
    """Return a finding with its remedy, in the published form."""
    return {
        **finding.describe(),
        "notes": list(finding.notes),
        "remedy": finding.remedy,
        "docs": docs_url(finding.rule),
    }


def write_object(**content: object) -> None:
    """Write one object on one line."""
    write(redact(json.dumps({"schema": SCHEMA, **content})) + "\n")
