"""Parse pip-guard's own options, and what else must be known before pip's parser can be used."""

from __future__ import annotations

from pip_guard.environment.active import ACTIVE, OWN

# NOTE: not even `frozen` is imported: it would delay commands that are started over in another interpreter.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

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


class OwnOptions:
    """pip-guard's own options; `allow` holds pairs of rule id and project, or None for any project.

    `environment` is None where the way in which pip-guard was started decides.
    """

    __slots__ = ("allow", "environment", "format", "observe", "policy")

    def __init__(
        self,
        *,
        allow: tuple[tuple[str, str | None], ...] = (),
        environment: str | None = None,
        format: str = "text",  # noqa: A002 -- the name of the option
        policy: str | None = None,
        observe: bool = False,
    ) -> None:
        self.allow = allow
        self.environment = environment
        self.format = format
        self.policy = policy
        self.observe = observe


def split_own_options(argv: Sequence[str]) -> tuple[OwnOptions, list[str]]:
    """Return pip-guard's own options and the arguments that are left for pip.

    They are recognised anywhere before ``--``, and their values always follow a ``=``, so that no argument of pip's can be taken for
    one. Raises `UsageError`.
    """
    own = OwnOptions()
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
                own.allow += ((rule, project or None),)
            case "--guard-environment":
                if value not in (ACTIVE, OWN) and not (value.startswith("3.") and value[2:].isdecimal()):
                    raise _usage(f"--guard-environment is active, own or a version such as 3.12, not {value}.")
                own.environment = value
            case "--guard-format":
                if value not in FORMATS:
                    raise _usage(f"--guard-format is text or json, not {value}.")
                own.format = value
            case "--guard-policy":
                own.policy = value
            case "--guard-observe" if equals:
                raise _usage(f"{name} takes no value.")
            case "--guard-observe":
                own.observe = True
            case _:
                raise _usage(f"There is no option {name}.")
    return own, [*rest, *argv[end:]]


def wants_json(argv: Sequence[str]) -> bool:
    """Tell whether an error is reported as JSON, also where the options themselves are the error."""
    return "--guard-format=json" in argv


def named_interpreter(arguments: Sequence[str]) -> str | None:
    """Return the value of a ``--python`` that is pip's first argument and its only one; None leaves all else to pip's parser."""
    option, equals, value = "".join(arguments[:1]).partition("=")
    rest = arguments[1:]
    if option != "--python":
        return None
    if not equals:
        value, rest = "".join(rest[:1]), rest[1:]
    if not value or value.startswith("-"):
        return None
    alone = not "".join(rest[:1]).startswith("-") or not any(argument.startswith("--py") for argument in rest)
    return value if alone else None


def _usage(message: str) -> UsageError:
    from pip_guard.errors import UsageError

    return UsageError(message, hint="pip-guard's own options are " + ", ".join(FORMS) + ".")
