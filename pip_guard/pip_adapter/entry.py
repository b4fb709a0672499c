"""Replace pip's commands by guarded ones, and start pip."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from pip._internal.cli.main_parser import create_main_parser
from pip._internal.commands import CommandInfo, commands_dict

from pip_guard.environment.active import IN_TARGET
from pip_guard.environment.relaunch import MainOptions

if TYPE_CHECKING:
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from types import TracebackType

    from pip_guard.facts.origin import Setting

# The commands that only read what is here, or manage pip's own files; they are left as they are. The others fetch, build, change an
# environment or its configuration, go online, or belong to a newer pip; `commands.factory` makes their replacements.
UNGUARDED = frozenset({"freeze", "inspect", "show", "check", "cache", "hash", "completion", "debug", "help"})
# The entries of pip's own table that were replaced.
replaced_commands: dict[str, CommandInfo] = {}
# Set by the start-up hook if pip was started by a script that pip warns about.
OLD_SCRIPT = "_PIP_GUARD_OLD_SCRIPT"
_FACTORY = "pip_guard.pip_adapter.commands.factory"
_FREEZE = "pip_guard.pip_adapter.commands.freeze"
# The actions of ``guard`` that concern no environment, but rules, policies, and the files of a person or a machine.
ACTIONS_WITHOUT_ENVIRONMENT = frozenset({"allow", "disable", "enable", "explain", "init", "revoke"})
# Those that run although pip's configuration is broken, which `enable` may have to do with.
_ACTIONS_WITHOUT_CONFIGURATION = frozenset({"disable", "enable", "status", "version"})


def read_main_options(arguments: Sequence[str]) -> MainOptions:
    """Parse the options before the command, as pip will; exits as pip does if they cannot be parsed."""
    _ignore_broken_configuration(arguments)
    options, rest = create_main_parser().parse_args(list(arguments))
    interpreter = _interpreter_setting(arguments) if options.python and IN_TARGET not in os.environ else None
    words = [argument for argument in rest if not argument.startswith("-")]
    needs_no_environment = words[:1] == ["guard"] and not ACTIONS_WITHOUT_ENVIRONMENT.isdisjoint(words[1:2])
    return MainOptions(
        interpreter=interpreter,
        needs_no_environment=needs_no_environment,
        repairs=words[:1] == ["config"] or words[:2] == ["guard", "config"],
    )


def _ignore_broken_configuration(arguments: Sequence[str]) -> None:
    """Have pip ignore all configuration files if one of them is unreadable, for the actions that diagnose or repair that."""
    words = [argument for argument in arguments if not argument.startswith("-")]
    if words[:1] != ["guard"] or _ACTIONS_WITHOUT_CONFIGURATION.isdisjoint(words[1:2]):
        return
    from pip._internal.configuration import Configuration
    from pip._internal.exceptions import ConfigurationError

    configuration = Configuration(isolated=False)
    files = (file for _, names in configuration.iter_config_files() for file in names)
    try:
        # NOTE: pip would block on a FIFO.
        if all(os.path.isfile(file) for file in files if os.path.exists(file)):
            configuration.load()
            return
    except ConfigurationError:
        pass
    os.environ["PIP_CONFIG_FILE"] = os.devnull


def _interpreter_setting(arguments: Sequence[str]) -> Setting:
    """Parse once more, and find out where the interpreter is set."""
    from pip_guard.facts.origin import Setting
    from pip_guard.pip_adapter.options.origins import OptionOrigins

    parser = create_main_parser()
    origins = OptionOrigins(parser)
    options, _ = parser.parse_args(list(arguments))
    return Setting(value=options.python, origin=origins.origin("python"))


def set_program_name() -> None:
    """Make usage lines and hints read as pip's own would: ``pip``, ``python -m pip``, or the name that it was called by."""
    if os.path.basename(sys.argv[0]) == "__main__.py" or IN_TARGET in os.environ:
        sys.argv[0] = "__main__.py"
    elif os.name == "posix" and not _is_name_of_pip(os.path.basename(sys.argv[0])):
        sys.argv[0] = "pip"
    # NOTE: on Windows, pip refuses to replace itself when it runs under its own name; pip-guard runs under another.


