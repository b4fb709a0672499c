"""Render the result of a scan as text."""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.facts.violation import Severity
from pip_guard.report.scan import Scan
from pip_guard.report.text import clean, render_finding


def render_text(found: Scan, *, colour: bool) -> str:
    """Render all findings, what could not be judged, and a summary."""
    blocks = [render_finding(finding, colour=colour) for finding in found.verdict.findings]
    lines = [f"note: {note}" for note in found.notes]
    lines += [f"Looked at {_count(len(found.installed), 'distribution')} in:"]
    lines += [f"  {place.library}" for place in found.places]
    lines.append(f"{_count(found.files, 'file')} compared; {', '.join(_tell(found))}.")
    return "\n".join([*blocks, clean("\n".join(lines)), ""])


def _tell(found: Scan) -> Iterator[str]:
    severities = [finding.severity for finding in found.verdict.findings]
    if not severities:
        yield "nothing found"
    for severity in (Severity.ERROR, Severity.WARNING):
        if count := severities.count(severity):
            yield _count(count, severity.value)
    if excused := len(found.verdict.excused):
        yield f"{excused} excused"


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
