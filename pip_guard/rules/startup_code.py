"""Refuse a wheel that would run code whenever Python starts.

A line of a `.pth` file that begins with `import` is executed by every start of the interpreter, imported or not, and so is what
a `.start` file names (PEP 829) and any `sitecustomize`. What decides is `addpackage` in the site module of CPython 3.10 to
3.15, whichever sees more: https://github.com/python/cpython/blob/3.14/Lib/site.py.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit
from urllib.request import url2pathname

from pip_guard.distributions.wheel.path_file import named_path, read_lines
from pip_guard.engine.rule import Rule
from pip_guard.facts.installed import InstalledFacts, UnownedFacts
from pip_guard.facts.violation import Allow, Severity, Violation
from pip_guard.facts.wheel import StartupFile, WheelFacts
from pip_guard.policy.model import Policy

# Some versions end a line wherever str.splitlines() does, and which encoding counts depends on the locale.
# Python 3.15 strips a line before it looks for `import`.
_SPACE = (
    rb"[\t-\r\x1c-\x20\x85\xa0]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80"
)
_RUNS = rb"(?:\A|[\n-\r\x1c-\x1e\x85]|\xe2\x80[\xa8\xa9])(?:\xef\xbb\xbf|" + _SPACE + rb")*import[ \t]"
_READ = "Read the file without starting this Python. If you do not know why it is there"
_STOLEN = "treat every password and token that this environment could read as stolen"
# How many characters of a line are shown.
_LONGEST = 100
_LEAVES = r"/|\\|[A-Za-z]:|\.\.(?:/|$)"

# The lines that setuptools, the editables library (hatchling, pdm-backend), scikit-build-core and meson-python write for an editable
# project.
_FINDER = r"import (?P<name>__editable___\w+_finder); (?P=name)\.install\(\)|import _editable_impl_\w+|import _\w+_editable(?:_loader)?"

# The line that setuptools writes for a namespace, in all its forms from 2012 on. It makes an empty module, and runs none.
_PLACE = "p = os.path.join(sys._getframe(1).f_locals['sitedir'], *{parts!r});"
_LOOK = "ie = os.path.exists(os.path.join(p,'__init__.py'));"
_EMPTY = "sys.modules.setdefault({name!r}, types.ModuleType({name!r}));"
_FOUND = (
    "sys.modules.setdefault({name!r}, importlib.util.module_from_spec("
    "importlib.machinery.PathFinder.find_spec({name!r}, [os.path.dirname(p)])));"
)
_EXTEND = "mp = (m or []) and m.__dict__.setdefault('__path__',[]);(p not in mp) and mp.append(p)"
_IN_PARENT = ";m and setattr(sys.modules[{parent!r}], {child!r}, m)"
_IMPORTS = "import sys, types, os;"
_IMPORTLIB = "importlib = __import__('importlib.util');__import__('importlib.machinery');"
_HAS_IMPORTLIB = "importlib = has_mfs and __import__('importlib.util');has_mfs and __import__('importlib.machinery');"
_NAMESPACE_LINES = tuple(
    f"{_IMPORTS}{line}{_EXTEND}"
    for line in (
        f"{_PLACE}{_LOOK}m = not ie and {_EMPTY}",
        f"pep420 = sys.version_info > (3, 3);{_PLACE}{_LOOK}m = not ie and not pep420 and {_EMPTY}",
        f"has_mfs = sys.version_info > (3, 5);{_PLACE}{_HAS_IMPORTLIB}m = has_mfs and {_FOUND}m = m or {_EMPTY}",
        f"{_PLACE}{_IMPORTLIB}m = {_FOUND}m = m or {_EMPTY}",
    )
)
_NAMESPACE = r"setdefault\('(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)'"


def check(facts: WheelFacts | InstalledFacts | UnownedFacts, policy: Policy) -> Iterator[Violation]:
    """Find files that the interpreter would obey at its start, or does, other than harmless ones."""
    # NOTE: the code of a directory has run, by consent.
    if isinstance(facts, WheelFacts) and facts.built_from_directory:
        return
    for file in facts.startup_files:
        if isinstance(facts, InstalledFacts) and facts.built_from_directory and _is_editable(file, facts.url):
            continue
        if not file.known and (effect := _effect(file, facts.packages)):
            match facts:
                case WheelFacts():
                    yield _about_wheel(facts, effect)
                case InstalledFacts():
                    yield _about_installed(facts, file, effect)
                case _:
                    yield _about_unowned(facts, file, effect)


def _about_wheel(facts: WheelFacts, effect: str) -> Violation:
    return Violation(
        message=f"{facts.project} {facts.version} would run code whenever Python starts: {effect}.",
        origin=facts.origin,
        project=facts.project,
        version=facts.version,
        hashes=frozenset({f"sha256:{facts.sha256}"}),
        remedy=(RULE.remediation, Allow(facts.project, facts.version)),
    )


def _about_installed(facts: InstalledFacts, file: StartupFile, effect: str) -> Violation:
    return Violation(
        message=f"{facts.project} {facts.version} runs code whenever Python starts: {effect}.",
        origin=facts.origin,
        project=facts.project,
        version=facts.version,
        hashes=_hashes(file),
        remedy=(
            f"{_READ}, {_STOLEN}.",
            "If you need it, allow it:",
            Allow(facts.project, facts.version),
        ),
    )


def _about_unowned(facts: UnownedFacts, file: StartupFile, effect: str) -> Violation:
    # what only adds a folder to import from is often written by hand
    adds = file.path.lower().endswith(".pth") and file.content is not None and not re.search(_RUNS, file.content)
    hashes = _hashes(file)
    return Violation(
        message=f"{file.path} belongs to no distribution, and Python obeys it whenever it starts: {effect}.",
        origin=facts.origin,
        hashes=hashes,
        severity=Severity.WARNING if adds else None,
        remedy=(
            f"{_READ}, remove it, and {_STOLEN}.",
            *(step for known in hashes for step in ("If you need it, excuse it in the policy:", Allow(hash=known))),
        ),
    )


def _hashes(file: StartupFile) -> frozenset[str]:
    return frozenset() if file.content is None else frozenset({f"sha256:{hashlib.sha256(file.content).hexdigest()}"})


def _effect(file: StartupFile, packages: frozenset[str]) -> str | None:
    """Say what a file would do at the start, or return None if it would run nothing and leave its folder alone."""
    suffix = posixpath.splitext(file.path)[1].lower()
    if suffix not in (".pth", ".start"):
        return (
            f"{file.imported_by} imports {file.path}" if file.imported_by else f"Python imports {file.path} by itself"
        )
    if file.content is None:
        return f"{file.path} is too large, or cannot be read"
    if suffix == ".start":
        if read_lines(file.content):
            return f"{file.path} names functions to call"
        return f"{file.path} keeps Python 3.15 from running the import lines of a .pth file of that name"
    if re.search(_RUNS, file.content):
        if all(_declares_namespace(line, packages) for line in read_lines(file.content)):
            return None
        return f"{file.path} has the line {_first_harmful(file.content, packages)}"
    outside = next((line for line in read_lines(file.content) if _leaves_folder(line)), None)
    if outside is not None:
        return f"{file.path} has Python import from {outside}"
    # NOTE: archives are not inspected, and a missing folder may come with another wheel.
    return f"{file.path} has Python import from {file.strange[0]}, which is no folder of it" if file.strange else None


def _first_harmful(content: bytes, packages: frozenset[str]) -> str:
    """Return the first line that Python would run and that declares no namespace: cut, and with escapes for what cannot be seen."""
    lines = [
        match[0].decode("utf-8", "replace").strip("\ufeff \t\r\n") for match in re.finditer(_RUNS + rb"[^\n]*", content)
    ]
    line = next((line for line in lines if not _declares_namespace(line, packages)), lines[0])
    return ascii(line if len(line) <= _LONGEST else f"{line[:_LONGEST]}...")


def _declares_namespace(line: str, packages: frozenset[str]) -> bool:
    """Tell whether a line is one of setuptools, for a namespace that is a folder of this very wheel."""
    match = re.search(_NAMESPACE, line)
    if match is None or match["name"] not in packages:
        return False
    name = match["name"]
    # NOTE: a namespace called like a module of the library would be found in its place from then on.
    if name.partition(".")[0] in sys.stdlib_module_names:
        return False
    parent, _, child = name.rpartition(".")
    ending = _IN_PARENT if parent else ""
    values = {"name": name, "parts": tuple(name.split(".")), "parent": parent, "child": child}
    return line in [f"{form}{ending}".format(**values) for form in _NAMESPACE_LINES]


def _is_editable(file: StartupFile, url: str) -> bool:
    """Tell whether a path file of an editable project only names folders of it, or is the one line that its build backend writes."""
    if not file.path.lower().endswith(".pth") or file.content is None:
        return False
    folder = url2pathname(urlsplit(url).path).rstrip(os.sep)
    lines = read_lines(file.content)
    if len(lines) == 1 and re.fullmatch(_FINDER, lines[0]):
        return True
    return all(f"{os.path.normpath(line)}{os.sep}".startswith(f"{folder}{os.sep}") for line in lines)


def _leaves_folder(line: str) -> bool:
    line = line.strip()
    return re.match(_LEAVES, line) is not None or re.match(_LEAVES, named_path(line)) is not None


RULE = Rule(
    id="startup-code",
    summary="a file that makes Python run code whenever it starts, other than known harmless ones",
    severity=Severity.ERROR,
    remediation="Do not install this release. If you have read the file and need it, allow it:",
    since="0.1.0",
    facts=(WheelFacts, InstalledFacts, UnownedFacts),
    check=check,
)
