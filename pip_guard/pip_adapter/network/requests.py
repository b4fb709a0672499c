"""Judge what pip is about to read or to request: requirements files, the sources that they add, and URLs.

The wrappers take the state of the command and pip's method, then the parameters of that method under pip's own names.
"""

from __future__ import annotations

import functools
import logging
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pip
from pip._internal.exceptions import InstallationError
from pip._internal.metadata import get_default_environment
from pip._vendor.requests.utils import select_proxy

from pip_guard.environment.permissions import path_danger
from pip_guard.facts.command import FileFacts, TrustedFile
from pip_guard.facts.fetch import FetchFacts
from pip_guard.facts.origin import Origin, OriginKind, Setting
from pip_guard.facts.requirements import HashCheckingFacts, SourceFacts
from pip_guard.frozen import replace
from pip_guard.pip_adapter.index.listings import local_path
from pip_guard.pip_adapter.index.sources import SourceOrigins, hide_password, trusts_other_authorities
from pip_guard.pip_adapter.session import Refusal
from pip_guard.policy.approval import is_local

if TYPE_CHECKING:
    from optparse import Values

    from pip._internal.index.package_finder import PackageFinder
    from pip._internal.metadata import BaseDistribution
    from pip._internal.network.session import PipSession
    from pip._internal.self_outdated_check import UpgradePrompt
    from pip._vendor.requests import PreparedRequest, Response

    from pip_guard.engine.session import GuardSession
    from pip_guard.facts.origin import Facts
    from pip_guard.pip_adapter.network.ahead import Ahead

logger = logging.getLogger(__name__)

# In bytes. A file of requirements with the hashes of ten thousand projects stays below this.
LARGEST = 32 << 20
# The status codes that do not say whether an index has a project: it wants a password, forbids, or is too busy.
WANTS_PASSWORD = 401
UNANSWERED = frozenset({WANTS_PASSWORD, 403, 407, 408, 429})
FAILED = 500
# The content types that pip requests from an index, and those that it understands.
PAGES = "application/vnd.pypi.simple"
PAGE_TYPES = (f"{PAGES}.v1+json", f"{PAGES}.v1+html", "text/html")


class CommandState:
    """The session of a command, and what is learned while the command runs; the hooks are bound to it."""

    def __init__(self, session: GuardSession) -> None:
        self.session = session
        self.source_origins = SourceOrigins()
        self.failed_requests: set[str] = set()
        self.ahead: Ahead | None = None
        self.proxies: set[str] = set()
        # Where a keyring provider is set that pip-guard does not use, until the user has been warned.
        self.unused_keyring: Origin | None = None

    def judge(self, *facts: Facts) -> None:
        """Judge facts, those about sources that files have added first. Raises `Refusal` if the command may not go on."""
        if not self.session.judge(*self.source_origins.take(), *facts):
            raise Refusal

    def is_optional(self) -> bool:
        """Tell whether this thread sends requests that pip itself did not make."""
        return self.ahead is not None and self.ahead.runs_here()

    def begin(self) -> None:
        """Record that something is about to change. Raises `Refusal` if that must be recorded and cannot be."""
        if not self.session.begin():
            raise Refusal


def send(
    state: CommandState,
    method: Callable[..., Response],
    self: PipSession,
    request: PreparedRequest,
    **kwargs: Any,
) -> Response:
    """Judge a request, the first of a chain of redirects or a later one, before anything is looked up or sent."""
    url, ahead = str(request.url), state.ahead
    redirected = kwargs.get("allow_redirects") is False and request.method == "GET"
    facts = FetchFacts(url=url, redirected=redirected)
    if proxy := select_proxy(url, kwargs.get("proxies")):
        shown = hide_password(proxy)
        facts = FetchFacts(
            url=url, redirected=redirected, proxy=shown, private_authority=trusts_other_authorities(self.verify)
        )
    is_optional = state.is_optional()
    if is_optional:
        # pip has not asked for this yet, or never will; when it does, what the rules find will be shown
        if not state.session.would_pass(replace(facts, redirected=False)):
            raise Refusal
    else:
        state.judge(facts)
    if facts.proxy is not None:
        state.proxies.add(facts.proxy)
    if is_optional:
        return method(self, request, **kwargs)
    state.failed_requests.add(url)
    if state.unused_keyring is not None:
        # NOTE: before pip's own hook, which may ask for a password.
        request.hooks.setdefault("response", []).insert(0, functools.partial(_tell_of_keyring, state))
    response = None if ahead is None else ahead.take(request)
    if response is None:
        with nullcontext() if ahead is None else ahead.slot(url):
            response = method(self, request, **kwargs)
    if _is_answer(request, response):
        state.failed_requests.discard(url)
    return response


