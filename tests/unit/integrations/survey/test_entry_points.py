"""Test how entry points are judged."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pip_guard.integrations.file_edits import with_block
from pip_guard.integrations.integration import IntegrationState
from pip_guard.integrations.interpreter_layout import Interpreter, describe
from pip_guard.integrations.survey.entry_points import (
    EntryPoint,
    EntryPointKind,
    EntryPointState,
    Evidence,
    Machine,
    find_entry_points,
)
from tests.unit.integrations.machines import make_base, make_environment, make_program, make_script

SHIM = b"#!/bin/sh\n" + with_block(b"", "exec pip-guard")
NO_SHELLS: Mapping[str, IntegrationState] = {}


def integration(*problems: tuple[str, str], enabled: bool = True, files: tuple[Path, ...] = ()) -> IntegrationState:
    return IntegrationState(
        integration="x", place="x", enabled=enabled, covers="all of it", files=files, problems=problems
    )


def judge(
    *interpreters: Interpreter,
    path: str = "",
    folders: tuple[str, ...] = (),
    hook: IntegrationState | None = None,
    shims: tuple[IntegrationState, ...] = (),
    shells: Mapping[str, IntegrationState] = NO_SHELLS,
    launcher: str = "/nowhere/pip-guard",
) -> dict[str, tuple[EntryPointState, str, str | None]]:
    machine = Machine(interpreters=interpreters, folders=folders, search_path=path, launcher=launcher)
    evidence = Evidence(hook_in=lambda library, program: hook or integration(enabled=False), shims=shims, shells=shells)
    return {each.key: (each.state, each.reason, each.remedy) for each in find_entry_points(machine, evidence)}


def test_without_a_hook_everything_of_an_interpreter_is_open(tmp_path: Path) -> None:
    program = make_base(tmp_path)
    found = judge(describe(str(program)), path=str(program.parent), folders=(str(program.parent),))
    state = (
        EntryPointState.OPEN,
        f"pip is unguarded: {tmp_path}/lib/python3.11 has no start-up hook",
        f"pip-guard guard enable --interpreter {program}",
    )
    keys = ("command:pip", f"script:{program.parent}/pip", f"module:{program}")
    assert found == dict.fromkeys(keys, state)


def test_with_a_hook_everything_of_an_interpreter_is_guarded(tmp_path: Path) -> None:
    program = make_base(tmp_path)
    found = judge(describe(str(program)), path=str(program.parent), hook=integration())
    state = (EntryPointState.GUARDED, f"start-up hook in {tmp_path}/lib/python3.11", None)
    keys = ("command:pip", f"script:{program.parent}/pip", f"module:{program}")
    assert found == dict.fromkeys(keys, state)


def test_hook_that_does_not_work_guards_nothing(tmp_path: Path) -> None:
    program = make_base(tmp_path)
    found = judge(describe(str(program)), hook=integration(("it is old", "Renew it."), ("and more", "x")))
    assert found[f"module:{program}"] == (EntryPointState.OPEN, "it is old", "Renew it.")


def test_environment_is_closed_by_the_interpreter_that_it_was_made_from(tmp_path: Path) -> None:
    base = make_base(tmp_path / "base")
    own = make_environment(tmp_path / "venv", base)
    found = judge(describe(str(base)), describe(str(own)))
    assert found[f"module:{own}"][2] == f"pip-guard guard enable --interpreter {base}"


def test_environment_alone_is_closed_by_itself(tmp_path: Path) -> None:
    own = make_environment(tmp_path / "venv", make_base(tmp_path / "base"))
    assert judge(describe(str(own)))[f"module:{own}"][2] == f"pip-guard guard enable --interpreter {own}"


def test_interpreter_without_pip_is_no_entry_point(tmp_path: Path) -> None:
    assert judge(describe(str(make_base(tmp_path, pip=False)))) == {}


def test_old_interpreter_is_open_and_stays_so(tmp_path: Path) -> None:
    program = make_base(tmp_path, "3.9")
    assert judge(describe(str(program)), hook=integration())[f"module:{program}"] == (
        EntryPointState.OPEN,
        "pip is unguarded: Python 3.9 is too old for a start-up hook",
        "Use Python 3.10 or newer.",
    )


def test_interpreter_whose_library_is_not_known_is_unknown(tmp_path: Path) -> None:
    program = make_program(tmp_path / "bin" / "python")
    script = make_script(tmp_path / "bin" / "pip", program)
    assert judge(folders=(str(script.parent),), hook=integration()) == {
        f"script:{script}": (
            EntryPointState.UNKNOWN,
            f"its files do not say where the library of {program} is",
            None,
        )
    }


def test_script_of_an_interpreter_that_is_gone_is_unknown(tmp_path: Path) -> None:
    script = make_script(tmp_path / "pip", tmp_path / "python3")
    assert judge(folders=(str(tmp_path),))[f"script:{script}"] == (
        EntryPointState.UNKNOWN,
        f"its interpreter {tmp_path}/python3 is missing",
        f"Remove {script}.",
    )


def test_what_is_not_python_is_unknown(tmp_path: Path) -> None:
    script = make_program(tmp_path / "pip3", "#!/bin/sh\n")
    assert judge(path=str(tmp_path))["command:pip3"] == (
        EntryPointState.UNKNOWN,
        "it is not a Python script, so what it starts is unknown",
        "Look at it.",
    )
    assert judge(folders=(str(tmp_path), str(tmp_path / "."))).keys() == {f"script:{script}"}


def test_pip_guard_under_the_name_of_pip_is_guarded(tmp_path: Path) -> None:
    launcher = make_program(tmp_path / "pip-guard")
    (tmp_path / "pip").symlink_to(launcher)
    found = judge(path=str(tmp_path), launcher=str(launcher))
    assert found == {"command:pip": (EntryPointState.GUARDED, "it is pip-guard", None)}


@pytest.mark.parametrize(
    ("problems", "expected"),
    [
        pytest.param((), (EntryPointState.GUARDED, "shim", None), id="works"),
        pytest.param(
            (("it is not on PATH", "Put it first"),), (EntryPointState.GUARDED, "shim", None), id="what-is-about-path"
        ),
        pytest.param(
            (("not first", "x"), ("changed", "pip-guard guard enable --shims /x")),
            (EntryPointState.OPEN, "changed", "pip-guard guard enable --shims /x"),
            id="changed",
        ),
    ],
)
def test_shim_is_judged_by_its_own_problems(
    tmp_path: Path, problems: tuple[tuple[str, str], ...], expected: tuple[EntryPointState, str, str | None]
) -> None:
    shim = make_program(tmp_path / "pip", SHIM)
    assert judge(path=str(tmp_path), shims=(integration(*problems, files=(shim,)),)) == {"command:pip": expected}


def test_shim_that_nobody_knows_is_unknown(tmp_path: Path) -> None:
    make_program(tmp_path / "pip", SHIM)
    assert judge(path=str(tmp_path))["command:pip"] == (
        EntryPointState.UNKNOWN,
        "it looks like a shim, but is in no known folder of shims",
        "pip-guard guard enable --shims",
    )


def test_first_program_on_path_is_what_a_command_finds(tmp_path: Path) -> None:
    shim = make_program(tmp_path / "shims" / "pip", SHIM)
    program = make_base(tmp_path / "base")
    path = f"{shim.parent}:{program.parent}"
    found = judge(path=path, folders=(str(program.parent),), shims=(integration(files=(shim,)),))
    assert found["command:pip"][0] is EntryPointState.GUARDED
    assert found[f"script:{program.parent}/pip"][0] is EntryPointState.OPEN


def test_what_chooses_among_guarded_interpreters_is_guarded(tmp_path: Path) -> None:
    program = make_base(tmp_path / "versions" / "3.11.7")
    make_program(tmp_path / "shims" / "pip", '#!/bin/sh\nexec "x/pyenv" exec pip\n')
    found = judge(describe(str(program)), path=str(tmp_path / "shims"), hook=integration())
    assert found["command:pip"] == (
        EntryPointState.GUARDED,
        "all interpreters that it may choose are guarded",
        None,
    )


def test_what_chooses_among_open_interpreters_is_open(tmp_path: Path) -> None:
    program = make_base(tmp_path / "versions" / "3.11.7")
    make_program(tmp_path / "shims" / "pip", '#!/bin/sh\nexec "x/pyenv" exec pip\n')
    found = judge(describe(str(program)), path=str(tmp_path / "shims"))
    assert found["command:pip"] == (
        EntryPointState.OPEN,
        "it may choose an interpreter that is not guarded",
        f"pip-guard guard enable --interpreter {program}",
    )


def shell(state: IntegrationState, **options: object) -> tuple[EntryPointState, str, str | None]:
    return judge(shells={"bash": state}, **options)["shell:bash"]  # type: ignore[arg-type]


def test_shell_is_guarded_by_its_own_settings(tmp_path: Path) -> None:
    program = make_base(tmp_path)
    assert shell(integration(), path=str(program.parent)) == (EntryPointState.GUARDED, "all of it", None)


def test_shell_is_guarded_if_all_that_it_finds_is(tmp_path: Path) -> None:
    program = make_base(tmp_path)
    found = shell(integration(enabled=False), path=str(program.parent), hook=integration())
    assert found == (EntryPointState.GUARDED, "every pip that it finds is guarded", None)


def test_shell_that_finds_no_pip_is_no_way_into_it() -> None:
    assert shell(integration(enabled=False)) == (EntryPointState.GUARDED, "it finds no pip", None)


def test_shell_without_settings_is_open(tmp_path: Path) -> None:
    program = make_base(tmp_path)
    found = shell(integration(enabled=False), path=str(program.parent))
    assert found == (EntryPointState.OPEN, "`pip` is unguarded", "pip-guard guard enable --shell bash")


def test_shell_whose_settings_do_not_work_is_open(tmp_path: Path) -> None:
    program = make_base(tmp_path)
    found = shell(integration(("a file lacks pip-guard's lines", "Do it again.")), path=str(program.parent))
    assert found == (EntryPointState.OPEN, "a file lacks pip-guard's lines", "Do it again.")


def test_program_that_is_found_in_two_ways_is_one(tmp_path: Path) -> None:
    make_program(tmp_path / "bin" / "pip", SHIM)
    (tmp_path / "sbin").symlink_to("bin")
    found = judge(folders=(str(tmp_path / "bin"), str(tmp_path / "sbin")))
    assert list(found) == [f"script:{tmp_path}/bin/pip"]


def test_entry_point_has_a_key() -> None:
    entry_point = EntryPoint(kind=EntryPointKind.COMMAND, name="pip", state=EntryPointState.OPEN, reason="x")
    assert entry_point.key == "command:pip"


def test_what_nobody_can_run_is_no_command(tmp_path: Path) -> None:
    make_program(tmp_path / "pip", "#!/bin/sh\n").chmod(0o644)
    assert judge(path=str(tmp_path)) == {}


def test_hook_is_not_suggested_to_who_may_not_write_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = make_base(tmp_path)
    library = tmp_path / "lib" / "python3.11"
    monkeypatch.setattr("os.access", lambda path, mode: path != str(library))
    found = judge(describe(str(program)))
    assert found[f"module:{program}"][2] == (
        f"pip-guard guard enable --shell. With the rights of the owner of {library}: pip-guard guard enable --interpreter {program}"
    )
