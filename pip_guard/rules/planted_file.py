"""Refuse a wheel that installs what pip, Python, a shell or another program would obey later.

A wheel is only unpacked; but what it leaves behind can run without anybody importing it: a `pip.conf`, a command called like one
of the system's, a module that pip looks for, a configuration file that a program reads at its start. A project may bring its own.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

from pip_guard.distributions.known_commands import reserved_command
from pip_guard.distributions.optional_modules import BACKPORTS, OTHER_SYSTEMS, OWN_MODULES, optional_modules
from pip_guard.distributions.usual_places import Owner, is_usual
from pip_guard.engine.rule import Rule
from pip_guard.facts.installed import InstalledFacts, UnownedFacts
from pip_guard.facts.violation import Allow, Severity, Violation
from pip_guard.facts.wheel import Script, WheelFacts
from pip_guard.policy.model import Policy

# NOTE: these are compiled when a wheel first has a command or a data file, which most have not.
OBEYED_FILES = (
    (r"(?:etc/(?:xdg/)?)?pip\.(?:conf|ini)|etc/(?:xdg/)?pip(?:-guard)?/.+", "which pip obeys"),
    (r"(?:(?:bin|scripts)/)?(?:pyvenv\.cfg|[^/]+\._pth)", "which tells Python where to import from"),
    (r"(?:lib(?:32|64)?/)?python\d+\.zip", "from which Python imports before its own library"),
    (
        r"(?:local/)?lib(?:32|64)?/(?:python|pypy)[\d.]+t?/.+|lib/[^/]+\.pyc?|dlls/.+",
        "which is part of Python's own library",
    ),
    (r"(?:(?:bin|scripts)/)?(?:python|vcruntime)\w*\.dll", "which the interpreter loads on Windows"),
    # a copied interpreter finds its libraries relative to itself
    (
        r"(?:lib(?:32|64)?/)?lib(?:python[\d.]*t?|ssl|crypto)(?:\.[\d.]+)?\.(?:so|dylib)[\d.]*",
        "which the interpreter loads",
    ),
    (r"conda-meta/.+|etc/conda/(?:de)?activate\.d/.+", "which conda obeys"),
    (r"(?:share/fish/vendor_conf\.d|etc/fish/conf\.d|etc/profile\.d)/.+", "which shells run when they start"),
)
COMPLETIONS = r"share/(?:bash-completion/completions|fish/vendor_(?:completions|functions)\.d|zsh/site-functions)/"
_HIDDEN = r"(?:^|/)\."


def check(facts: WheelFacts | InstalledFacts | UnownedFacts, policy: Policy) -> Iterator[Violation]:
    """Find files that some program would obey later, or does."""
    match facts:
        case UnownedFacts():
            yield from _unowned(facts)
        case WheelFacts():
            for deed in _deeds(facts):
                yield Violation(
                    message=f"{facts.project} {facts.version} would install {deed}.",
                    origin=facts.origin,
                    project=facts.project,
                    version=facts.version,
                    hashes=frozenset({f"sha256:{facts.sha256}"}),
                    remedy=(RULE.remediation, Allow(facts.project, facts.version)),
                )
        case _:
            for deed in _deeds(facts):
                yield Violation(
                    message=f"{facts.project} {facts.version} has installed {deed}.",
                    origin=facts.origin,
                    project=facts.project,
                    version=facts.version,
                    remedy=(
                        "Uninstall it. If you know why it brings this, allow it:",
                        Allow(facts.project, facts.version),
                    ),
                )


def _unowned(facts: UnownedFacts) -> Iterator[Violation]:
    for deed in dict.fromkeys([*_scripts(None, facts.scripts), *_modules("", facts.modules, frozenset())]):
        yield Violation(
            message=f"Somebody has put here {deed}, and it belongs to no distribution.",
            origin=facts.origin,
            remedy="Find out who did, and remove it.",
        )


def _deeds(facts: WheelFacts | InstalledFacts) -> Iterable[str]:
    provenance = facts.provenance_files if isinstance(facts, WheelFacts) else ()
    return dict.fromkeys(
        [
            *(
                f"the file {path}, from which pip takes what is installed, and where it came from"
                for path in provenance
            ),
            *_data_files(facts),
            *_scripts(facts.project, facts.scripts),
            *_modules(facts.project, facts.modules, facts.packages),
            *_hidden_modules(facts),
        ]
    )


def _data_files(facts: WheelFacts | InstalledFacts) -> Iterator[str]:
    owner = Owner(
        project=facts.project,
        modules=frozenset(module for module in facts.modules if "." not in module),
        commands=frozenset(script.path for script in facts.scripts),
        settings=facts.settings,
    )
    for path in (*facts.data_files, *(f"bin/{script.path}" for script in facts.scripts)):
        reason = next((reason for pattern, reason in OBEYED_FILES if re.fullmatch(pattern, path.lower())), None)
        if reason is not None:
            yield f"the file {path}, {reason}"
        elif re.search(_HIDDEN, path):
            yield f"the hidden file {path}, which people do not see and programs obey"
    for path in facts.data_files:
        is_told = re.search(_HIDDEN, path) or any(re.fullmatch(pattern, path.lower()) for pattern, _ in OBEYED_FILES)
        if not is_told and not is_usual(path, owner):
            shells = re.match(COMPLETIONS, path)
            reason = (
                "which shells read for a command of others" if shells else "which is not where packages keep their data"
            )
            yield f"the file {path}, {reason}"


def _scripts(project: str | None, scripts: Iterable[Script]) -> Iterator[str]:
    """Say which commands belong to others; without a project, only those that no project is known to bring."""
    for script in scripts:
        reserved = reserved_command(script.path)
        if reserved is not None:
            if project not in reserved.projects and (project or reserved.is_core or not reserved.projects):
                yield f"the command {script.path}, {reserved.reliance}"
        elif script.stands_before:
            yield f"the command {script.path}, which would stand before {script.stands_before}"
        if script.hides_module or script.module in sys.stdlib_module_names or script.module in OWN_MODULES:
            yield f"the script {script.path}, which all scripts beside it would import as the module {script.module}"


def _modules(project: str, modules: frozenset[str], packages: frozenset[str]) -> Iterator[str]:
    inner = {name for name in optional_modules() if "." in name}
    for name in sorted(modules | (packages & (OWN_MODULES.keys() | inner))):
        if name in OWN_MODULES:
            if project not in OWN_MODULES[name]:
                yield f"files of the module {name}, which pip-guard is made of"
        elif (optional := optional_modules().get(name)) is not None:
            if project not in optional.projects:
                yield f"a module {name}, {optional.reliance}"
        elif name in sys.stdlib_module_names and project not in BACKPORTS.get(name, _called_like(name)):
            yield f"a module {name}, which Python has of its own"


def _hidden_modules(facts: WheelFacts | InstalledFacts) -> Iterator[str]:
    for module, script in facts.hidden_modules if isinstance(facts, WheelFacts) else ():
        yield f"a module {module}, which all commands would import from the script {script} instead"


def _called_like(module: str) -> frozenset[str]:
    """Return the projects whose names say that they bring a module of the standard library."""
    if module in OTHER_SYSTEMS:
        return frozenset()
    name = module.strip("_").replace("_", "-")
    return frozenset({name, f"standard-{name}"})


RULE = Rule(
    id="planted-file",
    summary="a data file outside the usual places, or a command or module that pip, Python, a shell or people would take for another",
    severity=Severity.ERROR,
    remediation="Do not install this release. If you know why it brings this, allow it:",
    since="0.1.0",
    facts=(WheelFacts, InstalledFacts, UnownedFacts),
    check=check,
)
