"""Test that command lines are understood as CPython itself understands them."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pip_guard.integrations.hook_detection import split
from tests.unit.integrations.command_lines import CAUGHT, LEFT_ALONE, command_line, make_files

# ---- what CPython itself makes of these command lines

REPORT = """\
import json, os, sys
options = sorted(map(str, sys._xoptions.items()))
print(json.dumps([sys.orig_argv, sys.argv, repr(sys.flags), sys.warnoptions, options]), flush=True)
os._exit(0)
"""


@pytest.fixture(scope="module")
def reporting_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an interpreter that, whatever it is started with, only says how it has understood that."""
    folder = tmp_path_factory.mktemp("reporting")
    venv.create(folder, symlinks=True)
    (site_packages,) = folder.glob("lib/python*/site-packages")
    (site_packages / "reports.py").write_text(REPORT, encoding="utf-8")
    # not a sitecustomize: Debian's interpreter has one of its own, which comes first
    (site_packages / "reports.pth").write_text("import reports\n", encoding="utf-8")
    return folder / "bin" / "python"


def ask(python: Path, *words: str) -> list[object] | None:
    """Return what an interpreter makes of its arguments, or None if it does not start with them."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
    asked = subprocess.run(
        [python, *words],
        capture_output=True,
        check=False,
        env=environ,
        cwd="/",
        input="",
        encoding="utf-8",
        errors="replace",
    )
    lines = [line for line in asked.stdout.splitlines() if line.startswith("[[")]
    return list(json.loads(lines[-1])) if lines and asked.returncode == 0 else None


def agrees(python: Path, words: list[str]) -> bool:
    """Compare `split` with an interpreter; return whether that starts with these arguments at all."""
    understood = ask(python, *words)
    if understood is None:
        return False
    command, argv, flags, warnings, x_options = understood
    assert isinstance(command, list)
    assert isinstance(argv, list)
    options, kind, what, rest = split(command)
    assert {"m": ["-m"], "c": ["-c"]}.get(kind, [what]) + rest == argv
    assert not what or command[len(command) - len(rest) - 1].endswith(what)
    # the options mean the same when they are given to a script
    again = [[str(python), *options, "script.py"], ["script.py"], flags, warnings, x_options]
    assert ask(python, *options, "script.py") == again
    return True


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return make_files(tmp_path)


@pytest.mark.parametrize("words", [*(row[0] for row in CAUGHT), *LEFT_ALONE])
def test_understands_command_lines_as_python_does(words: str, reporting_python: Path, files: tuple[Path, Path]) -> None:
    assert agrees(reporting_python, command_line(words, *files)[1:])


WORDS = st.one_of(
    st.sampled_from(
        ["-", "--", "-m", "-c", "-W", "-X", "pip", "pip.py", "ignore", "utf8", "-x", "", "always", "-mpip"]
    ),
    st.sampled_from(["--check-hash-based-pycs", "-B-check-hash-based-pycs", "-Im", "-BWignore", "-Xdev", "-é", "--x"]),
    st.text(alphabet="BEsuOqbdvxmcWX-p", min_size=1, max_size=4).map(lambda letters: f"-{letters}"),
)


@pytest.mark.slow
@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@example(words=["-B-", "-m"])
@example(words=["-B-", "-W", "-", "--check-hash-based-pycs"])
@example(words=["-B-", "--"])
@given(words=st.lists(WORDS, max_size=6))
def test_understands_any_command_line_as_python_does(words: list[str], reporting_python: Path) -> None:
    agrees(reporting_python, words)
