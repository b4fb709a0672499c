"""Scripts that installers make for entry points are recognised whatever interpreter they name."""

from __future__ import annotations

import pytest

from pip_guard.distributions.installed.console_scripts import is_console_script

BIN = "/venv/bin"
ENTRY_POINTS = """\
[other]
x = evil:main

[console_scripts]
demo = demo.cli:Tool.main [extra]
broken
[gui_scripts]
window=demo:window
"""
OLD = """\
# -*- coding: utf-8 -*-
import re
import sys
from {module} import {name}
if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])
    sys.exit({function}())
"""
NEW = """\
import sys
from {module} import {name}
if __name__ == '__main__':
    sys.argv[0] = sys.argv[0].removesuffix('.exe')
    sys.exit({function}())
"""
DISTLIB = """\
# -*- coding: utf-8 -*-
import re
import sys
if __name__ == '__main__':
    from {module} import {name}
    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])
    sys.exit({function}())
"""
UV = """\
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
DEMO = {"module": "demo.cli", "name": "Tool", "function": "Tool.main"}
WINDOW = {"module": "demo", "name": "window", "function": "window"}
EVIL = {"module": "evil", "name": "main", "function": "main"}
PLAIN = f"#!{BIN}/python3.11\n"


@pytest.mark.parametrize(
    ("script", "known"),
    [
        pytest.param(PLAIN + OLD.format(**DEMO), True, id="pip"),
        pytest.param(PLAIN + NEW.format(**DEMO), True, id="newer-pip"),
        pytest.param(PLAIN + DISTLIB.format(**DEMO), True, id="virtualenv"),
        pytest.param(PLAIN + UV.format(**DEMO), True, id="uv"),
        pytest.param(PLAIN + NEW.format(**WINDOW), True, id="without-console"),
        pytest.param(f"#!/bin/sh\n'''exec' {BIN}/python \"$0\" \"$@\"\n' '''\n{NEW.format(**DEMO)}", True, id="shell"),
        pytest.param(
            f"#!/bin/sh\n'''exec' \"{BIN}/pypy3.11\" \"$0\" \"$@\"\n' '''\n{NEW.format(**DEMO)}", True, id="quoted"
        ),
        pytest.param(f"#!{BIN}/python -E\n{NEW.format(**DEMO)}", True, id="pipx"),
        pytest.param(f"#!{BIN}/python -cimport\\x20evil\n{NEW.format(**DEMO)}", False, id="another-option"),
        pytest.param(PLAIN + NEW.format(**EVIL), False, id="entry-point-of-another-group"),
        pytest.param(PLAIN + NEW.format(**DEMO) + "import evil\n", False, id="more"),
        pytest.param(PLAIN, False, id="nothing"),
        pytest.param("", False, id="empty"),
        pytest.param(NEW.format(**DEMO), False, id="no-interpreter"),
        pytest.param(f"#!/tmp/python\n{NEW.format(**DEMO)}", False, id="interpreter-elsewhere"),
        pytest.param(f"#!{BIN}/../../tmp/python\n{NEW.format(**DEMO)}", False, id="dots"),
        pytest.param(f"#!{BIN}/evil\n{NEW.format(**DEMO)}", False, id="no-python"),
        pytest.param(
            f"#!/bin/sh\n'''exec' {BIN}/python \"$0\" \"$@\"; evil\n' '''\n{NEW.format(**DEMO)}", False, id="more-shell"
        ),
    ],
)
def test_knows_a_script_by_all_but_its_interpreter(script: str, known: bool) -> None:
    assert is_console_script(script.encode(), ENTRY_POINTS.encode(), BIN) is known
