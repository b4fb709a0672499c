"""Recognise the scripts that installers make for entry points, in an environment that was moved or copied since.

Whoever moves an environment replaces the interpreter in their first line, and does not touch RECORD. All the rest is known.
"""

from __future__ import annotations

import re

from pip_guard.distributions.wheel.metadata import read_scripts

_PIP = """\
# -*- coding: utf-8 -*-
import re
import sys
from {module} import {name}
if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])
    sys.exit({function}())
"""
_NEWER_PIP = """\
import sys
from {module} import {name}
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit({function}())
"""
_DISTLIB = """\
# -*- coding: utf-8 -*-
import re
import sys
if __name__ == '__main__':
    from {module} import {name}
    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])
    sys.exit({function}())
"""
_UV = """\
# -*- coding: utf-8 -*-
import sys
from {module} import {name}
if __name__ == "__main__":
    if sys.argv[0].endswith("-script.pyw"):
        sys.argv[0] = sys.argv[0][:-11]
    elif sys.argv[0].endswith(".exe"):
        sys.argv[0] = sys.argv[0][:-4]
    sys.exit({function}())
"""
_FORMS = (_PIP, _NEWER_PIP, _DISTLIB, _UV)
# pipx adds -E to the first line, after the installation. A line is too long for some systems; then a shell starts the interpreter.
_START = re.compile(
    r"#!/bin/sh\n'''exec' (?:\"(?P<quoted>[^\"\n]+)\"|(?P<exec>[^\s\"']+)) \"\$0\" \"\$@\"\n' '''\n|#!(?P<plain>[^\s\"']+)(?: -E)?\n"
)
_ENTRY = re.compile(r"[^=]+=\s*(?P<module>[\w.]+)\s*:\s*(?P<function>[\w.]+)\s*(?:\[.*\])?")
_INTERPRETER = re.compile(r"(?:python|pypy)[\d.]*t?w?")


def is_console_script(content: bytes, entry_points: bytes, commands: str) -> bool:
    """Tell whether a script does no more than to start an entry point with the interpreter in a folder of commands."""
    text = content.decode("utf-8", "replace")
    match = _START.match(text)
    if match is None:
        return False
    folder, _, interpreter = (match["plain"] or match["quoted"] or match["exec"]).rpartition("/")
    if folder != commands or not _INTERPRETER.fullmatch(interpreter):
        return False
    return text[match.end() :] in _bodies(entry_points)


def _bodies(entry_points: bytes) -> set[str]:
    """Return all that such a script can consist of behind its first line."""
    bodies: set[str] = set()
    for _, line in read_scripts(entry_points):
        if entry := _ENTRY.fullmatch(line):
            function = entry["function"]
            name = function.partition(".")[0]
            bodies.update(form.format(module=entry["module"], name=name, function=function) for form in _FORMS)
    return bodies
