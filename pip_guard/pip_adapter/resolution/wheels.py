"""Report to the gate the wheels that pip is about to unpack, as they lie on disk.

Every function takes the method of pip, then the parameters of that method under pip's own names.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from pip._internal.req.req_install import InstallRequirement

from pip_guard.pip_adapter.current import get_session
from pip_guard.pip_adapter.progress import get_progress
from pip_guard.pip_adapter.refusal import begin, judge
from pip_guard.pip_adapter.resolution.chosen_files import chosen_wheel, is_main

if TYPE_CHECKING:
    from optparse import Values

    from pip._internal.operations.prepare import RequirementPreparer
    from pip._internal.req.req_set import RequirementSet
    from pip._internal.resolution.base import BaseResolver

    from pip_guard.distributions.describe import Wheel
    from pip_guard.distributions.wheel.contents import Scheme, WheelContents

# NOTE: what reads wheels is loaded when there is one. pip refuses imports from just after this point until it ends.


def resolve(
    method: Callable[..., RequirementSet],
    self: BaseResolver,
    root_reqs: list[InstallRequirement],
    check_supported_wheels: bool,
) -> RequirementSet:
    """Judge the wheels that a dry run had to fetch: it ends with the resolution, and fetches no more of them."""
    resolved = method(self, root_reqs, check_supported_wheels=check_supported_wheels)
    installation = get_progress().installation
    if installation is not None and installation.resolver is self and _is_dry_run(installation.options):
        _judge_together([req for req in resolved.requirements_to_install if _is_fetched_wheel(req)], self)
    return resolved


def get_installation_order(
    method: Callable[..., list[InstallRequirement]], self: BaseResolver, req_set: RequirementSet
) -> list[InstallRequirement]:
    """Judge all wheels of an installation together: none is unpacked yet, and these are the files that will be."""
    order = method(self, req_set)
    _judge_together(order, self)
    if order and is_main(self):
        begin()
    return order


def prepare_linked_requirements_more(
    method: Callable[..., None],
    self: RequirementPreparer,
    reqs: Iterable[InstallRequirement],
    parallel_builds: bool = False,
) -> None:
    """Judge the wheels of a command that keeps them in a folder; each for itself, as they need not be installed together."""
    reqs = list(reqs)
    method(self, reqs, parallel_builds)
    if self.download_dir is not None:
        from pip_guard.distributions.describe import describe_wheels

        reqs = [req for req in reqs if req.is_wheel]
        wheels = [_wheel(req) for req in reqs]
        _take(reqs, wheels, for_build=False)
        judge(*(facts for wheel in wheels for facts in describe_wheels([wheel], None)))
        begin()


def _take(reqs: Iterable[InstallRequirement], wheels: Iterable[Wheel], *, for_build: bool) -> None:
    get_session().take(
        chosen_wheel(req, wheel.contents, for_build=for_build) for req, wheel in zip(reqs, wheels, strict=True)
    )


def _judge_together(reqs: list[InstallRequirement], resolver: BaseResolver) -> None:
    if not reqs:
        return
    from pip_guard.distributions.describe import describe_wheels

    installation = get_progress().installation
    # What a build needs has a resolver of its own, and is unpacked into a folder of its own.
    for_build = not is_main(resolver)
    folders = None if installation is None or for_build else _folders(installation.options)
    wheels = [_wheel(req) for req in reqs]
    _take(reqs, wheels, for_build=for_build)
    judge(*describe_wheels(wheels, folders))


def _is_dry_run(options: Values) -> bool:
    return bool(getattr(options, "dry_run", False))  # the other commands have no such option


def _is_fetched_wheel(req: InstallRequirement) -> bool:
    return req.is_wheel and req.local_file_path is not None and os.path.isfile(req.local_file_path)


def _wheel(req: InstallRequirement) -> Wheel:
    from pip_guard.distributions.describe import Wheel

    link = req.original_link
    return Wheel(
        contents=_read(req),
        origin=get_progress().provenance.origin(req),
        built_from_directory=req.editable or (link is not None and link.is_existing_dir()),
    )


def _read(req: InstallRequirement) -> WheelContents:
    from pip_guard.distributions.wheel.contents import WheelContents
    from pip_guard.distributions.wheel.reader import read_wheel

    # NOTE: a server can have the file on disk called otherwise; what pip goes by is the name in the link.
    filename = req.link.filename if req.link is not None else str(req.name)
    try:
        return read_wheel(req.local_file_path or "", filename)
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