def _tell_of_keyring(state: CommandState, response: Response, **kwargs: object) -> None:
    """Warn, once, that no keyring is asked for the password that a server wants."""
    if response.status_code == WANTS_PASSWORD and state.unused_keyring is not None:
        logger.warning(
            "%s wants a password, and pip-guard asks no keyring (keyring-provider is %s): put it into ~/.netrc, or into the URL.",
            urlsplit(response.url).hostname,
            state.unused_keyring,
        )
        state.unused_keyring = None


def _is_answer(request: PreparedRequest, response: Response) -> bool:
    """Tell whether a response says which files an index has of a project, or that it has none."""
    if response.status_code in UNANSWERED or response.status_code >= FAILED:
        return False
    if not response.ok or PAGES not in request.headers.get("Accept", ""):
        return True
    return response.headers.get("Content-Type", "").lower().startswith(PAGE_TYPES)


def check_own_version(
    state: CommandState, method: Callable[..., UpgradePrompt | None], session: PipSession, options: Values
) -> UpgradePrompt | None:
    """Let pip look for a newer pip if it may send the request, and keep quiet if it may not: the user did not ask for it.

    What is found counts for the pip that runs, and not for another one in the environment, of which the notice would speak.
    """
    try:
        with state.session.tentatively():
            prompt = method(session, options)
    except Refusal:
        return None
    return prompt if prompt is None or _is_running_pip(get_default_environment().get_distribution("pip")) else None


def _is_running_pip(distribution: BaseDistribution | None) -> bool:
    folder = os.path.dirname(os.path.dirname(os.path.realpath(pip.__file__)))
    return distribution is not None and os.path.realpath(distribution.location or "") == folder


def get_file_content(
    state: CommandState,
    method: Callable[..., tuple[str, str]],
    url: str,
    session: PipSession,
    *,
    constraint: bool = False,
) -> tuple[str, str]:
    """Judge a requirements file that another one names, before it is read."""
    origin = Origin(kind=OriginKind.FILE_OPTION, text="a requirements file")
    named = SourceFacts(requirement_files=(Setting(value=url, origin=origin),))
    state.judge(named, *_dangers(url))
    if not is_local(url):
        return method(url, session, constraint=constraint)
    with bounded(local_path(url)) as path:
        location, content = method(path or url, session, constraint=constraint)
    return (location if path is None else url), content


@contextmanager
def bounded(path: str) -> Iterator[str | None]:
    """Yield the path of a copy if this is not a regular file, such as a pipe, else None. Raises pip's error if it is too large."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):  # pip says what is wrong
        yield None
        return
    too_large = InstallationError(f"{path} is too large for a file of requirements: more than {LARGEST >> 20} MiB.")
    if status.st_size > LARGEST:
        raise too_large
    if stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode):
        yield None
        return
    with open(path, "rb") as pipe, tempfile.NamedTemporaryFile() as copy:
        # NOTE: a device may have no end, and pip would read all of it into memory.
        copy.write(pipe.read(LARGEST + 1))
        if copy.tell() > LARGEST:
            raise too_large
        copy.flush()
        yield copy.name


def _dangers(url: str) -> tuple[FileFacts, ...]:
    """Describe a local file if others can change it."""
    if not is_local(url):
        return ()
    path = local_path(url)
    danger = path_danger(path)
    return (FileFacts(files=(TrustedFile(path=path, role="requirements", danger=danger),)),) if danger else ()


def handle_option_line(
    state: CommandState,
    method: Callable[..., None],
    opts: Values,
    filename: str,
    lineno: int,
    finder: PackageFinder | None = None,
    options: Values | None = None,
    session: PipSession | None = None,
) -> None:
    """Remember the line of a requirements file that adds a source; judge one that switches hash checking off."""
    known = len(finder.find_links) if finder is not None else 0
    method(opts, filename, lineno, finder, options, session)
    origins = state.source_origins
    for index in [opts.index_url, *(opts.extra_index_urls or ())]:
        if index:
            origins.note("index", index, filename, lineno)
    for host in opts.trusted_hosts or ():
        origins.note("trusted-host", host, filename, lineno)
    for link in finder.find_links[known:] if finder is not None else ():
        origins.note("find-links", link, filename, lineno)
    if opts.no_require_hashes:
        state.judge(HashCheckingFacts(origin=Origin(kind=OriginKind.FILE_OPTION, text=f"line {lineno} of {filename}")))
