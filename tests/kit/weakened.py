"""Start pip-guard without some of its parts: a console script, with which tests show what each part is there for.

WITHOUT in the environment names them: a rule by its id, a hook by the method of pip (``cache.WheelCache.get_cache_entry``), the
audit hook as ``audit-hook``, the options that are set as ``options``, and what decides about imports as ``imports``; semicolons are
between them.

NOTE: the interpreter of a virtual environment runs this file, so it imports the standard library and pip-guard alone; and, before
pip-guard decides about imports, only what Python itself has loaded.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pip_guard.engine.rule import AnyRule
    from pip_guard.pip_adapter.hooks import Hook

VARIABLE = "WITHOUT"
AUDIT_HOOK, OPTIONS, IMPORTS = OTHERS = ("audit-hook", "options", "imports")


def hook_name(hook: "Hook") -> str:
    """Return what a hook is called here."""
    return hook.path.removeprefix("pip._internal.")


def leave_out(names: "set[str]") -> None:
    """Take parts of pip-guard away from this process."""
    from pip_guard.commands import assembly
    from pip_guard.frozen import replace
    from pip_guard.rules import ALL_RULES

    def silenced(rule: "AnyRule") -> "AnyRule":
        return replace(rule, check=lambda facts, policy: ()) if rule.id in names else rule

    vars(assembly)["ALL_RULES"] = tuple(map(silenced, ALL_RULES))
    if AUDIT_HOOK in names:
        from pip_guard.environment import audit_hook

        vars(audit_hook)["install"] = lambda *_, **__: None
    if IMPORTS in names:
        from pip_guard.environment import import_guard

        vars(import_guard)["OwnLibraryFinder"].find_spec = lambda *_: None
    if OPTIONS in names:
        leave_options()
    if unknown := names - {*OTHERS} - {rule.id for rule in ALL_RULES}:
        leave_out_hooks(unknown)


def leave_options() -> None:
    """Leave the options of a command as they are."""
    from pip_guard.pip_adapter.commands import guarded, guarded_requirements

    for owner in (guarded.GuardedCommand, guarded_requirements.GuardedRequirementCommand):
        setattr(owner, "enforce", lambda self, options: None)  # noqa: B010 -- a method is no variable for type checkers


def leave_out_hooks(names: "set[str]") -> None:
    """Leave methods of pip as they are."""
    from pip_guard.pip_adapter import hooks
    from pip_guard.pip_adapter.commands import guarded_requirements

    def kept(every: "Iterable[Hook]") -> "tuple[Hook, ...]":
        return tuple(hook for hook in every if hook_name(hook) not in names)

    if unknown := names - set(map(hook_name, hooks.HOOKS)):
        sys.exit(f"there is nothing called {', '.join(sorted(unknown))}")
    vars(guarded_requirements)["HOOKS"] = kept(hooks.HOOKS)
    vars(hooks)["SESSION_HOOKS"] = kept(hooks.SESSION_HOOKS)


if __name__ == "__main__":
    from pip_guard.environment.import_guard import import_own_library_only

    import_own_library_only()
    leave_out({name for name in os.environ.pop(VARIABLE, "").split(";") if name})
    from pip_guard.cli import main

    sys.exit(main())
