"""Test which starts of Python are starts of pip."""

from __future__ import annotations

import ensurepip
import json
import os
import subprocess
import venv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pip_guard import relaunched
from pip_guard.integrations.hook_detection import find_pip, is_ensurepip, runs_pip, split

PYTHON = "/venv/bin/python"
Found = tuple[list[str], list[str]] | None

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
    return [PYTHON, *(word.format(pip=pip, script=script) for word in text.split())]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    pip, script = tmp_path / "bin" / "pip", tmp_path / "script.py"
    pip.parent.mkdir()
    pip.write_text(CONSOLE_SCRIPT.format(function="cli"), encoding="utf-8")
    script.write_text("import pip\n", encoding="utf-8")
    return pip, script


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


@pytest.mark.parametrize(("words", "options", "arguments"), [pytest.param(*row, id=row[0]) for row in CAUGHT])
def test_catches(words: str, options: list[str], arguments: list[str], files: tuple[Path, Path]) -> None:
    command = command_line(words, *files)
    assert find_pip(command, ["-m", *arguments]) == (options, arguments)


@pytest.mark.parametrize("words", LEFT_ALONE)
def test_leaves_alone(words: str, files: tuple[Path, Path]) -> None:
    command = command_line(words, *files)
    try:
        found: Found = find_pip(command, [""])
    except OSError:  # `start` lets Python say that there is no such file
        found = None
    assert found is None


def test_leaves_programs_alone_that_embed_python() -> None:
    command = ["editor", "-m", "pip", "list"]
    assert find_pip(command, command) is None
    assert find_pip([], [""]) is None


def test_a_long_option_that_no_python_has_yet_takes_no_value() -> None:
    assert split([PYTHON, "--future", "-m", "pip", "list"]) == (["--future"], "m", "pip", ["list"])


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
    (site_packages / "sitecustomize.py").write_text(REPORT, encoding="utf-8")
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


# ---- scripts, folders and archives


def write(path: Path, content: str | bytes = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def make_pip(folder: Path) -> Path:
    for name in ("__init__.py", "__main__.py", "__pip-runner__.py", "_internal/__init__.py"):
        write(folder / name)
    return folder


def linked(path: Path, target: Path) -> Path:
    path.symlink_to(target)
    return path


def console(folder: Path, name: str, *, module: str = "pip._internal.cli.main", function: str = "main") -> Path:
    text = CONSOLE_SCRIPT.format(function=function).replace("pip._internal.cli.main", module)
    return write(folder / name, text)


ENTRY_POINT = """\
#!/usr/bin/python
# EASY-INSTALL-ENTRY-SCRIPT: '{name}==9.0','console_scripts','{command}'
__requires__ = '{name}==9.0'
import re
import sys
from pkg_resources import load_entry_point

if __name__ == '__main__':
    sys.exit(load_entry_point('{name}==9.0', 'console_scripts', '{command}')())
"""
UV_SCRIPT = """\
#!/venv/bin/python
# -*- coding: utf-8 -*-
import sys
from pip._internal.cli.main import main
if __name__ == "__main__":
    if sys.argv[0].endswith("-script.pyw"):
        sys.argv[0] = sys.argv[0][:-11]
    sys.exit(main())
"""
LONG_SHEBANG = "#!/bin/sh\n'''exec' \"/a very/long path/python\" \"$0\" \"$@\"\n' '''\n"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda f: console(f, "pip"), id="pip"),
        pytest.param(lambda f: console(f, "pip3"), id="pip3"),
        pytest.param(lambda f: console(f, "pip3.11", function="cli"), id="pip3.11"),
        pytest.param(lambda f: console(f, "anything"), id="under-another-name"),
        pytest.param(lambda f: console(f, "pip-script.py"), id="windows-script"),
        pytest.param(lambda f: console(f, "pip", module="pip._internal"), id="pip-10"),
        pytest.param(lambda f: console(f, "pip", module="pip._internal.main"), id="pip-19"),
        pytest.param(lambda f: console(f, "pip", module="pip"), id="pip-9"),
        pytest.param(lambda f: write(f / "pip", UV_SCRIPT), id="uv"),
        pytest.param(lambda f: write(f / "pip", UV_SCRIPT.replace("\n", "\r\n")), id="line-ends-of-windows"),
        pytest.param(lambda f: write(f / "pip", LONG_SHEBANG + UV_SCRIPT), id="long-shebang"),
        pytest.param(lambda f: write(f / "pip", ENTRY_POINT.format(name="pip", command="pip3")), id="setuptools"),
        pytest.param(lambda f: linked(f / "link", console(f, "pip")), id="link-to-script"),
        pytest.param(lambda f: linked(f / "pip", console(f, ".pip-wrapped")), id="link-called-pip"),
        pytest.param(lambda f: make_pip(f / "pip"), id="folder"),
        pytest.param(lambda f: linked(f / "link", make_pip(f / "pip")), id="link-to-folder"),
        pytest.param(lambda f: make_pip(f / "pip") / "__main__.py", id="main"),
        pytest.param(lambda f: make_pip(f / "pip") / "__pip-runner__.py", id="runner"),
        pytest.param(lambda f: linked(f / "link.py", make_pip(f / "pip") / "__main__.py"), id="link-to-main"),
        pytest.param(lambda f: write(f / "pip-26.3-py3-none-any.whl") / "pip", id="wheel"),
        pytest.param(lambda f: write(f / "pip.pyz"), id="zipapp"),
        pytest.param(lambda f: write(f / "pip-26.3.pyz"), id="zipapp-with-version"),
        pytest.param(lambda f: write(f / "Pip.PYZ"), id="zipapp-in-capitals"),
        pytest.param(lambda f: write(f / "pip.exe", b"MZ"), id="program-of-windows"),
        pytest.param(lambda f: write(f / "pip3.11.exe", b"MZ"), id="program-of-windows-with-version"),
    ],
)
def test_knows_what_runs_pip(make: Callable[[Path], Path], tmp_path: Path) -> None:
    assert runs_pip(str(make(tmp_path)))


