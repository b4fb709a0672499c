"""Refuse a wheel that leaves behind what pip, Python or a shell would obey later.

A wheel is only unpacked; but what it leaves can be run by the next command without anybody importing it: a `pip.conf`, a command
that is called like one of the system's, a module that pip looks for. A project may bring what is its own.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.installed import InstalledFacts, UnownedFacts
from pip_guard.facts.violation import Allow, Severity, Violation
from pip_guard.facts.wheel import Script, WheelFacts
from pip_guard.frozen import frozen
from pip_guard.policy.model import Policy


@frozen
class _Commands:
    """Commands that belong to nobody, or to some projects, and who relies on them; `names` is a regular expression."""

    names: str
    reliance: str
    projects: frozenset[str] = frozenset()


def _named(names: str, reliance: str, *projects: str) -> _Commands:
    return _Commands(names="|".join(names.split()), reliance=reliance, projects=frozenset(projects))


COMMANDS = (
    _named(r"pip\d*(?:\.\d+)?(?:-\d+(?:\.\d+)?)?", "which is pip", "pip"),
    _named("pip-guard", "which is pip-guard", "pip-guard-shim"),
    _named(r"(?:python|pypy)(?:\d+(?:\.\d+)*)?[dmtw]{0,3}(?:-config)?", "which is the interpreter"),
    _named("py pyw", "which starts the interpreter on Windows", "pythonpy"),
    _named(
        r"activate(?:_this)?(?:\.\w+)? deactivate(?:\.\w+)? (?:pre|post)(?:de)?activate",
        "which shells read to activate an environment",
    ),
    _named(r"easy_install(?:-\d+\.\d+)?", "which installs as pip does", "setuptools", "distribute"),
    _named("uv uvx", "which installs as pip does", "uv"),
    _named("pipx", "which installs as pip does", "pipx"),
    _named("conda micromamba", "which installs as pip does", "conda"),
    # the project of that name tests programs, and has done so for longer than the other one installs them
    _named("mamba", "which installs as pip does", "mamba"),
    _named("lsb_release uname rustc oslevel", "which pip starts whenever it goes online"),
    _named("keyring", "which pip asks for passwords", "keyring"),
    _named("git svn", "which pip starts to fetch a repository"),
    _named("hg", "which pip starts to fetch a repository", "mercurial"),
    _named("bzr brz", "which pip starts to fetch a repository", "breezy", "bzr"),
    _named("cc gcc ld ldconfig objdump", "which Python starts to look for libraries"),
    _named(
        "sh bash dash zsh fish ksh csh tcsh env sudo su doas ssh scp sftp ssh-add ssh-agent login passwd gpg openssl"
        " cmd powershell pwsh reg schtasks where wsl",
        "which people and programs trust with all that they have",
    ),
    _named(
        "awk basename cat cd chmod chown cp curl cut date dd df dirname du echo false find grep gunzip gzip head hostname id"
        " kill less ln ls man mkdir mktemp more mount mv nano ps pwd readlink realpath rm rmdir sed sleep sort stat stty tail"
        " tar tee test top touch tr true tty uniq unzip vi vim wc wget which whoami xargs",
        "which every script relies on",
    ),
    _named(
        "apk apt apt-get brew crontab docker dnf dpkg make podman service systemctl yum", "which systems are run with"
    ),
)
_WINDOWS_SUFFIX = re.compile(r"\.(?:exe|bat|cmd|com|ps1)$|-script\.pyw?$")
# What pip and pip-guard are made of; not even a single file may be added.
OWN_MODULES = {
    "pip": frozenset({"pip"}),
    "pip_guard": frozenset({"pip-guard-shim"}),
    "packaging": frozenset({"packaging"}),
    "platformdirs": frozenset({"platformdirs"}),
}
# What pip 26 imports if it is there, although it is neither pip's nor, in each version of Python, of the standard library.
OPTIONAL_MODULES = {
    "_colorize": frozenset[str](),
    "_manylinux": frozenset[str](),
    "_suggestions": frozenset[str](),
    "_wmi": frozenset[str](),
    "_zstd": frozenset[str](),
    "attr": frozenset({"attrs"}),
    "backports.zstd": frozenset({"backports-zstd"}),
    "keyring": frozenset({"keyring"}),
    "org": frozenset[str](),
    "socks": frozenset({"pysocks"}),
}
# Projects that bring a module of the standard library to Pythons that lack it, or lack its newer form.
BACKPORTS = {
    "_curses": frozenset({"windows-curses"}),
    "_curses_panel": frozenset({"windows-curses"}),
    "asynchat": frozenset({"pyasynchat", "standard-asynchat"}),
    "asyncore": frozenset({"pyasyncore", "standard-asyncore"}),
    "audioop": frozenset({"audioop-lts"}),
    "cgi": frozenset({"legacy-cgi", "standard-cgi"}),
    "cgitb": frozenset({"legacy-cgi", "standard-cgitb"}),
    "concurrent": frozenset({"futures"}),
    "enum": frozenset({"enum34"}),
    "graphlib": frozenset({"graphlib-backport"}),
    "imp": frozenset({"zombie-imp"}),
    "msilib": frozenset({"python-msilib"}),
    "readline": frozenset({"gnureadline", "pyreadline", "pyreadline3"}),
}
# Modules that the library has on some systems only, and looks for on all: on the others, anybody's would be found.
ELSEWHERE = frozenset(
    {"_msi", "_overlapped", "_scproxy", "_winapi", "_wmi", "msvcrt", "nt", "winreg", "winsound", "vms_lib", "java"}
)
# Jython's: https://github.com/python/cpython/blob/3.11/Lib/copy.py asks for it.
COPY_HOOK = "org.python"

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
# What shells read, once somebody types its name: how arguments are completed, or what is run.
COMPLETIONS = (
    r"(?:share/bash-completion/completions/|share/fish/vendor_(?:completions|functions)\.d/|share/zsh/site-functions/_)"
    r"(?P<command>[^/]+?)(?:\.(?:bash|fish))?"
)


def check(facts: WheelFacts | InstalledFacts | UnownedFacts, policy: Policy) -> Iterator[Violation]:
    """Find what would be obeyed later, or is."""
    match facts:
        case UnownedFacts():
            yield from _strays(facts)
        case WheelFacts():
            for deed in _deeds(facts):
                yield _violation(facts, f"would install {deed}", RULE.remediation, f"sha256:{facts.sha256}")
        case _:
            for deed in _deeds(facts):
                yield _violation(
                    facts, f"has installed {deed}", "Uninstall it. If you know why it brings this, allow it:"
                )


def _violation(facts: WheelFacts | InstalledFacts, deed: str, advice: str, *hashes: str) -> Violation:
    return Violation(
        message=f"{facts.project} {facts.version} {deed}.",
        origin=facts.origin,
        project=facts.project,
        version=facts.version,
        hashes=frozenset(hashes),
        remedy=(advice, Allow(facts.project, facts.version)),
    )


def _strays(facts: UnownedFacts) -> Iterator[Violation]:
    for deed in dict.fromkeys([*_scripts("", facts.scripts), *_modules("", facts.modules, frozenset())]):
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
            *_data_files((*facts.data_files, *(f"bin/{script.path}" for script in facts.scripts))),
            *_completions(facts.project, facts.data_files),
            *_scripts(facts.project, facts.scripts),
            *_modules(facts.project, facts.modules, facts.packages),
        ]
    )


def _data_files(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        for pattern, reason in OBEYED_FILES:
            if re.fullmatch(pattern, path.lower()):
                yield f"the file {path}, {reason}"
                break


def _completions(project: str, paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        if path.startswith("share/") and (match := re.fullmatch(COMPLETIONS, path)):
            for reliance in _reliances(project, match["command"]):
                yield f"the file {path}, which shells read for a command {reliance}"


def _reliances(project: str, command: str) -> Iterator[str]:
    """Yield who relies on a command that is not the project's own."""
    for commands in COMMANDS:
        if re.fullmatch(commands.names, command) and project not in commands.projects:
            yield commands.reliance


