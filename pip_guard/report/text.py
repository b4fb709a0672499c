"""Show findings to people, in the shape of pip's own diagnostics."""

from __future__ import annotations

from collections.abc import Sequence

from pip_guard.engine.evaluate import INTERNAL_ERROR
from pip_guard.engine.messages import name_some
from pip_guard.engine.rule import Finding, Verdict
from pip_guard.engine.summary import HeldBackRelease
from pip_guard.environment.clock import in_local_time
from pip_guard.errors import GuardError
from pip_guard.facts.origin import OriginKind
from pip_guard.facts.violation import Severity
from pip_guard.report.stream import wants_colour, write
from pip_guard.urls.redaction import redact

DOCS = "https://pip-guard-shim.readthedocs.io/en/stable"
# Vulnerabilities to name in the one line about a release that is held back.
NAMED_FIXES = 3
NOTHING_DONE = "Nothing was installed."
OBSERVED = "pip-guard only observes here; else it would refuse this."

_BOLD_RED = "\x1b[1;31m"
_BOLD_YELLOW = "\x1b[1;33m"
_BOLD = "\x1b[1m"
_RESET = "\x1b[0m"
_HINT = "hint: "


class TextReport:
    """Write findings to standard error."""

    def warn(self, verdict: Verdict) -> None:
        """Show findings that do not refuse."""
        write("".join(f"{render_finding(finding, colour=wants_colour())}\n" for finding in verdict.findings))

    def hold_back(self, release: HeldBackRelease, *, quiet: bool) -> None:
        """Say in one line that a release is held back."""
        if not quiet:
            write(f"{clean(render_held_back(release))}\n")

    def end(self, refusal: Verdict | None, enforced: Sequence[str]) -> None:
        """Show the findings of a refusal."""
        if refusal is not None:
            write(render_refusal(refusal, colour=wants_colour()))


def render_refusal(verdict: Verdict, *, colour: bool) -> str:
    """Render all findings of a refusal, and what it means."""
    blocks = [render_finding(finding, colour=colour) for finding in verdict.findings]
    advice = [] if verdict.advice is None else [f"{clean(_indent(verdict.advice))}\n"]
    return "\n".join([*blocks, *advice, f"{NOTHING_DONE}\n"])


def render_finding(finding: Finding, *, colour: bool) -> str:
    """Render one finding."""
    lines = [_indent(finding.violation.message)]
    origin = finding.violation.origin
    if origin is not None and origin.kind is not OriginKind.DEFAULT:
        lines.append(_indent(f"  {origin}"))
    notes = (*finding.notes, *((OBSERVED,) if finding.would_refuse else ()))
    if notes:
        lines += ["", *(_indent(f"note: {note}") for note in notes)]
    lines += ["", *_hint(finding.remedy)]
    lines.append(f"docs: {docs_url(finding.rule)}")
    body = clean("\n".join(lines))
    return f"{_head(finding, colour=colour)}\n\n{body}\n"


def render_held_back(release: HeldBackRelease) -> str:
    """Render a release that is held back; the minimum age is in days, or in hours where it is less than two days."""
    hours = int(release.minimum_age.total_seconds() // 3600)
    age = f"{hours // 24} days" if hours >= 48 else f"{hours} hours"
    until = f"{in_local_time(release.until):%Y-%m-%d}"
    note = f"note: {release.project} {release.version} is held back until {until} (minimum age {age})"
    if not release.fixes:
        return note
    what = "a known vulnerability" if len(release.fixes) == 1 else "known vulnerabilities"
    fixes = name_some(release.fixes, NAMED_FIXES)
    return f"{note}; it fixes {fixes}, {what} of {release.project} {release.chosen}"


def render_error(error: GuardError, *, colour: bool) -> str:
    """Render an error that kept pip-guard from deciding anything."""
    lines = [_indent(error.message), "", *_hint(error.hint), "", NOTHING_DONE]
    body = clean("\n".join(lines))
    return f"{_paint('error', _BOLD_RED, colour=colour)}: {body}\n"


def docs_url(rule: str) -> str:
    """Return the page that explains a rule, or a failure of pip-guard itself, which is none."""
    return f"{DOCS}/{'reference/exit-codes' if rule == INTERNAL_ERROR else f'rules/{rule}'}.html"


def clean(text: str) -> str:
    """Remove credentials, and control characters that a name from outside could bring along."""
    return "".join(
        character if character == "\n" or character.isprintable() else ascii(character)[1:-1]
        for character in redact(text)
    )


def _head(finding: Finding, *, colour: bool) -> str:
    word, paint = ("error", _BOLD_RED) if finding.severity is Severity.ERROR else ("warning", _BOLD_YELLOW)
    return f"{_paint(word, paint, colour=colour)}: {_paint(finding.rule, _BOLD, colour=colour)}"


def _indent(message: str) -> str:
    """Indent all lines but the first: a name from outside must not begin a line of its own."""
    first, *more = message.split("\n")
    return "\n".join([first, *(f"  {line}" if line else "" for line in more)])


def _hint(remedy: str) -> list[str]:
    first, *more = remedy.splitlines()
    return [f"{_HINT}{first}", *(f"{' ' * len(_HINT)}{line}" for line in more)]


def _paint(text: str, paint: str, *, colour: bool) -> str:
    return f"{paint}{text}{_RESET}" if colour else text