def test_knows_scripts_by_relative_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    console(tmp_path / "venv" / "bin", "pip")
    make_pip(tmp_path / "pip")
    monkeypatch.chdir(tmp_path)
    assert [runs_pip(path) for path in ("venv/bin/pip", "./venv/bin/../bin/pip", "pip", "pip/", "./pip")] == [True] * 5


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pip")
    return folder / "pip"


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda f: write(f / "pip", "print('something else')\n"), id="another-program-called-pip"),
        pytest.param(lambda f: write(f / "pip", "import pip\npip.main(['list'])\n"), id="own-program"),
        pytest.param(
            lambda f: write(f / "x.py", "from pip._internal.cli.main import main\nmain(['list'])\n"), id="own-arguments"
        ),
        pytest.param(
            lambda f: write(f / "x.py", "# from pip import main\nimport sys\nsys.exit(main())\n"), id="in-a-comment"
        ),
        pytest.param(lambda f: console(f, "pip-guard", module="pip_guard.cli"), id="pip-guard"),
        pytest.param(lambda f: console(f, "pipx", module="pipx.main"), id="pipx"),
        pytest.param(lambda f: console(f, "pip-compile", module="piptools.scripts"), id="pip-tools"),
        pytest.param(
            lambda f: write(f / "x", ENTRY_POINT.format(name="pip-tools", command="pip-sync")), id="other-entry"
        ),
        pytest.param(
            lambda f: write(f / "x", ENTRY_POINT.format(name="build", command="pip-build")), id="other-project"
        ),
        pytest.param(lambda f: write(f / "x.py", UV_SCRIPT + "#" * 5000), id="long-program"),
        pytest.param(lambda f: write(f / "x.py", b"\xff\xfe\0"), id="no-text"),
        pytest.param(lambda f: write(f / "x.py"), id="empty"),
        pytest.param(pipe, id="pipe"),
        pytest.param(lambda f: write(f / "pip" / "__main__.py"), id="main-of-another-pip"),
        pytest.param(lambda f: make_pip(f / "nip") / "__main__.py", id="main-of-what-is-not-called-pip"),
        pytest.param(lambda f: write(f / "app" / "__main__.py"), id="main"),
        pytest.param(lambda f: write(f / "pip" / "__main__.py").parent, id="another-folder-called-pip"),
        pytest.param(lambda f: write(f / "pipx.pyz"), id="zipapp-of-pipx"),
        pytest.param(lambda f: write(f / "pipx.exe", b"MZ"), id="program-of-pipx"),
        pytest.param(lambda f: write(f / "python3.exe", b"MZ"), id="program"),
        pytest.param(lambda f: write(f / "x.whl", b"PK"), id="wheel-itself"),
        pytest.param(lambda f: f, id="folder"),
        pytest.param(lambda f: Path(relaunched.__file__), id="runner-of-pip-guard"),
    ],
)
def test_knows_what_does_not_run_pip(make: Callable[[Path], Path], tmp_path: Path) -> None:
    assert not runs_pip(str(make(tmp_path)))


# ---- the one who may run pip in its own process


@pytest.fixture
def ensurepip_command(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the command line by which the library itself installs pip."""
    commands: list[list[str]] = []

    def run(command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    ensurepip.bootstrap()
    return commands[0]


def test_knows_ensurepip(ensurepip_command: list[str]) -> None:
    assert is_ensurepip(ensurepip_command)
    assert find_pip(ensurepip_command, ["-c"]) is None


def test_ensurepip_may_not_go_online(ensurepip_command: list[str]) -> None:
    assert not is_ensurepip([word.replace("--no-index", "--pre") for word in ensurepip_command])


@pytest.mark.parametrize(
    "code", ["pass", "import pip; pip.main()", "['install', '--no-cache-dir', '--no-index', '--find-links', "]
)
def test_knows_what_is_not_ensurepip(code: str) -> None:
    assert not is_ensurepip([PYTHON, "-c", code])
    assert not is_ensurepip([PYTHON, "-m", "ensurepip"])
