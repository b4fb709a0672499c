"""Judge the wheels that pip is about to unpack, as they lie on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pip._internal.req.req_install import InstallRequirement

from pip_guard.pip_adapter.resolution.chosen_files import chosen_wheel

if TYPE_CHECKING:
    from optparse import Values

    from pip._internal.models.direct_url import DirectUrl
    from pip._internal.models.scheme import Scheme as Folders
    from pip._internal.resolution.base import BaseResolver

    from pip_guard.distributions.describe import Wheel
    from pip_guard.distributions.wheel.contents import Scheme, WheelContents
    from pip_guard.pip_adapter.resolution.reading import WheelReader
    from pip_guard.pip_adapter.resolution.state import ResolutionState

# NOTE: what reads wheels is loaded when there is one. pip refuses imports from just after this point until it ends.


def judge_together(reqs: list[InstallRequirement], resolver: BaseResolver, state: ResolutionState) -> list[Wheel]:
    """Judge wheels that are to be installed together, and return them. Raises `Refusal`."""
    if not reqs:
        return []
    from pip_guard.distributions.describe import describe_wheels

    # Build requirements have their own resolver, and are unpacked into their own folder.
    for_build = not state.is_main(resolver)
    folders = None if state.installation is None or for_build else _folders(state.installation.options)
    wheels = _read_wheels(reqs, state, for_build=for_build)
    state.judge(*describe_wheels(wheels, folders))
    return wheels


def judge_separately(reqs: list[InstallRequirement], state: ResolutionState) -> None:
    """Judge wheels that are kept in a folder; each by itself, as they need not be installed together. Raises `Refusal`."""
    from pip_guard.distributions.describe import describe_wheels

    wheels = _read_wheels(reqs, state, for_build=False)
    state.judge(*(facts for wheel in wheels for facts in describe_wheels([wheel], None)))


def _read_wheels(reqs: list[InstallRequirement], state: ResolutionState, *, for_build: bool) -> list[Wheel]:
    """Read wheels, and note them for the journal."""
    wheels = [_wheel(req, state) for req in reqs]
    state.session.take(
        chosen_wheel(req, wheel.contents, for_build=for_build) for req, wheel in zip(reqs, wheels, strict=True)
    )
    return wheels


def is_dry_run(state: ResolutionState) -> bool:
    """Tell whether the command ends with the resolution; some commands have no such option."""
    return state.installation is not None and bool(getattr(state.installation.options, "dry_run", False))


def is_fetched_wheel(req: InstallRequirement) -> bool:
    """Tell whether pip has fetched a whole wheel for a requirement, and not its metadata alone."""
    return req.is_wheel and req.local_file_path is not None and os.path.isfile(req.local_file_path)


def _wheel(req: InstallRequirement, state: ResolutionState) -> Wheel:
    from pip_guard.distributions.describe import Wheel

    link = req.original_link
    return Wheel(
        contents=_read(req, state.wheel_reader),
        origin=state.provenance.origin(req),
        built_from_directory=req.editable or (link is not None and link.is_existing_dir()),
    )


def _read(req: InstallRequirement, reader: WheelReader) -> WheelContents:
    from pip_guard.distributions.wheel.contents import WheelContents

    # NOTE: a server can have the file on disk called otherwise; what pip goes by is the name in the link.
    filename = req.link.filename if req.link is not None else str(req.name)
    try:
        return reader.read(req.local_file_path or "", filename)
    except OSError as error:
        return WheelContents(filename=filename, name=str(req.name), defects=(f"it cannot be read ({error.strerror})",))


def _folders(options: Values) -> Mapping[Scheme, str] | None:
    """Return the folders that pip unpacks into, or None if it replaces nothing there."""
    from pip._internal.locations import get_scheme

    from pip_guard.distributions.wheel.contents import Scheme

    if options.target_dir:
        if not options.upgrade:
            return None
        # pip unpacks elsewhere, and then moves what is in the library folder and beside it
        folder = os.path.abspath(options.target_dir)
        return dict.fromkeys(Scheme, folder) | {Scheme.SCRIPTS: os.path.join(folder, "bin")}
    scheme = get_scheme(
        "_",
        user=options.use_user_site,
        root=options.root_path,
        isolated=options.isolated_mode,
        prefix=options.prefix_path,
    )
    return {
        Scheme.PURELIB: scheme.purelib,
        Scheme.PLATLIB: scheme.platlib,
        Scheme.HEADERS: os.path.dirname(scheme.headers),
        Scheme.SCRIPTS: scheme.scripts,
        Scheme.DATA: scheme.data,
    }


def install_wheel(
    state: ResolutionState,
    method: Callable[..., None],
    name: str,
    wheel_path: str,
    scheme: Folders,
    req_description: str,
    pycompile: bool = True,
    warn_script_location: bool = True,
    direct_url: DirectUrl | None = None,
    requested: bool = False,
    script_executable: str | None = None,
    **kwargs: Any,
) -> None:
    """Have all wheels compiled as soon as it is known where the first one goes."""
    if pycompile:
        state.compilation.begin(scheme)
    given = (pycompile, warn_script_location, direct_url, requested, script_executable)
    method(name, wheel_path, scheme, req_description, *given, **kwargs)


def compile_wheel_file(state: ResolutionState, method: Callable[[str], bool], path: str) -> bool:
    """Write the byte code of a module that was compiled ahead, or let pip compile it."""
    return state.compilation.compile(method, path)