def _is_name_of_pip(name: str) -> bool:
    """Tell whether a name is one of those under which pip installs its script: ``pip``, ``pip3``, ``pip3.14``."""
    return name.rstrip(".0123456789") == "pip"


def register_commands() -> None:
    """Replace the commands that fetch, build or change an environment, and unknown ones, and add ``guard``."""
    for name, info in commands_dict.items():
        if name not in UNGUARDED and info.module_path != _FACTORY:
            replaced_commands[name] = info
            commands_dict[name] = CommandInfo(_FACTORY, "make_command", info.summary)
    # NOTE: it only reads, but starts programs.
    commands_dict["freeze"] = commands_dict["freeze"]._replace(module_path=_FREEZE, class_name="GuardedFreezeCommand")
    commands_dict["guard"] = CommandInfo(
        "pip_guard.pip_adapter.commands.guard", "GuardCommand", "Manage pip-guard: status, policy, exceptions, log."
    )


def start_pip(arguments: Sequence[str]) -> None:
    """Run pip in this process, as ``python -m pip`` does, as the last thing that the process does."""
    try:
        _run_as_module(arguments)
    except (SystemExit, KeyboardInterrupt) as end:
        from pip_guard.pip_adapter.session import PIP_ERROR, end_command

        end_command(end.code if isinstance(end, SystemExit) else PIP_ERROR)
        raise


def _run_as_module(arguments: Sequence[str]) -> None:
    sys.argv[1:] = arguments
    try:
        folder = os.getcwd()
    except OSError:
        # NOTE: it has been removed; pip's module cannot start without one, but its console script can.
        from pip._internal.cli import main

        sys.exit(getattr(main, "cli", main.main)())
    if sys.path[0] == folder:
        # NOTE: pip drops the entry that Python put first, if it is the working directory; that is gone, and this is PYTHONPATH's.
        sys.path.insert(0, folder)
    if os.environ.pop(OLD_SCRIPT, None):
        _warn_of_old_script()
    hook = sys.excepthook
    try:
        runpy.run_module("pip", run_name="__main__")
    except Exception as error:
        from pip_guard.pip_adapter.session import PIP_ERROR, are_rules_off, was_raised_here

        # NOTE: under --debug pip catches nothing, and has told the interpreter how to show errors.
        is_ours = was_raised_here(error)
        if is_ours or (sys.excepthook is hook and not are_rules_off()):
            if isinstance(error, OSError) and error.filename is None and not is_ours:
                # pip writes its version and its help where it catches nothing
                sys.stderr.write(f"ERROR: {error.strerror}\n")
                sys.exit(PIP_ERROR)
            raise
        error.__traceback__ = _begin_at_pip(error.__traceback__)
        sys.excepthook(type(error), error, error.__traceback__)
        sys.exit(PIP_ERROR)


def _warn_of_old_script() -> None:
    """Warn, as pip would, of an outdated console script that the start-up hook has replaced."""
    from pip._internal.utils import entrypoints

    wrapper = vars(entrypoints)
    run, wrapper["main"] = wrapper["main"], lambda args: 0
    try:
        entrypoints._wrapper([])
    finally:
        wrapper["main"] = run


def run_pip(arguments: Sequence[str] | None) -> int:
    """Run pip's own main function where pip-guard has replaced it: in `__main__`, or in the functions that others call."""
    from importlib.util import find_spec, module_from_spec

    # NOTE: a fresh copy of the module has the functions that it was written with.
    spec = cast("ModuleSpec", find_spec("pip._internal.cli.main"))
    main = module_from_spec(spec)
    cast("Loader", spec.loader).exec_module(main)
    code: int = getattr(main, "cli", main.main)(None if arguments is None else list(arguments))
    return code


def _begin_at_pip(trace: TracebackType | None) -> TracebackType | None:
    """Drop the frames before pip's own: those of this module, and of `runpy`."""
    while trace is not None and trace.tb_frame.f_globals.get("__name__") in (__name__, runpy.__name__):
        trace = trace.tb_next
    return trace
