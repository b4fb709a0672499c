"""Define what ``pip guard`` can be asked to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardRequest:
    """One call of ``pip guard``: the action with its arguments, and its options, as pip parsed them."""

    arguments: tuple[str, ...]
    reason: str | None = None
    expires: str | None = None
    json: bool = False
