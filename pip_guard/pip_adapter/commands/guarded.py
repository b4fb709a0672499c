"""Guard pip's own command classes before they run, while they run and when they end."""

from __future__ import annotations

import logging
import sys
from optparse import Values
from typing import TYPE_CHECKING

from pip._internal.cli.base_command import Command
from pip._internal.exceptions import PipError
from pip._internal.utils.logging import BrokenStdoutLoggingError

from pip_guard.environment.import_guard import import_as_before
from pip_guard.pip_adapter.options.origins import OptionOrigins
from pip_guard.pip_adapter.session import PIP_ERROR, Refusal, UsesSession, respect_colour, was_raised_here

# NOTE: what only a guarded run needs is imported when there is one: `pip list` comes through here, and mostly only reads.
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pip_guard.environment.audit_hook import ProcessPolicy
    from pip_guard.facts.origin import Facts
    from pip_guard.facts.requirements import SourceFacts
    from pip_guard.pip_adapter.hooks import Hook
    from pip_guard.pip_adapter.network.requests import CommandState

    # The base class of the mixin is for type checkers; at run time, it is combined with one of pip's command classes.
    _Base = Command
else:
    _Base = object

PIP_UNKNOWN_ERROR = 2
KEYRING_OFF = "disabled"

logger = logging.getLogger(__name__)


class NoBuilds:
    """The process policy of a command that never needs to start one."""

    def permits(self, arguments: Sequence[str], working_directory: str | None) -> bool:
        """Permit nothing."""
        return False


