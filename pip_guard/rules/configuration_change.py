"""Refuse to write a setting that the other rules would refuse.

A setting outlives the command that wrote it, and applies to every pip that reads the file, guarded or not.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.command import ConfigurationChangeFacts
from pip_guard.facts.origin import OriginKind
from pip_guard.facts.requirements import SourceFacts
from pip_guard.facts.violation import Approve, Severity, Violation
from pip_guard.policy.approval import (
    folder_url,
    is_approved_file,
    is_approved_folder,
    is_approved_index,
    is_approved_proxy,
    is_insecure,
    is_local,
)
from pip_guard.policy.model import Policy
from pip_guard.policy.suggestions import approve, approve_index
from pip_guard.urls.compare import folder_of

# Keys that, with any value, redirect an installation, replace the program that runs, or add to what every command installs.
REFUSED_KEYS = frozenset(
    {
        *("python", "target", "prefix", "root", "user", "break-system-packages"),
        *("requirement", "requirements-from-script", "editable", "group"),
    }
)
NEGATIONS = frozenset({"", "0", "no", "off", "false", "n", "f"})


def check(facts: ConfigurationChangeFacts, policy: Policy) -> Iterator[Violation]:
    """Find values that rules about sources and destinations would refuse, and editors chosen by a setting."""
    if facts.editor is not None and facts.editor.origin.kind is not OriginKind.COMMAND_LINE:
        yield Violation(
            message=f"pip would start {facts.editor.value} as an editor, through a shell.",
            origin=facts.editor.origin,
            remedy="Name the editor on the command line, or in VISUAL or EDITOR.",
        )
    if len(f"{facts.key} {facts.value}".splitlines()) > 1:
        yield Violation(
            message="The value has more than one line, so pip would write other settings, too.",
            remedy="Set each value with a command of its own.",
        )
    if facts.key in REFUSED_KEYS and facts.value.lower() not in NEGATIONS:
        yield Violation(message=f"pip would make {facts.key} = {facts.value} the default of every later command.")
    for value, step in _refused_sources(facts.sources, policy):
        yield Violation(
            message=f"pip would make {value}, which is not approved, the default of every later command.",
            remedy=("If you trust it, approve it first.", step),
        )
    for host in facts.sources.trusted_hosts:
        yield Violation(
            message=f"pip would stop verifying the certificate of {host.value} in every later command.",
            remedy="For a private certificate authority, set its certificate instead: pip-guard config set global.cert FILE",
        )


def _refused_sources(sources: SourceFacts, policy: Policy) -> Iterator[tuple[str, Approve]]:
    for index in sources.indexes:
        if not is_approved_index(index.value, policy) or is_insecure(index.value):
            yield index.value, approve_index(index.value)
    for links in sources.find_links:
        approved = is_approved_folder if is_local(links.value) else is_approved_index
        if not approved(links.value, policy):
            yield links.value, approve("approved", folder_url(links.value) if is_local(links.value) else links.value)
    for file in sources.requirement_files:
        if not is_local(file.value) and not is_approved_file(file.value, policy):
            yield file.value, approve("file-hosts", folder_of(file.value))
    for proxy in sources.proxies:
        if sources.private_authority and not is_approved_proxy(proxy.value, policy):
            yield proxy.value, approve("proxies", proxy.value)


RULE = Rule(
    id="configuration-change",
    summary="a value that pip config would write and that these rules would refuse",
    severity=Severity.ERROR,
    remediation="Give the option on the command line of the command that needs it.",
    since="0.1.0",
    facts=(ConfigurationChangeFacts,),
    check=check,
    conditions=(),
)
