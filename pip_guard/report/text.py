"""Show findings to people, in the shape of pip's own diagnostics."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from pip_guard.engine.evaluate import INTERNAL_ERROR
from pip_guard.engine.messages import name_some
from pip_guard.engine.rule import Finding, Verdict
from pip_guard.engine.summary import HeldBackRelease
from pip_guard.environment.clock import in_local_time
from pip_guard.errors import GuardError
from pip_guard.facts.origin import OriginKind
from pip_guard.facts.violation import Severity
from pip_guard.report.stream import columns, wants_colour, write
from pip_guard.urls.redaction import redact

DOCS = "https://pip-guard-shim.readthedocs.io/en/stable"
# Vulnerabilities to name in the one line about a release that is held back.
NAMED_FIXES = 3
NOTHING_DONE = "Nothing was installed."
# The last line of a refusal for other commands than install; none for those that only read.
_NOTHING = {
    "config": "Nothing was changed.",
    "download": "Nothing was downloaded.",
    "lock": "Nothing was locked.",
    "uninstall": "Nothing was uninstalled.",
    "wheel": "No wheel was saved.",
    "index": "",
    "list": "",
    "search": "",
}
# How lines begin that people copy from a hint, which are not wrapped: commands, and lines of a policy.
_TO_COPY = ("pip-guard ", "python", "[", "In ")
OBSERVED = "pip-guard only observes here; else it would refuse this."

_BOLD_RED = "\x1b[1;31m"
_BOLD_YELLOW = "\x1b[1;33m"
_BOLD = "\x1b[1m"
_RESET = "\x1b[0m"
_HINT = "hint: "


class TextReport:
    """Write findings to standard error."""

    def __init__(self) -> None:
        self._advised = False

    def warn(self, verdict: Verdict) -> None:
        """Show findings that do not refuse, with the policy's message once where they are only observed."""
        colour, width = wants_colour(), columns()
        blocks = [render_finding(finding, colour=colour, width=width) for finding in verdict.findings]
        if verdict.advice is not None and not self._advised:
            self._advised = True
            blocks.append(_render_advice(verdict.advice, width))
        write("".join(f"{block}\n" for block in blocks))

    def hold_back(self, release: HeldBackRelease, *, quiet: bool) -> None:
        """Say in one line that a release is held back."""
        if not quiet:
            write(f"{clean(render_held_back(release))}\n")

    def end(self, refusal: Verdict | None, enforced: Sequence[str], command: str | None = None) -> None:
        """Show the findings of a refusal."""
        if refusal is not None:
            write(render_refusal(refusal, colour=wants_colour(), width=columns(), command=command))


def render_refusal(verdict: Verdict, *, colour: bool, width: int = 0, command: str | None = None) -> str:
    """Render all findings of a refusal, and what was not done; lines are wrapped at `width`, if it is known."""
    blocks = [render_finding(finding, colour=colour, width=width) for finding in verdict.findings]
    if verdict.advice is not None:
        blocks.append(_render_advice(verdict.advice, width))
    if nothing := _NOTHING.get(command or "", NOTHING_DONE):
        blocks.append(f"{nothing}\n")
    return "\n".join(blocks)


def _render_advice(advice: str, width: int) -> str:
    return f"{_wrap(clean(_indent(advice)), width)}\n"


def render_finding(finding: Finding, *, colour: bool, width: int = 0) -> str:
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
    body = _wrap(clean("\n".join(lines)), width)
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


def render_error(error: GuardError, *, colour: bool, width: int = 0, of_action: bool = False) -> str:
    """Render an error because of which pip-guard could not decide, or could not run an action of ``pip-guard guard``."""
    lines = [_indent(error.message), "", *_hint(error.hint), *([] if of_action else ["", NOTHING_DONE])]
    body = _wrap(clean("\n".join(lines)), width)
    return f"{_paint('error', _BOLD_RED, colour=colour)}: {body}\n"


def docs_url(rule: str) -> str:
    """Return the page that explains a rule, or a failure of pip-guard itself, which is not a rule."""
    return f"{DOCS}/{'reference/exit-codes' if rule == INTERNAL_ERROR else f'rules/{rule}'}.html"


def clean(text: str) -> str:
    """Hide credentials, and escape the control characters that an untrusted name could contain."""
    return "".join(
        character if character == "\n" or character.isprintable() else ascii(character)[1:-1]
        for character in redact(text)
    )


def _wrap(text: str, width: int) -> str:
    """Wrap lines at words, indented like their first line or by at least two: an untrusted name must not begin a line."""
    if not width:
        return text
    return "\n".join(part for line in text.split("\n") for part in _broken(line, width))


def _broken(line: str, width: int) -> Iterator[str]:
    words = line.removeprefix(_HINT).lstrip()
    is_copied = words.startswith(_TO_COPY) or " = [" in words or ' = "' in words or line.startswith("docs: ")
    if len(line) <= width or is_copied:
        yield line
        return
    space = " " * (len(_HINT) if line.startswith(_HINT) else max(len(line) - len(line.lstrip()), 2))
    yield from textwrap.wrap(line, width, subsequent_indent=space, break_long_words=False, break_on_hyphens=False)


def _head(finding: Finding, *, colour: bool) -> str:
    word, paint = ("error", _BOLD_RED) if finding.severity is Severity.ERROR else ("warning", _BOLD_YELLOW)
    return f"{_paint(word, paint, colour=colour)}: {_paint(finding.rule, _BOLD, colour=colour)}"


def _indent(message: str) -> str:
    """Indent all lines but the first: an untrusted name must not begin a line of its own."""
    first, *more = message.split("\n")
    return "\n".join([first, *(f"  {line}" if line else "" for line in more)])


def _hint(remedy: str) -> list[str]:
    first, *more = remedy.splitlines()
    return [f"{_HINT}{first}", *(f"{' ' * len(_HINT)}{line}" for line in more)]


def _paint(text: str, paint: str, *, colour: bool) -> str:
    return f"{paint}{text}{_RESET}" if colour else text
