"""Put the parts together, and start pip."""

from __future__ import annotations

import atexit
import gc
import os
import sys

# NOTE: until `import_own_library_only` is called, a file on PYTHONPATH stands before the library; these modules are the ones
# that Python itself has loaded, or that are built in. `typing` is not, so its constant is spelled out.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pip_guard.errors import GuardError
    from pip_guard.facts import Setting
    from pip_guard.gate import Gate
    from pip_guard.guard_request import GuardRequest
    from pip_guard.own_options import OwnOptions

# NOTE: whatever is imported here, every command pays for, those that only read included.

# Loading pip makes many objects and hardly any garbage, so it is looked for more rarely than by default (every 700).
GC_THRESHOLD = 50_000
INTERRUPTED = 1
# Recognised by itself, because the options may be what cannot be read.
JSON = "--guard-format=json"
# The one command with which a setting that nothing else runs under can be removed.
REPAIRING_COMMAND = "config"


def main(argv: Sequence[str] | None = None) -> int:
    """Run pip under guard with the given arguments; returns the exit code where pip itself does not end the process."""
    _spare_garbage_collection()
    _leave_script_folder()
    arguments = list(sys.argv[1:] if argv is None else argv)
    from pip_guard.imports import import_as_before, import_own_library_only

    import_own_library_only()
    from pip_guard.errors import GuardError

    try:
        return _run(arguments)
    except GuardError as error:
        return _show(error, as_json=JSON in arguments)
    except KeyboardInterrupt:
        sys.stderr.write("ERROR: Operation cancelled by user\n")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 -- the one place where anything unforeseen is shown
        return _show(_internal(error), as_json=JSON in arguments)
    finally:
        import_as_before()


def _run(arguments: list[str]) -> int:
    from pip_guard.modules import find_foreign_modules, leave_foreign_folders
    from pip_guard.own_options import split_own_options

    own, rest = split_own_options(arguments)
    # Only what looks wrong goes before the rules here: a command that only reads pays for neither them nor the policy.
    foreign = find_foreign_modules()
    if foreign:
        path = leave_foreign_folders(foreign)
        if code := _refuse_start(own, modules=foreign):
            return code
        sys.path[:] = path
    from pip_guard.pip_adapter.version import OLDEST_PIP, is_too_old, pip_version

    version = pip_version()
    if is_too_old(version) and (code := _refuse_start(own, pip_version=version, oldest_pip=OLDEST_PIP)):
        return code
    from pip_guard.pip_adapter import plugin

    plugin.register_commands()
    plugin.set_program_name(as_module=os.path.basename(sys.argv[0]) == "__main__.py")
    options = plugin.read_main_options(rest)
    if options.interpreter is not None:
        code = _choose_interpreter(own, options.interpreter, options.command, arguments)
        if code is not None:
            return code
    from pip_guard.pip_adapter import current

    current.set_gate(lambda: _make_gate(own))
    current.set_guard_command(lambda request: _answer(request, own))
    try:
        plugin.start_pip(rest)
    except SystemExit as end:
        _end_at_once(end)
        raise
    return 0


def _make_gate(own: OwnOptions) -> Gate:
    from pip_guard.assembly import make_gate

    return make_gate(own)


def _refuse_start(own: OwnOptions, **facts: object) -> int | None:
    """Judge what was found before pip is loaded; returns the exit code if it refuses."""
    from pip_guard.assembly import make_gate
    from pip_guard.facts import StartFacts

    gate = make_gate(own)
    return None if gate.judge(StartFacts(**facts)) else gate.end()  # type: ignore[arg-type]


def _choose_interpreter(own: OwnOptions, setting: Setting, command: str | None, arguments: Sequence[str]) -> int | None:
    """Start over with the interpreter that ``--python`` names; refuse one that only a setting names."""
    from pip_guard.errors import GuardError
    from pip_guard.facts import OriginKind
    from pip_guard.pip_adapter.plugin import IN_TARGET
    from pip_guard.target import find_interpreter, is_this_interpreter, run_in

    if setting.origin.kind is OriginKind.COMMAND_LINE:
        try:
            interpreter = find_interpreter(setting.value)
        except GuardError:
            if _make_gate(own).stands_open:
                return None  # and pip will start it, or say what is wrong
            raise
        return run_in(interpreter, arguments, marker=IN_TARGET)
    if command != REPAIRING_COMMAND and not is_this_interpreter(setting.value):
        from pip_guard.facts import StartFacts

        gate = _make_gate(own)
        if not gate.judge(StartFacts(interpreter_setting=setting)):
            return gate.end()
        if gate.stands_open:
            return None  # and pip will start it, or say what is wrong
    os.environ[IN_TARGET] = "1"
    return None


def _answer(request: GuardRequest, own: OwnOptions) -> int:
    from pip_guard.commands import answer
    from pip_guard.errors import GuardError

    try:
        return answer(request, own)
    except GuardError as error:
        return _show(error, as_json=own.format == "json")


def _show(error: GuardError, *, as_json: bool) -> int:
    if as_json:
        from pip_guard.report.json import write_error

        write_error(error)
    else:
        from pip_guard.report.stream import wants_colour, write
        from pip_guard.report.text import render_error

        write(render_error(error, colour=wants_colour()))
    return error.exit_code


def _internal(error: Exception) -> GuardError:
    import traceback

    from pip_guard.errors import InternalError

    return InternalError("".join(traceback.format_exception(error)))


def _spare_garbage_collection() -> None:
    """Look for garbage rarely."""
    gc.set_threshold(GC_THRESHOLD, *gc.get_threshold()[1:])


def _end_at_once(end: SystemExit) -> None:
    """End the process without taking the interpreter apart, which is a large part of bare pip's time.

    All that is seen of the end happens first: exit handlers run, and output is written. Returns, for the ordinary end, if
    anything of that fails, or if other threads are still at work.
    """
    import threading

    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread() and not thread.daemon]
    if others or not isinstance(end.code, (int, type(None))):
        return
    atexit._run_exitfuncs()  # noqa: SLF001 -- there is no public way to do what the interpreter does here
    # what follows cannot be measured: that has ended with the exit handlers
    if _flush():  # pragma: no cover
        os._exit(end.code or 0)


def _flush() -> bool:  # pragma: no cover
    """Write what is left of the output; return whether that was possible, for the ordinary end to say so if not."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return False
    return True


def _leave_script_folder() -> None:
    """Stop importing from the folder of the console script, where scripts of any distribution lie."""
    try:
        if os.path.realpath(sys.path[0]) == os.path.dirname(os.path.realpath(sys.argv[0])):
            del sys.path[0]
    except OSError:  # the working directory is gone, and the path relative to it
        return
