"""Stop pip with an exception of its own family, so that it cleans up as it does after any error."""

from __future__ import annotations

from pip._internal.exceptions import InstallationError


class Refusal(InstallationError):  # noqa: N818 -- no error: the answer of the rules, on its way out
    """A finding refuses; the gate holds what it says."""

    def __init__(self) -> None:
        super().__init__("pip-guard refused to go on")
