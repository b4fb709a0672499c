"""Test what becomes of a start of Python in which the hook runs."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import pytest

from pip_guard import relaunch_script
from pip_guard.integrations import hook_source
from pip_guard.integrations.hook_source import (
    OLD_SCRIPT,
    STARTED_AS,
    Watch,
    guarded,
    hand_over,
    run,
    run_beside,
    run_hidden,
    start,
)
from pip_guard.pip_adapter import entry

PYTHON = "/venv/bin/python"


def write(path: Path, content: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _imports_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))


class EndedError(BaseException):
    """Takes the place of the end of this process, or of the start of another one."""


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Collect how the process would have ended."""
    ends: list[object] = []

    def end(*arguments: object) -> NoReturn:
        ends.append(arguments)
        raise EndedError

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr(os, "execv", end)
    return ends


def start_with(monkeypatch: pytest.MonkeyPatch, *words: str, needed: tuple[str, ...] = (), here: str = "/x.py") -> None:
    monkeypatch.setattr(sys, "orig_argv", [PYTHON, *words])
    monkeypatch.setattr(sys, "argv", [""])
    monkeypatch.setenv(STARTED_AS, "")
    start(here, runner="/guard/runner.py", modules="{}", needed=needed, hides=False)


def test_hands_over_to_pip_guard(monkeypatch: pytest.MonkeyPatch, ended: list[object], tmp_path: Path) -> None:
    with pytest.raises(EndedError):
        start_with(monkeypatch, "-Im", "pip", "install", "a b", needed=(str(tmp_path),))
    assert ended == [(sys.executable, [sys.executable, "-I", "/guard/runner.py", "{}", "install", "a b"])]


@pytest.mark.parametrize(
    ("script", "name"),
    [
        pytest.param("-m", "__main__.py", id="module"),
        pytest.param("/venv/site-packages/pip/__main__.py", "__main__.py", id="file"),
        pytest.param("/venv/site-packages/pip/__pip-runner__.py", "__main__.py", id="runner"),
        pytest.param("/venv/bin/pip3.14", "pip3.14", id="script"),
    ],
)
def test_hands_over_the_name_that_pip_goes_by(
    script: str, name: str, monkeypatch: pytest.MonkeyPatch, ended: list[object]
) -> None:
    monkeypatch.setattr(sys, "orig_argv", [PYTHON, "-m", "pip"])
    monkeypatch.setattr(sys, "argv", [script])
    monkeypatch.setenv(STARTED_AS, "")
    with pytest.raises(EndedError):
        start("/x.py", runner="", modules="", needed=(), hides=False)
    assert (len(ended), os.environ[STARTED_AS]) == (1, name)


@pytest.mark.parametrize(
    ("text", "is_old"),
    [
        pytest.param("from pip import main\nsys.exit(main())\n", True, id="pip"),
        pytest.param("from pip._internal import main\nsys.exit(main())\n", True, id="internal"),
        pytest.param("from pip._internal.cli.main import main\nsys.exit(main())\n", False, id="today"),
        pytest.param("from pip import main\n" + "#" * 5000, False, id="long"),
    ],
)
def test_says_that_pip_warns_of_a_script(
    monkeypatch: pytest.MonkeyPatch, ended: list[object], tmp_path: Path, text: str, is_old: bool
) -> None:
    script = tmp_path / "pip"
    script.write_text(text, encoding="utf-8")
    for name in (STARTED_AS, OLD_SCRIPT):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(sys, "orig_argv", [PYTHON, "-m", "pip"])
    monkeypatch.setattr(sys, "argv", [str(script)])
    with pytest.raises(EndedError):
        start("/x.py", runner="", modules="", needed=(), hides=False)
    assert (len(ended), os.environ[OLD_SCRIPT]) == (1, "1" if is_old else "")


def test_those_who_read_the_variables_know_them() -> None:
    assert relaunch_script.STARTED_AS == STARTED_AS
    assert entry.OLD_SCRIPT == OLD_SCRIPT


