"""Wrap the methods of pip at which the rules look; this table is all that pip-guard changes inside pip."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterable
from types import FunctionType
from typing import TYPE_CHECKING, Any

from pip_guard.data_classes import frozen
from pip_guard.pip_adapter.network import requests
from pip_guard.pip_adapter.resolution import local_files, resolve, wheels

if TYPE_CHECKING:
    from pip_guard.pip_adapter.network.requests import CommandState

# NOTE: the wrapped methods have nothing in common, so neither their arguments nor their results can be named here.
Method = Callable[..., Any]


@frozen
class Hook:
    """One method of pip: where it is, the parameters that it must have, and what is put around it.

    `owner` is its class, None for a function. `around` is called with the state of the command, the method and the arguments of
    each call.
    """

    module: str
    owner: str | None
    name: str
    parameters: tuple[str, ...]
    around: Method

    @property
    def path(self) -> str:
        """The dotted name of the method."""
        return ".".join(part for part in (self.module, self.owner, self.name) if part)


LEGACY_RESOLVER = "pip._internal.resolution.legacy.resolver"
RESOLVERS = ("pip._internal.resolution.resolvelib.resolver", LEGACY_RESOLVER)

# What every command needs that goes online.
SESSION_HOOKS = (
    Hook(
        module="pip._internal.network.session",
        owner="PipSession",
        name="send",
        parameters=("self", "request"),
        around=requests.send,
    ),
    Hook(
        module="pip._internal.cli.index_command",
        owner=None,
        name="_pip_self_version_check_fetch",
        parameters=("session", "options"),
        around=requests.check_own_version,
    ),
    Hook(
        module="pip._internal.req.req_file",
        owner=None,
        name="handle_option_line",
        parameters=("opts", "filename", "lineno", "finder", "options", "session"),
        around=requests.handle_option_line,
    ),
    Hook(
        module="pip._internal.req.req_file",
        owner=None,
        name="get_file_content",
        parameters=("url", "session"),
        around=requests.get_file_content,
    ),
)
# What every command needs, besides, that resolves requirements.
REQUIREMENT_HOOKS = (
    Hook(
        module="pip._internal.models.format_control",
        owner="FormatControl",
        name="get_allowed_formats",
        parameters=("self", "canonical_name"),
        around=resolve.allow_formats,
    ),
    Hook(
        module="pip._internal.cache",
        owner="WheelCache",
        name="get_cache_entry",
        parameters=("self", "link", "package_name", "supported_tags"),
        around=resolve.look_into_wheel_cache,
    ),
    Hook(
        module="pip._internal.index.package_finder",
        owner="LinkEvaluator",
        name="evaluate_link",
        parameters=("self", "link"),
        around=resolve.evaluate_link,
    ),
    Hook(
        module="pip._internal.operations.prepare",
        owner="RequirementPreparer",
        name="prepare_linked_requirement",
        parameters=("self", "req", "parallel_builds"),
        around=resolve.prepare_linked_requirement,
    ),
    Hook(
        module="pip._internal.operations.prepare",
        owner="RequirementPreparer",
        name="prepare_linked_requirements_more",
        parameters=("self", "reqs", "parallel_builds"),
        around=resolve.prepare_linked_requirements_more,
    ),
    # The functions are looked up where they are used.
    Hook(
        module="pip._internal.operations.prepare",
        owner=None,
        name="get_file_url",
        parameters=("link", "download_dir", "hashes"),
        around=local_files.get_file_url,
    ),
    Hook(
        module="pip._internal.operations.prepare",
        owner=None,
        name="_check_download_dir",
        parameters=("link", "download_dir", "hashes", "warn_on_hash_mismatch"),
        around=local_files.check_download_dir,
    ),
    Hook(
        module="pip._internal.operations.prepare",
        owner="RequirementPreparer",
        name="save_linked_requirement",
        parameters=("self", "req"),
        around=local_files.save_linked_requirement,
    ),
    Hook(
        module="pip._internal.index.package_finder",
        owner=None,
        name="parse_links",
        parameters=("page",),
        around=resolve.parse_links,
    ),
    Hook(
        module="pip._internal.operations.prepare",
        owner="RequirementPreparer",
        name="prepare_editable_requirement",
        parameters=("self", "req"),
        around=resolve.prepare_editable_requirement,
    ),
    *(
        Hook(module=module, owner="Resolver", name=name, parameters=parameters, around=around)
        for module in RESOLVERS
        for name, parameters, around in (
            ("resolve", ("self", "root_reqs", "check_supported_wheels"), resolve.resolve),
            ("get_installation_order", ("self", "req_set"), resolve.get_installation_order),
        )
    ),
)

# What makes an installation faster; with a pip that has them in another form, it is only slower. They are wrapped when something
# is installed, because loading their module takes time.
COMPILE_HOOKS = (
    Hook(
        module="pip._internal.operations.install.wheel",
        owner=None,
        name="install_wheel",
        parameters=(
            "name",
            "wheel_path",
            "scheme",
            "req_description",
            "pycompile",
            "warn_script_location",
            "direct_url",
            "requested",
            "script_executable",
        ),
        around=wheels.install_wheel,
    ),
    Hook(
        module="pip._internal.operations.install.wheel",
        owner=None,
        name="_compile_wheel_file",
        parameters=("path",),
        around=wheels.compile_wheel_file,
    ),
)

HOOKS = (*SESSION_HOOKS, *REQUIREMENT_HOOKS)


def missing_hooks(hooks: Iterable[Hook]) -> tuple[str, ...]:
    """Return the dotted names of the methods that the installed pip lacks, or has in another form."""
    return tuple(hook.path for hook in hooks if not _is_there(hook))


def install_hooks(hooks: Iterable[Hook], state: CommandState) -> None:
    """Put wrappers in place, bound to the state of the command; none of them may be among the `missing_hooks`."""
    for hook in hooks:
        owner = _owner(hook)
        setattr(owner, hook.name, _wrap(getattr(owner, hook.name), functools.partial(hook.around, state)))


def _owner(hook: Hook) -> object:
    module = importlib.import_module(hook.module)
    return module if hook.owner is None else getattr(module, hook.owner, None)


def _is_there(hook: Hook) -> bool:
    try:
        method = getattr(_owner(hook), hook.name, None)
    except ImportError:
        return False
    if not isinstance(method, FunctionType):
        return False
    code = method.__code__
    return code.co_varnames[: code.co_argcount] == hook.parameters


def _wrap(method: Method, around: Method) -> Method:
    @functools.wraps(method)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return around(method, *args, **kwargs)

    return wrapper
