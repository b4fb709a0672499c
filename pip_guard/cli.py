"""Start a command: put the parts together, and run pip."""

import os
import sys

from pip_guard import __version__

# NOTE: until `import_own_library_only` is called, a file on PYTHONPATH shadows the standard library. The modules above are built
# in or loaded by Python itself; `typing` and `__future__` are not, hence this constant and the quoted annotations.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pip_guard.engine.session import GuardSession
    from pip_guard.guard_actions import GuardRequest

# NOTE: every command pays for what is imported here, even one that only reads.

INTERRUPTED = 1
# pip's exit code for unforeseen errors.
OUT_OF_MEMORY = 2

# Whether this process is running pip.
_pip_runs = False


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run pip under guard with the given arguments; return the exit code where pip itself does not end the process."""
    if _pip_runs:  # this function stands in place of pip's own
        from pip_guard.pip_adapter.entry import run_pip

        return run_pip(argv)
    arguments = list(sys.argv[1:] if argv is None else argv)
    from pip_guard.environment.import_guard import import_as_before, import_own_library_only, leave_script_folder

    leave_script_folder()
    import_own_library_only()
    # NOTE: loaded now, because the command may replace what is installed.
    from pip_guard.environment.exit import collect_rarely, end_at_once

    collect_rarely()
    try:
        return _run(arguments)
    except SystemExit as end:
        if argv is None:  # else the process is the caller's
            end_at_once(end)
        raise
    except KeyboardInterrupt:
        sys.stderr.write("ERROR: Operation cancelled by user\n")
        return INTERRUPTED
    except MemoryError:
        sys.stderr.write("ERROR: There is not enough memory to go on\n")
        return OUT_OF_MEMORY
    except Exception as error:  # noqa: BLE001 -- the one place that reports unforeseen errors
        from pip_guard.commands.assembly import fail

        return fail(error, arguments)
    finally:
        import_as_before()


def _run(arguments: list[str]) -> int:
    from pip_guard.environment.relaunch import Launch
    from pip_guard.options import named_interpreter, split_own_options

    own, rest = split_own_options(arguments)
    if own.environment is None and rest[:1] in (["--version"], ["-V"]) and os.path.basename(sys.argv[0]) == "pip-guard":
        # pip prints its own version on standard output
        from pip_guard.report.stream import write

        write(f"pip-guard {__version__}\n")

    def make_session() -> "GuardSession":
        from pip_guard.commands.assembly import make_session

        return make_session(own, arguments)

    def refuse(**facts: object) -> int | None:
        from pip_guard.commands.assembly import refuse_start

        return refuse_start(make_session(), facts)

    def answer(request: "GuardRequest") -> int:
        from pip_guard.commands import answer_or_explain

        return answer_or_explain(request, own)

    launch = Launch(arguments, environment=own.environment, refuse=refuse)
    if (code := launch.enter_environment(rest, named=named_interpreter(rest))) is not None:
        return code
    from pip_guard.pip_adapter.version import refuse_old_pip

    if (code := refuse_old_pip(refuse)) is not None:
        return code
    from pip_guard.pip_adapter import entry, session

    session.set_session(make_session)
    session.set_guard_command(answer)
    entry.register_commands()
    entry.set_program_name()
    options = entry.read_main_options(rest)
    if (code := launch.choose_interpreter(options, lambda: make_session().all_rules_off)) is not None:
        return code
    entry.set_program_name()
    global _pip_runs  # noqa: PLW0603 -- it is the process that runs pip
    _pip_runs = True
    try:
        entry.start_pip(rest)
    finally:
        _pip_runs = False
    return 0