def test_hands_over_without_streams(monkeypatch: pytest.MonkeyPatch, ended: list[object]) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    with pytest.raises(EndedError):
        start_with(monkeypatch, "-m", "pip")
    assert ended == [(sys.executable, [sys.executable, "/guard/runner.py", "{}"])]


def test_does_nothing_where_something_else_starts(monkeypatch: pytest.MonkeyPatch, ended: list[object]) -> None:
    start_with(monkeypatch, "-c", "pass")
    assert ended == []


@pytest.mark.parametrize("words", [("nowhere/script.py",), ("-m",), ("-W",), ("--check-hash-based-pycs",)])
def test_never_keeps_python_from_starting(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, ended: list[object]
) -> None:
    start_with(monkeypatch, *words)
    assert ended == []


def test_knows_nothing_where_python_does_not_say_how_it_was_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(sys, "orig_argv")
    start("/x.py", runner="", modules="", needed=(), hides=False)


REFUSAL = """\
error: pip runs under guard here, but pip-guard cannot be started: {reason}.

hint: Install pip-guard there again, or remove the lines from "# >>> pip-guard >>>" to "# <<< pip-guard <<<"
      from /lib/sitecustomize.py

Nothing was installed.
"""


def test_refuses_where_pip_guard_is_gone(
    monkeypatch: pytest.MonkeyPatch, ended: list[object], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    gone = str(tmp_path / "gone")
    with pytest.raises(EndedError):
        start_with(monkeypatch, "-m", "pip", needed=(gone,), here="/lib/sitecustomize.py")
    assert ended == [(40,)]
    assert capsys.readouterr() == ("", REFUSAL.format(reason=f"{gone} is missing"))


def test_refuses_where_pip_guard_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, ended: list[object], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(EndedError):
        hand_over("/lib/sitecustomize.py", [], (str(tmp_path),))
    assert ended == [(40,)]
    assert capsys.readouterr().err == REFUSAL.format(reason=f"{tmp_path} cannot be read")


def test_refuses_without_an_interpreter_to_start(
    monkeypatch: pytest.MonkeyPatch, ended: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(EndedError):
        hand_over("/lib/sitecustomize.py", [], ())
    assert ended == [(40,)]
    reason = "Python does not know where its interpreter is"
    assert capsys.readouterr().err == REFUSAL.format(reason=reason)


def test_refuses_where_the_interpreter_does_not_start(
    monkeypatch: pytest.MonkeyPatch, ended: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(path: str, command: list[str]) -> None:
        raise OSError(7, "Argument list too long")

    monkeypatch.setattr(os, "execv", fail)
    with pytest.raises(EndedError):
        hand_over("/lib/sitecustomize.py", [], ())
    assert ended == [(40,)]
    assert capsys.readouterr().err == REFUSAL.format(reason="OSError: [Errno 7] Argument list too long")


def test_refuses_without_a_stream_to_say_so(monkeypatch: pytest.MonkeyPatch, ended: list[object]) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(EndedError):
        hand_over("/lib/sitecustomize.py", [], ())
    assert ended == [(40,)]


def test_waits_where_a_process_cannot_be_replaced(monkeypatch: pytest.MonkeyPatch, ended: list[object]) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "other")
        with pytest.raises(EndedError):
            run([sys.executable, "-c", "raise SystemExit(7)"])
    assert ended == [(7,)]


# ---- pip that is called in a process of another program's


def test_runs_pip_guard_beside_a_program_that_calls_pip(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    runner = write(tmp_path / "runner.py", "import sys; print(sys.argv[1:]); sys.exit(7)")
    sys.stdout.write("before\n")
    code = run_beside("/lib/sitecustomize.py", [str(runner), "{}", "install", "a b"], (str(runner),))
    assert (code, capfd.readouterr().out) == (7, "before\n['{}', 'install', 'a b']\n")


def test_refuses_beside_a_program_that_calls_pip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = str(tmp_path / "gone")
    assert run_beside("/lib/sitecustomize.py", [], (gone,)) == 40
    assert capsys.readouterr().err == REFUSAL.format(reason=f"{gone} is missing")


@pytest.fixture
def pip_module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[], ModuleType]]:
    """Put a module in the place of pip's, which says what it is called with, and return what loads it."""
    monkeypatch.setattr(hook_source, "ENTRY_POINT", "package_of_test.entry")
    write(tmp_path / "package_of_test" / "__init__.py")
    content = "def cli(args=None):\n    return ('plain', args)\n\nmarker = 1\n"
    write(tmp_path / "package_of_test" / "entry.py", content)
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda: importlib.import_module("package_of_test.entry")
    for name in [name for name in sys.modules if name.startswith("package_of_test")]:
        del sys.modules[name]


def watch(calls: list[list[str]]) -> None:
    def guard(arguments: list[str]) -> int:
        calls.append(arguments)
        return 40

    sys.meta_path.insert(0, Watch(guard))


def test_guards_what_programs_call(pip_module: Callable[[], ModuleType], monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    watch(calls)
    module = pip_module()
    monkeypatch.delitem(sys.modules, "pip_guard")
    monkeypatch.setattr(sys, "argv", ["program", "list"])
    monkeypatch.setattr(sys, "orig_argv", [PYTHON, "program"])
    assert (module.cli(["install", "demo"]), module.cli()) == (40, 40)
    assert calls == [["install", "demo"], ["list"]]
    assert (module.marker, hasattr(module, "main")) == (1, False)
    assert "def cli" in module.__loader__.get_source("package_of_test.entry")  # type: ignore[union-attr]


def test_pip_guard_itself_calls_pip(pip_module: Callable[[], ModuleType]) -> None:
    calls: list[list[str]] = []
    watch(calls)
    assert pip_module().cli(["list"]) == ("plain", ["list"])
    assert calls == []


def test_ensurepip_calls_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pip_guard")
    monkeypatch.setattr(hook_source, "is_ensurepip", lambda command: True)
    assert guarded(lambda arguments: 3, lambda arguments: 40)([]) == 3


def test_asks_no_finder_of_the_kind_that_python_has_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", [object()])
    assert Watch(lambda arguments: 40).find_spec("pip._internal.cli.main") is None


def test_finds_nothing_where_there_is_no_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook_source, "ENTRY_POINT", "package_that_is_nowhere")
    watch([])
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("package_that_is_nowhere")
    assert importlib.util.find_spec("json.tool") is not None


# ---- the sitecustomize behind


@pytest.fixture
def hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Put a file behind the folder of ours, and return ours."""
    name = "sitecustomize_of_test"

    def make(content: str) -> str:
        write(tmp_path / "before" / f"{name}.py", "raise AssertionError")
        write(tmp_path / "behind" / f"{name}.py", content)
        here = write(tmp_path / "ours" / f"{name}.py")
        monkeypatch.setattr(sys, "path", [str(tmp_path / folder) for folder in ("before", "ours", "none", "behind")])
        monkeypatch.delitem(sys.modules, name, raising=False)
        return str(here)

    return make


def test_runs_what_it_hides(hidden: Callable[[str], str]) -> None:
    here = hidden("import sys\nvalue = (__name__, sys.modules[__name__].__file__ == __file__)\n")
    start(here, runner="", modules="", needed=(), hides=True)
    assert sys.modules["sitecustomize_of_test"].value == ("sitecustomize_of_test", True)


def test_lets_errors_of_what_it_hides_pass(hidden: Callable[[str], str]) -> None:
    here = hidden("raise LookupError('as before')\n")
    with pytest.raises(LookupError, match="as before"):
        run_hidden(here)


def test_hides_nothing_where_there_is_nothing(hidden: Callable[[str], str], tmp_path: Path) -> None:
    here = hidden("")
    (tmp_path / "behind" / "sitecustomize_of_test.py").unlink()
    run_hidden(here)
    (tmp_path / "behind" / "sitecustomize_of_test").mkdir()
    run_hidden(here)
    assert "sitecustomize_of_test" not in sys.modules


def test_hides_nothing_where_it_is_not_on_the_path(
    hidden: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = hidden("raise AssertionError")
    sys.path.remove(str(Path(here).parent))
    run_hidden(here)
