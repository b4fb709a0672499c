"""Wrap the methods of pip at which the rules look; this table is all that pip-guard changes inside pip."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from pip_guard.pip_adapter.network import requests
from pip_guard.pip_adapter.resolution import local_files, resolve, wheels

if TYPE_CHECKING:
    from pip_guard.pip_adapter.network.requests import CommandState

# NOTE: the wrapped methods have nothing in common, so neither their arguments nor their results can be named here.
Method = Callable[..., Any]


class Hook(NamedTuple):
    """A method of pip, as ``module:function`` or ``module:class.method``, and what is put around it.

    `around` is called with the state of the command, the method and the arguments of each call. Its own parameters after the first
    two are those that the method must have.
    """

    target: str
    around: Method

    @property
    def module(self) -> str:
        """The module that defines the method."""
        return self.target.partition(":")[0]

    @property
    def path(self) -> str:
        """The dotted name of the method."""
        return self.target.replace(":", ".")

    def find(self) -> tuple[object, str]:
        """Return the class or module that has the method, None if there is no such class, and the name. Raises `ImportError`."""
        owner, _, name = self.target.partition(":")[2].rpartition(".")
        module = importlib.import_module(self.module)
        return (getattr(module, owner, None) if owner else module), name

    def fits(self, method: FunctionType) -> bool:
        """Tell whether a method has the parameters that `around` names."""
        around = cast("FunctionType", self.around).__code__
        present = method.__code__.co_varnames[: method.__code__.co_argcount]
        return around.co_varnames[2 : around.co_argcount] == present


LEGACY_RESOLVER = "pip._internal.resolution.legacy.resolver"
RESOLVERS = ("pip._internal.resolution.resolvelib.resolver", LEGACY_RESOLVER)
_PREPARE = "pip._internal.operations.prepare"

# For every command that goes online.
SESSION_HOOKS = (
    Hook("pip._internal.network.session:PipSession.send", requests.send),
    Hook("pip._internal.cli.index_command:_pip_self_version_check_fetch", requests.check_own_version),
    Hook("pip._internal.req.req_file:handle_option_line", requests.handle_option_line),
    Hook("pip._internal.req.req_file:get_file_content", requests.get_file_content),
)
# In addition, for every command that resolves requirements. Functions are named where they are looked up.
REQUIREMENT_HOOKS = (
    Hook("pip._internal.models.format_control:FormatControl.get_allowed_formats", resolve.allow_formats),
    Hook("pip._internal.cache:WheelCache.get_cache_entry", resolve.look_into_wheel_cache),
    Hook("pip._internal.index.package_finder:LinkEvaluator.evaluate_link", resolve.evaluate_link),
    Hook("pip._internal.index.package_finder:parse_links", resolve.parse_links),
    Hook(f"{_PREPARE}:RequirementPreparer.prepare_linked_requirement", resolve.prepare_linked_requirement),
    Hook(f"{_PREPARE}:RequirementPreparer.prepare_linked_requirements_more", resolve.prepare_linked_requirements_more),
    Hook(f"{_PREPARE}:RequirementPreparer.prepare_editable_requirement", resolve.prepare_editable_requirement),
    Hook(f"{_PREPARE}:RequirementPreparer.save_linked_requirement", local_files.save_linked_requirement),
    Hook(f"{_PREPARE}:get_file_url", local_files.get_file_url),
    Hook(f"{_PREPARE}:_check_download_dir", local_files.check_download_dir),
    *(Hook(f"{module}:Resolver.resolve", resolve.resolve) for module in RESOLVERS),
    *(Hook(f"{module}:Resolver.get_installation_order", resolve.get_installation_order) for module in RESOLVERS),
)

# To speed up installations: with a pip that lacks them, nothing is wrapped. They are wrapped when something is installed, because
# loading their module takes time.
COMPILE_HOOKS = (
    Hook("pip._internal.operations.install.wheel:install_wheel", wheels.install_wheel),
    Hook("pip._internal.operations.install.wheel:_compile_wheel_file", wheels.compile_wheel_file),
)

HOOKS = (*SESSION_HOOKS, *REQUIREMENT_HOOKS)


def missing_hooks(hooks: Iterable[Hook]) -> tuple[str, ...]:
    """Return the dotted names of the methods that the installed pip lacks, or has in another form."""
    return tuple(hook.path for hook in hooks if not _is_there(hook))


def install_hooks(hooks: Iterable[Hook], state: CommandState) -> None:
    """Put wrappers in place, bound to the state of the command; none of them may be among the `missing_hooks`."""
    for hook in hooks:
        owner, name = hook.find()
        setattr(owner, name, _wrap(getattr(owner, name), functools.partial(hook.around, state)))


def _is_there(hook: Hook) -> bool:
    try:
        owner, name = hook.find()
    except ImportError:
        return False
    method = getattr(owner, name, None)
    return isinstance(method, FunctionType) and hook.fits(method)


def _wrap(method: Method, around: Method) -> Method:
    @functools.wraps(method)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return around(method, *args, **kwargs)

    return wrapper
