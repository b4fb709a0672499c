"""Put the parts together, and start pip."""

import gc
import os
import sys

# NOTE: until `import_own_library_only` is called, a file on PYTHONPATH stands before the library; these modules are the ones
# that Python itself has loaded, or that are built in. `typing` and `__future__` are not, so the constant of the one is spelled
# out, and annotations are quoted.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pip_guard.actions import GuardRequest
    from pip_guard.engine.session import GuardSession
    from pip_guard.environment.active import Invocation
    from pip_guard.errors import GuardError
    from pip_guard.options import OwnOptions
    from pip_guard.pip_adapter.entry import MainOptions

# NOTE: whatever is imported here, every command pays for, those that only read included.

# Loading pip makes many objects and hardly any garbage, so it is looked for more rarely than by default (every 700). A command
# that installs little comes to some 70,000 objects: to look through them would take it 25 ms.
GC_THRESHOLD = 100_000
INTERRUPTED = 1
# As pip ends with whatever it did not foresee.
OUT_OF_MEMORY = 2
# What ``--python`` can be abbreviated to, and the command that may need no environment.
DECIDING = ("--py", "guard")


# Whether pip has been started by this process, and has not ended yet.
_pip_runs = False


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run pip under guard with the given arguments; returns the exit code where pip itself does not end the process."""
    if _pip_runs:
        # Somebody has put this function in the place of pip's own, which is what it was to start.
        from pip_guard.pip_adapter.entry import run_pip

        return run_pip(argv)
    gc.set_threshold(GC_THRESHOLD, *gc.get_threshold()[1:])
    _leave_script_folder()
    arguments = list(sys.argv[1:] if argv is None else argv)
    from pip_guard.environment.import_guard import import_as_before, import_own_library_only

    import_own_library_only()
    # NOTE: what is needed at the end is loaded now: by then, the command may have replaced what is installed.
    from pip_guard.environment.exit import end_at_once

    try:
        return _run(arguments)
    except SystemExit as end:
        if argv is None:  # else the process is the caller's, and goes on
            end_at_once(end)
        raise
    except KeyboardInterrupt:
        sys.stderr.write("ERROR: Operation cancelled by user\n")
        return INTERRUPTED
    except MemoryError:
        sys.stderr.write("ERROR: There is not enough memory to go on\n")
        return OUT_OF_MEMORY
    except Exception as error:  # noqa: BLE001 -- the one place where anything unforeseen is shown
        from pip_guard.errors import GuardError

        return _fail(error if isinstance(error, GuardError) else _internal(error), arguments)
    finally:
        import_as_before()


def _run(arguments: list[str]) -> int:
    from pip_guard.environment.active import IN_TARGET, is_in_target, this_invocation
    from pip_guard.environment.module_origins import find_foreign_modules, leave_foreign_folders
    from pip_guard.options import split_own_options

    own, rest = split_own_options(arguments)
    start = None if is_in_target() else this_invocation()
    foreign = find_foreign_modules()
    # What may name an interpreter, or may be about no environment, is left for pip's own parser to read.
    decided = not any(argument.startswith(DECIDING) for argument in rest)
    if not foreign:
        code = (
            _enter_active_environment(start, own, arguments)
            if decided
            else _enter_named_environment(start, rest, arguments)
        )
        if code is not None:
            return code
    # Only what looks wrong goes before the rules here: a command that only reads pays for neither them nor the policy.
    if foreign:
        path = leave_foreign_folders(foreign)
        if code := _refuse_start(own, arguments, modules=foreign):
            return code
        sys.path[:] = path
    from pip_guard.pip_adapter.version import OLDEST_PIP, is_too_old, pip_version

    version = pip_version()
    if is_too_old(version) and (code := _refuse_start(own, arguments, pip_version=version, oldest_pip=OLDEST_PIP)):
        return code
    from pip_guard.pip_adapter import entry

    entry.register_commands()
    entry.set_program_name(as_module=os.path.basename(sys.argv[0]) == "__main__.py" or IN_TARGET in os.environ)
    options = entry.read_main_options(rest)
    code = _choose_interpreter(own, start, options, arguments, entered=decided and not foreign)
    if code is not None:
        return code
    from pip_guard.pip_adapter import session

    session.set_session(lambda: _make_session(own, arguments))
    session.set_guard_command(lambda request: _answer(request, own))
    global _pip_runs  # noqa: PLW0603 -- it is the process that runs pip
    _pip_runs = True
    try:
        entry.start_pip(rest)
    except (SystemExit, KeyboardInterrupt) as end:
        session.end_command(end.code if isinstance(end, SystemExit) else INTERRUPTED)
        raise
    finally:
        _pip_runs = False
    return 0


def _make_session(own: "OwnOptions", arguments: "Sequence[str]") -> "GuardSession":
    from pip_guard.commands.assembly import make_session

    return make_session(own, arguments)


def _refuse_start(own: "OwnOptions", arguments: "Sequence[str]", **facts: object) -> int | None:
    """Judge what was found before pip is loaded; returns the exit code if it refuses."""
    from pip_guard.commands.assembly import make_session
    from pip_guard.facts.start import StartFacts

    session = make_session(own, arguments)
    return None if session.judge(StartFacts(**facts)) else session.end()  # type: ignore[arg-type]


def _choose_interpreter(
    own: "OwnOptions", start: "Invocation | None", options: "MainOptions", arguments: "Sequence[str]", *, entered: bool
) -> int | None:
    """Start over with the interpreter that ``--python`` names, or with the active one; refuse one that only a setting names."""
    setting = options.interpreter
    if setting is not None and setting.by_command_line:
        from pip_guard.environment.relaunch import find_interpreter, look_for_interpreter, run_in

        if look_for_interpreter(setting.value)[0] is None and _make_session(own, arguments).all_rules_off:
            return None  # and pip will start it, or say what is wrong
        return run_in(find_interpreter(setting.value), arguments, named=True)
    if not entered and not options.needs_no_environment:
        code = _enter_active_environment(start, own, arguments)
        if code is not None:
            return code
    if setting is None:
        return None
    from pip_guard.environment.relaunch import is_this_interpreter

    if not options.repairs and not is_this_interpreter(setting.value):
        from pip_guard.facts.start import StartFacts

        session = _make_session(own, arguments)
        if not session.judge(StartFacts(interpreter_setting=setting)):
            return session.end()
        if session.all_rules_off:
            return None  # and pip will start it, or say what is wrong
    from pip_guard.environment.active import IN_TARGET
    from pip_guard.pip_adapter.entry import set_program_name

    os.environ[IN_TARGET] = "1"
    set_program_name(as_module=True)
    return None


def _enter_active_environment(start: "Invocation | None", own: "OwnOptions", arguments: "Sequence[str]") -> int | None:
    """Start over in the environment that is active, where pip-guard works on that and is not installed in it."""
    from pip_guard.environment.active import choose

    choice = None if start is None else choose(start, own.environment)
    if choice is None:
        return None
    from pip_guard.environment.relaunch import find_chosen, run_in

    return run_in(find_chosen(choice), arguments)


def _enter_named_environment(
    start: "Invocation | None", rest: "Sequence[str]", arguments: "Sequence[str]"
) -> int | None:
    """Start over with the interpreter that ``--python`` names, where that can be told without pip's parser."""
    from pip_guard.environment.active import IN_TARGET
    from pip_guard.options import named_interpreter

    named = None if start is None or IN_TARGET in os.environ else named_interpreter(rest)
    if named is None:
        return None
    from pip_guard.environment.relaunch import look_for_interpreter, run_in

    interpreter, _ = look_for_interpreter(named)
    # What is wrong with it is said where the policy is known.
    return None if interpreter is None else run_in(interpreter, arguments, named=True)


def _answer(request: "GuardRequest", own: "OwnOptions") -> int:
    from pip_guard.commands import answer
    from pip_guard.errors import GuardError

    try:
        return answer(request, own)
    except GuardError as error:
        from pip_guard.report.error import show_error

        return show_error(error, as_json=own.format == "json")


def _fail(error: "GuardError", arguments: "Sequence[str]") -> int:
    """Show an error that kept pip-guard from deciding anything, and record it; returns the exit code."""
    from pip_guard.commands.assembly import record_error
    from pip_guard.options import wants_json
    from pip_guard.report.error import show_error

    code = show_error(error, as_json=wants_json(arguments))
    record_error(error, arguments)
    return code


def _internal(error: Exception) -> "GuardError":
    import traceback

    from pip_guard.errors import InternalError

    return InternalError("".join(traceback.format_exception(error)))


def _leave_script_folder() -> None:
    """Stop importing from the folder of the console script, where scripts of any distribution lie."""
    try:
        if os.path.realpath(sys.path[0]) == os.path.dirname(os.path.realpath(sys.argv[0])):
            del sys.path[0]
    except OSError:  # the working directory is gone, and the path relative to it
        return