def _scripts(project: str, scripts: Iterable[Script]) -> Iterator[str]:
    for script in scripts:
        for reliance in _reliances(project, _WINDOWS_SUFFIX.sub("", script.path.casefold())):
            yield f"the command {script.path}, {reliance}"
        if script.hides_module or script.module in sys.stdlib_module_names or script.module in OWN_MODULES:
            yield f"the script {script.path}, which all scripts beside it would import as the module {script.module}"


def _modules(project: str, modules: frozenset[str], packages: frozenset[str]) -> Iterator[str]:
    for name in sorted(modules | (packages & OWN_MODULES.keys())):
        if name in OWN_MODULES:
            if project not in OWN_MODULES[name]:
                yield f"files of the module {name}, which pip-guard is made of"
        elif name in OPTIONAL_MODULES:
            if project not in OPTIONAL_MODULES[name]:
                yield f"a module {name}, which pip imports wherever it finds one"
        elif name in sys.stdlib_module_names and project not in BACKPORTS.get(name, _called_like(name)):
            yield f"a module {name}, which Python has of its own"
    if COPY_HOOK in packages:
        yield f"a module below {COPY_HOOK}, which Python's own module copy imports wherever it finds one"


def _called_like(module: str) -> frozenset[str]:
    """Return the projects whose names say that they bring a module of the standard library."""
    if module in ELSEWHERE:
        return frozenset()
    name = module.strip("_").replace("_", "-")
    return frozenset({name, f"standard-{name}"})


RULE = Rule(
    id="planted-file",
    summary="what pip, Python or a shell would obey later: a pip.conf, a command or a module called like one that they rely on",
    severity=Severity.ERROR,
    remediation="Do not install this release. If you know why it brings this, allow it:",
    since="0.1.0",
    facts=(WheelFacts, InstalledFacts, UnownedFacts),
    check=check,
)
