"""Take pip-guard's own options out of a command line, which is pip's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pip_guard.environment.active import is_environment
from pip_guard.frozen import frozen

if TYPE_CHECKING:
    from pip_guard.errors import UsageError

PREFIX = "--guard-"
FORMATS = ("text", "json")
FORMS = (
    "--guard-allow=RULE[:PROJECT]",
    "--guard-environment=active|own|3.X",
    "--guard-format=text|json",
    "--guard-observe",
    "--guard-policy=FILE",
)


@frozen
class OwnOptions:
    """pip-guard's own options; `allow` holds pairs of rule id and project, or None for any project.

    `environment` is None where the way in which pip-guard was started decides.
    """

    allow: tuple[tuple[str, str | None], ...] = ()
    environment: str | None = None
    format: str = "text"
    policy: str | None = None
    observe: bool = False


def split_own_options(argv: Sequence[str]) -> tuple[OwnOptions, list[str]]:
    """Return pip-guard's own options and the arguments that are left for pip.

    They are recognised anywhere before ``--``, and their values always follow a ``=``, so that no argument of pip's can be taken for
    one. Raises `UsageError`.
    """
    allow: list[tuple[str, str | None]] = []
    environment = None
    output_format = "text"
    policy = None
    observe = False
    rest: list[str] = []
    end = argv.index("--") if "--" in argv else len(argv)
    for argument in argv[:end]:
        if not argument.startswith(PREFIX):
            rest.append(argument)
            continue
        name, equals, value = argument.partition("=")
        match name:
            case "--guard-allow" | "--guard-environment" | "--guard-format" | "--guard-policy" if not value:
                raise _usage(f"{name} needs a value.")
            case "--guard-allow":
                rule, _, project = value.partition(":")
                allow.append((rule, project or None))
            case "--guard-environment":
                if not is_environment(value):
                    raise _usage(f"--guard-environment is active, own or a version such as 3.12, not {value}.")
                environment = value
            case "--guard-format":
                if value not in FORMATS:
                    raise _usage(f"--guard-format is text or json, not {value}.")
                output_format = value
            case "--guard-policy":
                policy = value
            case "--guard-observe" if equals:
                raise _usage(f"{name} takes no value.")
            case "--guard-observe":
                observe = True
            case _:
                raise _usage(f"There is no option {name}.")
    own = OwnOptions(allow=tuple(allow), environment=environment, format=output_format, policy=policy, observe=observe)
    return own, [*rest, *argv[end:]]


def _usage(message: str) -> UsageError:
    from pip_guard.errors import UsageError

    return UsageError(message, hint="pip-guard's own options are " + ", ".join(FORMS) + ".")
