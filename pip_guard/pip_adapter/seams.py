"""Wrap the methods of pip at which the rules look; this table is all that pip-guard changes inside pip."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from pip_guard.pip_adapter import stages

# NOTE: the wrapped methods have nothing in common, so neither their arguments nor their results can be named here.
Method = Callable[..., Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Seam:
    """One method of pip: where it is, the parameters that it must have, and what is put around it.

    `around` is called with the method and the arguments of each call.
    """

    module: str
    owner: str
    name: str
    parameters: tuple[str, ...]
    around: Method

    @property
    def path(self) -> str:
        """The dotted name of the method."""
        return f"{self.module}.{self.owner}.{self.name}"


SEAMS = (
    Seam(
        module="pip._internal.models.format_control",
        owner="FormatControl",
        name="get_allowed_formats",
        parameters=("self", "canonical_name"),
        around=stages.allow_formats,
    ),
    Seam(
        module="pip._internal.cache",
        owner="WheelCache",
        name="get_cache_entry",
        parameters=("self", "link", "package_name", "supported_tags"),
        around=stages.look_into_wheel_cache,
    ),
    Seam(
        module="pip._internal.index.package_finder",
        owner="LinkEvaluator",
        name="evaluate_link",
        parameters=("self", "link"),
        around=stages.evaluate_link,
    ),
    Seam(
        module="pip._internal.operations.prepare",
        owner="RequirementPreparer",
        name="prepare_linked_requirement",
        parameters=("self", "req", "parallel_builds"),
        around=stages.prepare_linked_requirement,
    ),
    Seam(
        module="pip._internal.operations.prepare",
        owner="RequirementPreparer",
        name="prepare_editable_requirement",
        parameters=("self", "req"),
        around=stages.prepare_editable_requirement,
    ),
    Seam(
        module="pip._internal.resolution.resolvelib.resolver",
        owner="Resolver",
        name="resolve",
        parameters=("self", "root_reqs", "check_supported_wheels"),
        around=stages.resolve,
    ),
    Seam(
        module="pip._internal.resolution.legacy.resolver",
        owner="Resolver",
        name="resolve",
        parameters=("self", "root_reqs", "check_supported_wheels"),
        around=stages.resolve,
    ),
)


def missing_seams() -> tuple[str, ...]:
    """Return the dotted names of the methods that the installed pip lacks, or has in another form."""
    return tuple(seam.path for seam in SEAMS if _find(seam) is None)


def install_seams() -> None:
    """Put every wrapper in place; `missing_seams` must have found none."""
    for seam in SEAMS:
        owner = getattr(importlib.import_module(seam.module), seam.owner)
        setattr(owner, seam.name, _wrap(getattr(owner, seam.name), seam.around))


def _find(seam: Seam) -> FunctionType | None:
    try:
        owner = getattr(importlib.import_module(seam.module), seam.owner, None)
    except ImportError:
        return None
    method = vars(owner).get(seam.name) if owner is not None else None
    if not isinstance(method, FunctionType):
        return None
    code = method.__code__
    return method if code.co_varnames[: code.co_argcount] == seam.parameters else None


def _wrap(method: Method, around: Method) -> Method:
    @functools.wraps(method)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return around(method, *args, **kwargs)

    return wrapper
