"""What the ``site`` module of Python 3.14 and 3.15 makes of path files and start files, and whether the rule knows it.

The interpreters are those of Pyodide, CPython for WebAssembly, from the npm registry: their ``site.py`` is CPython's own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from pip_guard.facts.wheel import StartupFile
from pip_guard.policy.model import Policy
from pip_guard.rules.startup_code import RULE
from tests.kit.wheelhouse import AMBIENT
from tests.unit.rules.wheels import make_wheel_facts

pytestmark = [pytest.mark.slow, pytest.mark.network]

# The version of the package that has each version of Python (3.14.2; 3.15.0rc1, the newest on 2026-12-01).
PACKAGES = {"3.14": "pyodide@314.0.7", "3.15": "pyodide@315.0.0-alpha.2"}
RUN = "import sys; sys.ran.append('x')"
# What there is beside each file: import lines of another path file, and a function to call.
BESIDE = {
    "other.pth": "import sys; sys.ran.append('other')\n",
    "module.py": "import sys\ndef call(): sys.ran.append('x')\n",
}
OTHER = ["other"]
# The name and the text of a file, and what then runs in Python 3.14 and in 3.15.
CASES = {
    "import-line": ("x.pth", f"{RUN}\n", [*OTHER, "x"], [*OTHER, "x"]),
    "tab-after-import": ("x.pth", f"{RUN.replace(' ', chr(9), 1)}\n", [*OTHER, "x"], [*OTHER, "x"]),
    "no-line-end": ("x.pth", RUN, [*OTHER, "x"], [*OTHER, "x"]),
    "byte-order-mark": ("x.pth", f"\N{ZERO WIDTH NO-BREAK SPACE}{RUN}\n", [*OTHER, "x"], [*OTHER, "x"]),
    "second-line": ("x.pth", f"folder\n{RUN}\n", [*OTHER, "x"], [*OTHER, "x"]),
    "indented": ("x.pth", f"  {RUN}\n", OTHER, [*OTHER, "x"]),
    "indented-by-a-tab": ("x.pth", f"\t{RUN}\n", OTHER, [*OTHER, "x"]),
    "indented-by-a-wide-space": ("x.pth", f"\N{NO-BREAK SPACE}{RUN}\n", OTHER, [*OTHER, "x"]),
    "comment": ("x.pth", f"# {RUN}\n", OTHER, OTHER),
    "folder-that-begins-so": ("x.pth", "imports\nimporter\n", OTHER, OTHER),
    "folder": ("x.pth", "folder\n", OTHER, OTHER),
    "empty": ("x.pth", "", OTHER, OTHER),
    "start": ("x.start", "module:call\n", OTHER, [*OTHER, "x"]),
    "indented-start": ("x.start", "  module:call\n", OTHER, [*OTHER, "x"]),
    "start-of-another-name": ("other.start", "module:call\n", OTHER, ["x"]),
    "empty-start": ("other.start", "", OTHER, []),
    "comment-in-start": ("other.start", "# nothing\n", OTHER, []),
}
HARMLESS = {"comment", "folder-that-begins-so", "folder", "empty"}
PROGRAM = """
const { loadPyodide } = await import("pyodide");
const python = await loadPyodide({ stdout: () => {}, stderr: () => {} });
python.globals.set("given", process.argv[2]);
console.log(python.runPython(`
import json, os, site, sys

def run(number, files):
    folder = f"/cases/{number}"
    os.makedirs(folder)
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8", newline="") as file:
            file.write(text)
    sys.ran = []
    sys.modules.pop("module", None)
    before = sys.path[:]
    site.addsitedir(folder)
    sys.path[:] = before
    return sys.ran

json.dumps([sys.version.split()[0], *(run(number, files) for number, files in enumerate(json.loads(given)))])
`));
"""


def run_site(package: str, folder: Path) -> list[list[str] | str]:
    """Return the version of Python in a package, and what runs in each case; skip where it cannot be had."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("there is no npm or no node")
    environ = {**AMBIENT, "npm_config_cache": str(folder / "cache")}
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), package]
    fetched = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=300)
    if fetched.returncode:
        pytest.skip(f"{package} cannot be fetched: {fetched.stderr[-200:]}")
    program = folder / "program.mjs"
    program.write_text(PROGRAM, encoding="utf-8")
    given = json.dumps([{**BESIDE, name: text} for name, text, *_ in CASES.values()])
    ended = subprocess.run(
        [node, program, given], env=environ, capture_output=True, text=True, check=False, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
    answers: list[list[str] | str] = json.loads(ended.stdout)
    return answers


def is_refused(name: str, text: str) -> bool:
    """Tell whether the rule refuses a wheel with a file."""
    files = (StartupFile(path=name, content=text.encode()),)
    return bool(list(RULE.check(make_wheel_facts(startup_files=files), Policy())))


@pytest.mark.parametrize("python", [pytest.param(python, id=python) for python in PACKAGES])
def test_site_does_what_the_rule_expects(python: str, tmp_path: Path) -> None:
    version, *ran = run_site(PACKAGES[python], tmp_path)
    assert str(version).startswith(f"{python}.")
    column = list(PACKAGES).index(python)
    assert dict(zip(CASES, map(sorted, ran), strict=True)) == {
        name: sorted(expected[column]) for name, (_, _, *expected) in CASES.items()
    }


@pytest.mark.parametrize("case", [pytest.param(case, id=case) for case in CASES])
def test_whatever_has_an_effect_in_one_of_them_is_refused(case: str) -> None:
    name, text, *ran = CASES[case]
    assert is_refused(name, text) == any(each != OTHER for each in ran) == (case not in HARMLESS)
