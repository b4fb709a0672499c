"""Command lines of Python that start pip, and others that do not."""

from __future__ import annotations

from pathlib import Path

PYTHON = "/venv/bin/python"

# Each row: what stands behind `python`, the options that are kept, and the arguments of pip.
CAUGHT = [
    ("-m pip", [], []),
    ("-m pip install demo", [], ["install", "demo"]),
    ("-mpip install demo", [], ["install", "demo"]),
    ("-m pip.__main__ list", [], ["list"]),
    ("-m pip.__pip-runner__ list", [], ["list"]),
    ("-m runpy pip install demo", [], ["install", "demo"]),
    ("-mrunpy runpy pip list", [], ["list"]),
    ("-I -m pip list", ["-I"], ["list"]),
    ("-Im pip list", ["-I"], ["list"]),
    ("-Impip list", ["-I"], ["list"]),
    ("-Bm pip list", ["-B"], ["list"]),
    ("-Bmpip list", ["-B"], ["list"]),
    ("-BEsum pip list", ["-B", "-E", "-s", "-u"], ["list"]),
    ("-B -E -s -u -m pip list", ["-B", "-E", "-s", "-u"], ["list"]),
    ("-bb -OO -vv -d -i -q -R -m pip list", ["-b", "-b", "-O", "-O", "-v", "-v", "-d", "-i", "-q", "-R"], ["list"]),
    ("-x -m pip list", [], ["list"]),
    ("-xBm pip list", ["-B"], ["list"]),
    ("-W ignore -m pip list", ["-W", "ignore"], ["list"]),
    ("-Wignore -m pip list", ["-W", "ignore"], ["list"]),
    ("-BWignore -m pip list", ["-B", "-W", "ignore"], ["list"]),
    ("-BW ignore -mpip list", ["-B", "-W", "ignore"], ["list"]),
    ("-X utf8 -m pip list", ["-X", "utf8"], ["list"]),
    ("-Xutf8 -m pip list", ["-X", "utf8"], ["list"]),
    ("-X dev -X utf8=1 -m pip list", ["-X", "dev", "-X", "utf8=1"], ["list"]),
    ("-X -m -m pip list", ["-X", "-m"], ["list"]),
    ("-W -m -m pip list", ["-W", "-m"], ["list"]),
    ("--check-hash-based-pycs always -m pip list", ["--check-hash-based-pycs", "always"], ["list"]),
    ("--check-hash-based-pycs never -Bm pip", ["--check-hash-based-pycs", "never", "-B"], []),
    ("-B-check-hash-based-pycs always -m pip", ["-B", "--check-hash-based-pycs", "always"], []),
    ("-m pip -c pass", [], ["-c", "pass"]),
    ("-m pip -m venv", [], ["-m", "venv"]),
    ("-m pip -- demo", [], ["--", "demo"]),
    ("-m pip --python other list", [], ["--python", "other", "list"]),
    ("{pip}", [], []),
    ("{pip} install demo", [], ["install", "demo"]),
    ("-I {pip} install demo", ["-I"], ["install", "demo"]),
    ("-sE {pip} list", ["-s", "-E"], ["list"]),
    ("-- {pip} list", [], ["list"]),
    ("-u -- {pip} -m venv", ["-u"], ["-m", "venv"]),
    ("-X -- {pip} list", ["-X", "--"], ["list"]),
    ("-W -c {pip} list", ["-W", "-c"], ["list"]),
]
LEFT_ALONE = [
    "-B- -m pip",
    "-B-",
    "",
    "-",
    "- -m pip",
    "-- - -m pip",
    "-i",
    "-B",
    "-q -u",
    "-c pass",
    "-cpass -m pip",
    "-c pass -m pip install demo",
    "-Bc pass -m pip",
    "-Bcm pip install",
    "-m pipx run demo",
    "-mpipx",
    "-mpip3",
    "-m pip3 list",
    "-m pip_audit",
    "-m pip-guard",
    "-m pip_guard install demo",
    "-m pip._vendor.certifi",
    "-m pip._internal.main",
    "-m Pip",
    "-m pip. list",
    "-m .pip",
    "-m ensurepip --upgrade",
    "-m venv pip",
    "-m runpy",
    "-m runpy pipx pip",
    "-m this -m pip",
    "-m build -m pip",
    "-m -m pip",
    "-m -mpip pip",
    "-Wm pip",
    "-Wmpip",
    "-Xm pip",
    "-X importtime=pip -m this",
    "-W ignore::Warning:pip -m this",
    "-W -m pip",
    "-X -m pip install",
    "-X -mpip install",
    "--check-hash-based-pycs always x.py -m pip",
    "-B-check-hash-based-pycs default x.py -m pip",
    "-- -m pip",
    "-- -mpip",
    "{script}",
    "{script} -m pip",
    "{script} pip install demo",
    "-I {script} {pip}",
    "-x {script}",
    "missing.py",
    "missing/pip",
    "./-m pip",
]


def command_line(text: str, pip: Path, script: Path) -> list[str]:
    """Return the words of a row, with the paths of its files in their places."""
    return [PYTHON, *(word.format(pip=pip, script=script) for word in text.split())]


CONSOLE_SCRIPT = """\
#!/venv/bin/python
# -*- coding: utf-8 -*-
import re
import sys
from pip._internal.cli.main import {function}
if __name__ == '__main__':
    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])
    sys.exit({function}())
"""


def make_files(folder: Path) -> tuple[Path, Path]:
    """Make a console script of pip, and a script of another program."""
    pip, script = folder / "bin" / "pip", folder / "script.py"
    pip.parent.mkdir()
    pip.write_text(CONSOLE_SCRIPT.format(function="cli"), encoding="utf-8")
    script.write_text("import pip\n", encoding="utf-8")
    return pip, script
