"""Define the actions of ``pip guard`` and their options."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pip_guard.frozen import frozen


@frozen
class Option:
    """An option of ``pip guard``: a switch, or with a `metavar` one that takes a value; `choices` are all it may be.

    The value of an `optional` one may be left out.
    """

    flag: str
    help: str
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    optional: bool = False


@frozen
class Action:
    """An action of ``pip guard``, implemented by the module of that name in `pip_guard.commands`.

    `usages` are what may follow the name, and `options` the flags among `OPTIONS` that it takes.
    """

    name: str
    summary: str
    usages: tuple[str, ...]
    options: tuple[str, ...] = ()


OPTIONS = (
    Option(flag="--reason", metavar="text", help="The reason for the exception; it is kept in the policy file."),
    Option(flag="--expires", metavar="date", help="The last day of the exception, such as 2027-01-31."),
    Option(flag="--hash", metavar="hash", help="The only file to excuse, as sha256: and its digest."),
    Option(flag="--url", metavar="url", help="Excuse only what is below this URL or folder."),
    Option(flag="--check", metavar="file", help="Check a policy file, and do nothing else."),
    Option(flag="--schema", help="Print the JSON Schema of policy files."),
    Option(flag="--json", help="Print JSON."),
    Option(flag="--since", metavar="time", help="Only later records: 30m, 12h, 7d, 2w, or a time such as 2027-01-31."),
    Option(flag="--rule", metavar="rule", help="Only commands in which this rule found anything."),
    Option(flag="--project", metavar="project", help="Only commands about this project, or a pattern such as acme-*."),
    Option(flag="--refused", help="Only commands that were refused."),
    Option(flag="-n", metavar="number", help="Only the last ones."),
    Option(flag="--follow", help="Keep showing new records until interrupted."),
    Option(flag="--summary", help="Count what was refused, by rule and release."),
    Option(
        flag="--format",
        metavar="format",
        choices=("text", "json", "sarif", "cyclonedx"),
        help="The output format: text, json, sarif (2.1.0) or cyclonedx (1.6).",
    ),
    Option(flag="--path", metavar="dir", help="Look at this folder instead, and start no interpreter of it."),
    Option(
        flag="--shell",
        metavar="shell",
        optional=True,
        help="The startup files of a shell: bash, zsh, fish or powershell; yours by default.",
    ),
    Option(
        flag="--shims",
        metavar="dir",
        optional=True,
        help="A folder on PATH for programs called pip; ~/.local/bin by default, /usr/local/bin for root.",
    ),
    Option(
        flag="--interpreter",
        metavar="python",
        optional=True,
        help="An interpreter, and every virtual environment made from it; the one that runs pip-guard by default.",
    ),
    Option(flag="--pip-config", help="Fallback settings in pip's own configuration file, for what is not guarded."),
    Option(flag="--uv-config", help="Fallback settings in uv's own configuration file."),
    Option(flag="--minimum-age", help="Have the fallback settings hold back new releases, too."),
    Option(flag="--replace", help="Rename a program that has a shim's name, until the shims are disabled."),
    Option(flag="--dry-run", help="Show what would change, as a diff, and change nothing."),
)
_INTEGRATIONS = ("--shell", "--shims", "--interpreter", "--pip-config", "--uv-config")
ACTIONS = (
    Action(
        name="explain",
        summary="Explain a rule, and what to do when it refuses.",
        usages=("[<rule>]",),
    ),
    Action(
        name="config",
        summary="Show pip's settings, the source of each, and what the policy says to it.",
        usages=("[--json] [-- <command> [<argument>...]]",),
        options=("--json",),
    ),
    Action(
        name="status",
        summary="Show which calls of pip are guarded on this machine, by what, and how to guard the others.",
        usages=("[<command, shell or path>...] [--json]",),
        options=("--json",),
    ),
    Action(
        name="version",
        summary="Show the versions of pip-guard, pip and Python, and the policy files in force, as for a bug report.",
        usages=("[--json]",),
        options=("--json",),
    ),
    Action(
        name="allow",
        summary="Excuse a project, one version of it, or a place from a rule.",
        usages=("<rule> [<project>[==<version>]] --reason <text> [--expires <date>] [--hash <hash>] [--url <url>]",),
        options=("--reason", "--expires", "--hash", "--url"),
    ),
    Action(
        name="revoke",
        summary="Remove an exception that allow has written.",
        usages=("<rule> [<project>[==<version>]] [--hash <hash>] [--url <url>]",),
        options=("--reason", "--expires", "--hash", "--url"),
    ),
    Action(
        name="init",
        summary="Write a commented policy to start with, for a developer, a container or CI.",
        usages=("[developer|container|ci]",),
    ),
    Action(
        name="policy",
        summary="Show the effective policy and the source of each value.",
        usages=("[--json]", "--check <file> [--json]", "--schema"),
        options=("--check", "--schema", "--json"),
    ),
    Action(
        name="log",
        summary="Show the journal: what was done, what was refused, and what an exception let pass.",
        usages=(
            "[--since <time>] [--rule <rule>] [--project <project>] [--refused] [-n <number>] [--summary|--json] [<file> ...]",
            "--follow [<filter> ...]",
        ),
        options=("--since", "--rule", "--project", "--refused", "-n", "--follow", "--summary", "--json"),
    ),
    Action(
        name="scan",
        summary="Check installed distributions with the same rules.",
        usages=("[--path <dir>] [--format text|json|sarif|cyclonedx]",),
        options=("--json", "--format", "--path"),
    ),
    Action(
        name="enable",
        summary="Guard more ways of starting pip; with no option, list them.",
        usages=(
            (
                "[--shell [<shell>]] [--shims [<dir>] [--replace]] [--interpreter [<python>]] [--pip-config] [--uv-config]"
                " [--minimum-age] [--dry-run]"
            ),
        ),
        options=(*_INTEGRATIONS, "--replace", "--minimum-age", "--dry-run"),
    ),
    Action(
        name="disable",
        summary="Undo what enable has changed.",
        usages=(
            "[--shell [<shell>]] [--shims [<dir>]] [--interpreter [<python>]] [--pip-config] [--uv-config] [--dry-run]",
        ),
        options=(*_INTEGRATIONS, "--dry-run"),
    ),
)


@frozen
class GuardRequest:
    """The arguments of ``pip guard``, the action first, and the options as pip parsed them."""

    arguments: tuple[str, ...]
    options: Mapping[str, str | bool] = MappingProxyType({})

    def text(self, flag: str) -> str | None:
        """Return the value of an option, or None if it was not given."""
        value = self.options.get(flag)
        return value if isinstance(value, str) else None

    def has(self, flag: str) -> bool:
        """Tell whether an option was given."""
        return flag in self.options
