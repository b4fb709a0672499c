"""Guard the commands that resolve requirements, and could build them."""

from __future__ import annotations

import logging
from functools import partial
from optparse import Values
from typing import TYPE_CHECKING, Any

from pip._internal.cli.req_command import RequirementCommand
from pip._internal.index.package_finder import PackageFinder
from pip._internal.models.link import Link
from pip._internal.network.session import PipSession
from pip._internal.req.req_install import InstallRequirement
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name

from pip_guard.environment.audit_hook import ProcessPolicy
from pip_guard.facts.origin import Origin, OriginKind
from pip_guard.pip_adapter.commands.guarded import GuardedCommand
from pip_guard.pip_adapter.hooks import COMPILE_HOOKS, HOOKS, LEGACY_RESOLVER, Hook, install_hooks, missing_hooks
from pip_guard.pip_adapter.index.listings import DIRECT
from pip_guard.pip_adapter.resolution.candidates import COMMAND_LINE, candidate_facts
from pip_guard.pip_adapter.resolution.state import Installation, ResolutionState
from pip_guard.policy.approval import is_approved_proxy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pip._internal.operations.prepare import RequirementPreparer
    from pip._internal.resolution.base import BaseResolver

    from pip_guard.pip_adapter.network.advisory_session import AdvisorySession

    class _Base(GuardedCommand, RequirementCommand):
        """The base class as type checkers see it."""

else:
    _Base = GuardedCommand

# With this, build requirements are resolved in this process, under the same rules, and not in an unguarded child process.
BUILD_REQUIREMENTS_IN_PROCESS = "inprocess-build-deps"
_pip_logger = logging.getLogger("pip._internal.cli.req_command")


class GuardedRequirementCommand(_Base):
    """A command that resolves requirements: every candidate is judged."""

    state: ResolutionState

    _uses_legacy_resolver = False

    def make_state(self) -> ResolutionState:
        """Make the state that the hooks are bound to."""
        return ResolutionState(self.session)

    def hooks(self) -> tuple[Hook, ...]:
        """Return the methods of pip to wrap: those of the legacy resolver only where that is in use."""
        return HOOKS if self._uses_legacy_resolver else tuple(hook for hook in HOOKS if hook.module != LEGACY_RESOLVER)

    def wrap_pip(self, options: Values) -> None:
        """Wrap what installs wheels as soon as wheels are to be installed."""
        super().wrap_pip(options)
        self.state.wrap_installation = lambda: install_hooks(
            () if missing_hooks(COMPILE_HOOKS) else COMPILE_HOOKS, self.state
        )

    def run(self, options: Values, args: list[str]) -> int:
        """Run as pip does, and end all threads and processes that were started."""
        try:
            return super().run(options, args)
        finally:
            self.state.end_threads()
            self.state.compilation.end()
            _pip_logger.removeFilter(_is_of_user)

    def builds(self) -> ProcessPolicy:
        """Return the process policy: builds that the rules have allowed may start."""
        return self.state.builds

    def enforce(self, options: Values) -> None:
        """Have build requirements resolved in this process."""
        super().enforce(options)
        self._uses_legacy_resolver = "legacy-resolver" in options.deprecated_features_enabled
        self.session.enforce("only-binary")
        if self.state.upload_times.enforce(options):
            self.session.enforce("uploaded-prior-to")
        if BUILD_REQUIREMENTS_IN_PROCESS not in options.features_enabled:
            # NOTE: the list may be the default that all parsers share
            options.features_enabled = [*options.features_enabled, BUILD_REQUIREMENTS_IN_PROCESS]
            self.session.enforce(f"use-feature={BUILD_REQUIREMENTS_IN_PROCESS}")
            _pip_logger.addFilter(_is_of_user)

    def get_requirements(
        self, args: list[str], options: Values, finder: PackageFinder, session: PipSession
    ) -> list[InstallRequirement]:
        """Collect as pip does, and remember where each requirement comes from."""
        state, provenance = self.state, self.state.provenance
        editables = self.origins.settings("editables")
        on_command_line = [setting.value for setting in self.origins.on_command_line("editables")]
        provenance.name_directories(args, on_command_line)
        state.source_origins.know(self.sources)
        requirements = super().get_requirements(args, options, finder, session)
        state.source_origins.compare(finder)
        state.pins.begin(finder)
        positional = sum(1 for argument in args if argument.strip())
        for requirement in requirements:
            if requirement.comes_from is not None:
                continue
            if requirement.editable:
                for setting in editables:
                    provenance.note(requirement, setting.origin)
            elif positional > 0:
                positional -= 1
                provenance.note(requirement, COMMAND_LINE)
            else:
                provenance.note(requirement, _unnamed_origin(options))
        state.upload_times.lock(finder._locked_links.values())
        waits = self.name == "lock" or getattr(options, "dry_run", False)
        fetch = partial(state.asked_pages.fetch, session=session)
        state.reputation.prepare(lambda: self.open_advisory_session(options), waits=waits, fetch=fetch)
        state.judge(
            *(
                candidate_facts(_locked(name, link, requirements), link, provenance, DIRECT)
                for name, link in finder._locked_links.items()
            )
        )
        return requirements

    # NOTE: pip has a class method, and calls it on the command, whose state it has to know here.
    def make_resolver(  # type: ignore[override]
        self, preparer: RequirementPreparer, finder: PackageFinder, options: Values, *args: Any, **kwargs: Any
    ) -> BaseResolver:
        """Make the resolver as pip does, and remember it."""
        resolver = super().make_resolver(preparer, finder, options, *args, **kwargs)
        self.state.installation = Installation(resolver=resolver, options=options)
        return resolver

    def open_advisory_session(self, options: Values) -> AdvisorySession:
        """Make a session like pip's own for another service, without retries, cache or prompts."""
        from pip_guard.pip_adapter.network.advisory_session import CONNECT_TIMEOUT, AdvisorySession

        quiet = Values({**vars(options), "cache_dir": None, "no_input": True})
        session = self._build_session(quiet, retries=0, timeout=CONNECT_TIMEOUT)
        policy = self.session.policy
        return AdvisorySession(
            session,
            believes=lambda proxy: not self.sources.private_authority or is_approved_proxy(proxy, policy),
        )


def _is_of_user(record: logging.LogRecord) -> bool:
    """Tell whether a message of pip is about what the user asked for, and not about an option that was added."""
    return BUILD_REQUIREMENTS_IN_PROCESS not in record.getMessage()


def _locked(name: str, link: Link, requirements: Iterable[InstallRequirement]) -> InstallRequirement:
    """Return the requirement for a file that a lock file names, with the hashes that the lock file gives."""
    hashes = {
        algorithm: digests
        for requirement in requirements
        if requirement.comes_from == link.comes_from and canonicalize_name(str(requirement.name)) == name
        for algorithm, digests in requirement.hash_options.items()
    }
    return InstallRequirement(Requirement(name), comes_from=link.comes_from, hash_options=hashes)


def _unnamed_origin(options: Values) -> Origin:
    """Return the origin of a requirement from a dependency group or a script; pip does not keep it."""
    groups = [f"group {group} of {path}" for path, group in options.dependency_groups]
    scripts = [f"script {path}" for path in options.requirements_from_scripts]
    kind = OriginKind.GROUP if groups else OriginKind.SCRIPT
    return Origin(kind=kind, text=" or ".join([*groups, *scripts]))