class GuardedCommand(UsesSession, _Base):
    """A command that changes an environment or goes online: its options are judged, and it runs behind the audit hook."""

    origins: OptionOrigins
    sources: SourceFacts
    state: CommandState
    # Whether the command only asks an index, and stores nothing.
    reads_only = False
    # Whether only its options are judged, so that it is about to change something when it starts to run.
    begins_at_once = False

    def is_guarded(self, options: Values) -> bool:
        """Tell whether the command does anything that is guarded, with these options."""
        return True

    def is_unguarded(self, options: Values) -> bool:
        """Tell whether the command runs exactly as pip's: it does nothing that is guarded, or every rule is off."""
        return not self.is_guarded(options) or self.session.all_rules_off

    def make_state(self) -> CommandState:
        """Make the state that the hooks are bound to."""
        from pip_guard.pip_adapter.network.requests import CommandState

        return CommandState(self.session)

    def hooks(self) -> tuple[Hook, ...]:
        """Return the methods of pip to wrap for this command."""
        from pip_guard.pip_adapter.hooks import SESSION_HOOKS

        return SESSION_HOOKS

    def builds(self) -> ProcessPolicy:
        """Return the process policy of the command."""
        return NoBuilds()

    def parse_args(self, args: list[str]) -> tuple[Values, list[str]]:
        """Parse as pip does, and judge the very values that pip will use."""
        self.origins = OptionOrigins(self.parser)
        try:
            options, rest = super().parse_args(args)
            respect_colour(options)
        except PipError as error:
            if self.session.all_rules_off:
                raise
            # NOTE: pip parses where it catches nothing, and shows a traceback for its own messages.
            sys.stderr.write(f"ERROR: {error}\n")
            sys.exit(PIP_ERROR)
        if not self.is_unguarded(options):
            self.start_guard(options)
            return options, rest
        if self.is_guarded(options):
            import_as_before()
        self.delegate_to_pip()
        return options, rest

    def start_guard(self, options: Values) -> None:
        """Judge the options; if they are allowed, wrap pip and install the audit hook."""
        from pip_guard.environment.audit_hook import install
        from pip_guard.facts.requirements import HashCheckingFacts
        from pip_guard.pip_adapter.index.sources import sources_of_options
        from pip_guard.pip_adapter.options.values import command_options

        self.state = self.make_state()
        self.sources = sources_of_options(options, self.origins)
        facts: list[Facts] = [self.sources]
        if getattr(options, "no_require_hashes", False):
            facts.append(HashCheckingFacts(origin=self.origins.origin("no_require_hashes")))
        given = command_options(self.name, options, self.origins, reads_only=self.reads_only)
        self.session.judge_command(given, *facts)
        # NOTE: the file of --log may be the very thing that is refused
        self.leave_if_refused(None if given.outputs else options)
        self.enforce(options)
        self.wrap_pip(options)
        install(self.builds(), may_connect=self.may_connect, refuse=self.refuse_process)

    def enforce(self, options: Values) -> None:
        """Set the options that the rules rely on.

        No program and no installed module is asked for passwords. No cache is used but the user's own, or one that the command
        line names: pip trusts its content as if it had been fetched.
        """
        from pip_guard.facts.origin import OriginKind

        if options.cache_dir and self.origins.origin("cache_dir").kind not in (
            OriginKind.DEFAULT,
            OriginKind.COMMAND_LINE,
        ):
            options.cache_dir = None
            self.session.enforce("no-cache-dir")
        if options.keyring_provider != KEYRING_OFF:
            origin = self.origins.origin("keyring_provider")
            self.state.unused_keyring = None if origin.kind is OriginKind.DEFAULT else origin
            options.keyring_provider = KEYRING_OFF
            self.session.enforce(f"keyring-provider={KEYRING_OFF}")

    def wrap_pip(self, options: Values) -> None:
        """Wrap pip's methods, or refuse a pip that lacks one of them; if the policy lets it pass, wrap those that are there."""
        from pip_guard.environment.exit import set_loaded_aside
        from pip_guard.facts.start import StartFacts
        from pip_guard.pip_adapter.hooks import install_hooks, missing_hooks
        from pip_guard.pip_adapter.version import pip_version

        missing = missing_hooks(self.hooks())
        if missing:
            self.session.judge(StartFacts(pip_version=pip_version(), missing_hooks=missing))
            self.leave_if_refused(options)
        install_hooks((hook for hook in self.hooks() if hook.path not in missing), self.state)
        set_loaded_aside()

    def may_connect(self, host: str, port: int | None) -> None:
        """Judge a connection, except one to a proxy that was judged before. Raises `Refusal`."""
        from pip_guard.facts.fetch import ConnectionFacts
        from pip_guard.pip_adapter.network.advisory_session import asked_urls

        urls = asked_urls()
        if urls is not None:
            if not any(_is_at(url, host, port) for url in urls):
                raise PermissionError(f"pip-guard does not connect to {host}:{port} to ask for advisories")
            return
        proxies = [*(proxy.value for proxy in self.sources.proxies), *self.state.proxies]
        to_proxy = any(_is_at(proxy, host, port) for proxy in proxies)
        if not to_proxy and not self.session.judge(ConnectionFacts(host=host, port=port)):
            raise Refusal

    def run(self, options: Values, args: list[str]) -> int:
        """Run as pip does; a refusal decides the exit code, even where pip has caught it."""
        try:
            if self.begins_at_once:
                self.state.begin()
            status = super().run(options, args)
        except EOFError:
            # NOTE: pip prompts for a user and a password even without a terminal, and then shows a traceback.
            sys.stderr.write("ERROR: pip asked for input, and there is none. Give --no-input, or the credentials.\n")
            status = PIP_ERROR
        except UnicodeError as error:
            # NOTE: pip shows a traceback for a requirements file that is not text.
            sys.stderr.write(f"ERROR: A file that the command reads is not text: {error}\n")
            status = PIP_ERROR
        except BaseException as error:
            if self.session.refused or self.failed_here(error):
                status = PIP_ERROR
            elif options.debug_mode or not _is_unforeseen(error):
                raise
            else:
                # NOTE: pip shows a traceback, for example for a malformed page or file.
                logger.critical("pip cannot go on: %s: %s", type(error).__name__, _in_one_line(error))
                logger.debug("Exception information:", exc_info=True)
                status = PIP_UNKNOWN_ERROR
        return self.session.end(status) or status

    def failed_here(self, error: BaseException) -> bool:
        """Tell whether an error was raised in pip-guard itself, and if so refuse because of it."""
        if isinstance(error, (PipError, KeyboardInterrupt)) or not was_raised_here(error):
            return False
        self.session.fail(error)
        return True

    def refuse_process(self, program: str) -> Refusal | None:
        """Return the error that stops a program from being started, or None where that is only observed."""
        from pip_guard.facts.candidate import ProcessFacts

        passes = self.session.judge(ProcessFacts(program=program))
        return None if passes and self.session.policy.observes else Refusal()


def _is_unforeseen(error: BaseException) -> bool:
    """Tell whether pip would show a traceback for an error instead of a message of its own."""
    return isinstance(error, Exception) and not isinstance(error, (PipError, BrokenPipeError, BrokenStdoutLoggingError))


def _in_one_line(error: BaseException) -> str:
    from pip_guard.urls.redaction import redact

    return "".join(character if character.isprintable() else " " for character in redact(str(error)))


def _is_at(url: str, host: str, port: int | None) -> bool:
    from urllib.parse import urlsplit

    parts = urlsplit(url if "://" in url else f"http://{url}")
    return parts.hostname == host.lower() and (parts.port or {"https": 443}.get(parts.scheme, 80)) == port
