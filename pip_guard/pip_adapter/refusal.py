"""Stop pip with an exception of its own family, so that it cleans up as it does after any error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pip._internal.exceptions import InstallationError

from pip_guard.pip_adapter.current import get_session

if TYPE_CHECKING:
    from pip_guard.facts.origin import Facts


class Refusal(InstallationError):  # noqa: N818 -- no error: the answer of the rules, on its way out
    """A finding refuses; the gate holds what it says."""

    def __init__(self) -> None:
        super().__init__("pip-guard refused to go on")


def judge(*facts: Facts) -> None:
    """Let the gate judge; raises `Refusal` if the command may not go on."""
    if not get_session().judge(*facts):
        raise Refusal


def begin() -> None:
    """Record that something is about to change; raises `Refusal` if that must be recorded and cannot be."""
    if not get_session().begin():
        raise Refusal
