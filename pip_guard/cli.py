"""Put the parts together, and start pip."""

import gc
import os
import sys

# NOTE: until `import_own_library_only` is called, a file on PYTHONPATH stands before the library; these modules are the ones
# that Python itself has loaded, or that are built in. `typing` and `__future__` are not, so the constant of the one is spelled
# out, and annotations are quoted.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pip_guard.actions import GuardRequest
    from pip_guard.engine.session import GuardSession
    from pip_guard.environment.relaunch import Launch
    from pip_guard.options import OwnOptions

# NOTE: every command pays for what is imported here, even one that only reads.

# Loading pip makes many objects and hardly any garbage, so garbage is looked for less often than by default (every 700). A
# command that installs little makes some 70,000 objects: looking through them would take 25 ms.
GC_THRESHOLD = 100_000
INTERRUPTED = 1
# The exit code of pip for errors that it did not foresee.
OUT_OF_MEMORY = 2

# Whether pip has been started by this process, and has not ended yet.
_pip_runs = False


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run pip under guard with the given arguments; returns the exit code where pip itself does not end the process."""
    if _pip_runs:
        # This function has been put in the place of pip's own, which was to be started.
        from pip_guard.pip_adapter.entry import run_pip

        return run_pip(argv)
    gc.set_threshold(GC_THRESHOLD, *gc.get_threshold()[1:])
    arguments = list(sys.argv[1:] if argv is None else argv)
    from pip_guard.environment.import_guard import import_as_before, import_own_library_only, leave_script_folder

    leave_script_folder()
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
        from pip_guard.commands.assembly import fail

        return fail(error, arguments)
    finally:
        import_as_before()


def _run(arguments: list[str]) -> int:
    from pip_guard.environment.module_origins import (
        find_foreign_modules,
        find_startup_modules,
        leave_foreign_folders,
        restore_python_path,
    )
    from pip_guard.environment.relaunch import Launch
    from pip_guard.options import named_interpreter, split_own_options

    own, rest = split_own_options(arguments)
    launch = Launch(arguments, environment=own.environment)
    foreign = (*find_startup_modules(), *find_foreign_modules())
    if not foreign and (code := launch.enter_environment(rest, named=named_interpreter(rest))) is not None:
        return code
    if restore_python_path():
        foreign = find_foreign_modules()

    def make_session() -> "GuardSession":
        from pip_guard.commands.assembly import make_session

        return make_session(own, arguments)

    # Only what looks wrong is judged before pip runs: a command that only reads pays for neither the rules nor the policy.
    if foreign:
        path = leave_foreign_folders(foreign)
        if code := _refuse(make_session, modules=foreign):
            return code
        sys.path[:] = path
    from pip_guard.pip_adapter.version import OLDEST_PIP, is_too_old, pip_version

    version = pip_version()
    if is_too_old(version) and (code := _refuse(make_session, pip_version=version, oldest_pip=OLDEST_PIP)):
        return code
    return _run_pip(rest, own, launch, make_session)


def _refuse(make_session: "Callable[[], GuardSession]", **facts: object) -> int | None:
    """Judge what was found before pip runs; returns the exit code if it is refused."""
    from pip_guard.facts.start import StartFacts

    session = make_session()
    return None if session.judge(StartFacts(**facts)) else session.end()  # type: ignore[arg-type]


def _run_pip(
    arguments: list[str], own: "OwnOptions", launch: "Launch", make_session: "Callable[[], GuardSession]"
) -> int:
    from pip_guard.environment.active import IN_TARGET
    from pip_guard.pip_adapter import entry, session

    entry.register_commands()
    entry.set_program_name(as_module=os.path.basename(sys.argv[0]) == "__main__.py" or IN_TARGET in os.environ)
    options = entry.read_main_options(arguments)
    code = launch.choose_interpreter(
        options.interpreter,
        needs_environment=not options.needs_no_environment,
        # a command that shows or removes settings is not refused because of one
        refuse=None if options.repairs else lambda **facts: _refuse(make_session, **facts),
        rules_are_off=lambda: make_session().all_rules_off,
    )
    if code is not None:
        return code
    if IN_TARGET in os.environ:
        entry.set_program_name(as_module=True)
    session.set_session(make_session)
    session.set_guard_command(lambda request: _answer(request, own))
    global _pip_runs  # noqa: PLW0603 -- it is the process that runs pip
    _pip_runs = True
    try:
        entry.start_pip(arguments)
    except (SystemExit, KeyboardInterrupt) as end:
        session.end_command(end.code if isinstance(end, SystemExit) else INTERRUPTED)
        raise
    finally:
        _pip_runs = False
    return 0


def _answer(request: "GuardRequest", own: "OwnOptions") -> int:
    from pip_guard.commands import answer
    from pip_guard.errors import GuardError

    try:
        return answer(request, own)
    except GuardError as error:
        from pip_guard.report.error import show_error

        return show_error(error, as_json=own.format == "json")
