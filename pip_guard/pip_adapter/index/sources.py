"""Collect the places where pip would look for files: from its options, then from its finder and session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from optparse import Values
from typing import TYPE_CHECKING

from pip._internal.utils.misc import normalize_path
from pip._internal.utils.urls import url_to_path

from pip_guard.facts.origin import Origin, OriginKind, Setting
from pip_guard.facts.requirements import SourceFacts
from pip_guard.pip_adapter.options.origins import OptionOrigins
from pip_guard.pip_adapter.options.values import AUTHORITY_VARIABLES, REQUIREMENT_FILES
from pip_guard.policy.approval import is_local
from pip_guard.urls.redaction import redact

if TYPE_CHECKING:
    from pip._internal.index.package_finder import PackageFinder


def sources_of_options(options: Values, origins: OptionOrigins) -> SourceFacts:
    """Describe the sources that the options of a command name."""
    indexes = [] if getattr(options, "no_index", False) else _indexes(options, origins)
    return SourceFacts(
        indexes=tuple(indexes),
        find_links=_named_folders_first(_collected("find_links", options, origins)),
        trusted_hosts=tuple(
            Setting(value=host.value.rpartition("@")[2], origin=host.origin)
            for host in _collected("trusted_hosts", options, origins)
        ),
        requirement_files=tuple(
            setting for dest in REQUIREMENT_FILES for setting in _collected(dest, options, origins)
        ),
        proxies=tuple(_proxies(options, origins, [index.value for index in indexes])),
        private_authority=trusts_other_authorities(options.cert),
    )


def trusts_other_authorities(certificates: object) -> bool:
    """Tell whether an option or a variable replaces the default certificate authorities."""
    return isinstance(certificates, str) or any(os.environ.get(variable) for variable in AUTHORITY_VARIABLES)


def hide_password(proxy: str) -> str:
    """Return the URL of a proxy without its password; one without a scheme is an http proxy."""
    return redact(proxy if "://" in proxy else f"http://{proxy}")


class SourceOrigins:
    """The sources that requirements and constraints files add, with the line that adds each."""

    def __init__(self) -> None:
        self._new: dict[tuple[str, str], Origin] = {}
        self._known: set[tuple[str, str]] = set()
        self._named_folders: set[str] = set()

    def note(self, kind: str, value: str, filename: str, line: int) -> None:
        """Remember the line that adds a value of one kind (``index``, ``find-links`` or ``trusted-host``)."""
        self._add(kind, value, f"line {line} of {filename}")

    def know(self, judged: SourceFacts) -> None:
        """Remember the sources that options name, which have been judged."""
        self._known.update(("index", index.value) for index in judged.indexes)
        self._known.update(("find-links", value) for link in judged.find_links for value in _spellings(link.value))
        self._named_folders.update(_folder(link.value) for link in judged.find_links if link.by_command_line)
        self._known.update(("trusted-host", host.value.lower()) for host in judged.trusted_hosts)

    def compare(self, finder: PackageFinder) -> None:
        """Remember the other sources of the finder, once all files have been read."""
        for kind, values in (
            ("index", finder.index_urls),
            ("find-links", finder.find_links),
            ("trusted-host", finder.trusted_hosts),
        ):
            for value in values:
                if (kind, value) not in self._known:
                    self._add(kind, value, "a file or an option that pip has read")

    def _add(self, kind: str, value: str, place: str) -> None:
        if kind == "trusted-host":
            value = value.rpartition("@")[2]
        # a folder that the command line names was judged already
        if kind == "find-links" and is_local(value) and _folder(value) in self._named_folders:
            return
        self._new[kind, value] = Origin(kind=OriginKind.FILE_OPTION, text=place)
        self._known.add((kind, value.lower() if kind == "trusted-host" else value))

    def take(self) -> tuple[SourceFacts, ...]:
        """Describe what files have added since the last call."""
        if not self._new:
            return ()
        facts = SourceFacts(
            indexes=self._of("index"), find_links=self._of("find-links"), trusted_hosts=self._of("trusted-host")
        )
        self._new.clear()
        return (facts,)

    def _of(self, wanted: str) -> tuple[Setting, ...]:
        return tuple(
            Setting(value=value, origin=origin) for (kind, value), origin in self._new.items() if kind == wanted
        )


def _spellings(link: str) -> tuple[str, ...]:
    """Return a find-links value as given and as pip expands it, where it begins with "~"."""
    return (link, normalize_path(link)) if link.startswith("~") else (link,)


def _folder(link: str) -> str:
    """Return the real path of a find-links value; the result for a URL on the network is meaningless."""
    scheme, _, rest = link.partition(":")
    path = url_to_path(f"file:{rest}") if scheme.lower() == "file" and rest.startswith("///") else link
    return os.path.realpath(normalize_path(path))


def _named_folders_first(links: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """Attribute a local folder that the command line names to the command line, even if something else names it, too."""
    named = {_folder(link.value): link.origin for link in links if link.by_command_line}
    return tuple(
        link
        if link.by_command_line or not is_local(link.value)
        else Setting(value=link.value, origin=named.get(_folder(link.value), link.origin))
        for link in links
    )


def _indexes(options: Values, origins: OptionOrigins) -> list[Setting]:
    index = getattr(options, "index_url", None)
    first = [Setting(value=index, origin=origins.origin("index_url"))] if index else []
    return [*first, *_collected("extra_index_urls", options, origins)]


def _collected(dest: str, options: Values, origins: OptionOrigins) -> tuple[Setting, ...]:
    values = getattr(options, dest, None) or ()
    return tuple(Setting(value=value, origin=origins.locate(dest, value)) for value in values)


def _proxies(options: Values, origins: OptionOrigins, urls: list[str]) -> Iterator[Setting]:
    """Return the proxies that requests for the given URLs would go through, as requests would choose them."""
    if options.proxy is not None:
        if options.proxy:
            yield Setting(value=hide_password(options.proxy), origin=origins.origin("proxy"))
        return
    if getattr(options, "no_proxy_env", False):
        return
    variables = [name for name in os.environ if name.lower().endswith("_proxy") and name.lower() != "no_proxy"]
    if not variables and os.name == "posix":
        return
    from pip._vendor.requests.utils import get_environ_proxies, select_proxy

    seen = set()
    for url in urls:
        proxy = select_proxy(url, get_environ_proxies(url))
        if proxy and proxy not in seen:
            seen.add(proxy)
            names = [name for name in variables if os.environ[name] == proxy] or ["the system's settings"]
            yield Setting(
                value=proxy, origin=Origin(kind=OriginKind.ENVIRONMENT, text=f"{names[0]} in the environment")
            )
