"""Take pip-guard's own options out of a command line, which is pip's."""

from __future__ import annotations

from collections.abc import Sequence

from pip_guard.errors import UsageError
from pip_guard.frozen import frozen

PREFIX = "--guard-"
FORMATS = ("text", "json")
FORMS = ("--guard-allow=RULE[:PROJECT]", "--guard-format=text|json", "--guard-policy=FILE")


@frozen
class OwnOptions:
    """pip-guard's own options; `allow` holds pairs of rule id and project, or None for any project."""

    allow: tuple[tuple[str, str | None], ...] = ()
    format: str = "text"
    policy: str | None = None


def split_own_options(argv: Sequence[str]) -> tuple[OwnOptions, list[str]]:
    """Return pip-guard's own options and the arguments that are left for pip.

    They are recognised anywhere before ``--`` and always have the ``=`` form, so that no argument of pip's can be taken for
    one. Raises `UsageError`.
    """
    allow: list[tuple[str, str | None]] = []
    output_format = "text"
    policy = None
    rest: list[str] = []
    end = argv.index("--") if "--" in argv else len(argv)
    for argument in argv[:end]:
        if not argument.startswith(PREFIX):
            rest.append(argument)
            continue
        name, _, value = argument.partition("=")
        match name:
            case "--guard-allow" | "--guard-format" | "--guard-policy" if not value:
                raise _usage(f"{name} needs a value.")
            case "--guard-allow":
                rule, _, project = value.partition(":")
                allow.append((rule, project or None))
            case "--guard-format":
                if value not in FORMATS:
                    raise _usage(f"--guard-format is text or json, not {value}.")
                output_format = value
            case "--guard-policy":
                policy = value
            case _:
                raise _usage(f"There is no option {name}.")
    return OwnOptions(allow=tuple(allow), format=output_format, policy=policy), [*rest, *argv[end:]]


def _usage(message: str) -> UsageError:
    return UsageError(message, hint="pip-guard's own options are " + ", ".join(FORMS) + ".")
