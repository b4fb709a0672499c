"""Parse URLs strictly, and refuse any that two clients could read differently."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

from pip_guard.frozen import frozen
from pip_guard.urls.host import DoubtError, read_host
from pip_guard.urls.redaction import redact

_DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21}
_VERSION_CONTROLS = frozenset({"bzr", "git", "hg", "svn"})

# RFC 3986, appendix B, except that a scheme is required, and has no dot: urllib3 takes "a.b://c" for the host a.b.
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+-]*):(?://([^/?#]*))?([^?#]*)")
_SERVER = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]+)(?::([0-9]*))?")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
# Some servers cut a segment at ";" (or, if they decode first, at "?" and "#"), and Windows strips dots and spaces at its end.
# That can leave a dot segment, after all others have already resolved those.
_DISGUISED_DOTS = re.compile(r"\.[;?# ]|\.\.[;?#. ]")
# A URL is parsed several times in a row: when its file is chosen, fetched and judged. Many files share a host.
_RECENT = 64


class InvalidURL(ValueError):  # noqa: N818 -- named like packaging's InvalidVersion
    """Say why a URL is invalid or ambiguous."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{redact(url)!r} is not a usable URL: {reason}")
        self.reason = reason


@frozen
class Location:
    """A URL in normal form, without credentials, query and fragment: equal locations are the same for every client.

    `host` is a name of A-labels, an IPv4 address, an IPv6 address without brackets, or empty for a local one. `port` is None if
    the scheme has no default. `path` holds decoded segments without dot segments; that of a local one may hold "..", because
    only the file system knows what is above a symbolic link. A trailing slash is ignored.
    """

    scheme: str
    host: str
    port: int | None
    path: tuple[str, ...]

    @property
    def is_local(self) -> bool:
        """Tell whether this is a file or folder on this machine."""
        return self.scheme == "file"

    @property
    def local_path(self) -> str:
        """Return the path of a local location, as the file system spells it."""
        return _local_path(self.path, windows=os.name == "nt")

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS.get(self.scheme) else f":{self.port}"
        path = "".join("/" + quote(segment, safe="!$&'()*+,;=:@~") for segment in self.path)
        return f"{self.scheme}://{host}{port}{path}" + ("" if self.path and self.path[-1] else "/")


def parse_location(url: str) -> Location:
    """Parse a URL. Raises `InvalidURL` if two clients could disagree about it.

    Clients and servers repair broken URLs, each in its own way. Anything that would need repair is refused, so that pip, git and
    a server cannot read a URL in any other way.
    """
    try:
        return _parse(url)
    except DoubtError as doubt:
        raise InvalidURL(url, str(doubt)) from None


def parse_index(url: str) -> Location:
    """Parse the URL of an index. Raises `InvalidURL`.

    pip appends the name of a project to the text of the index URL. After a "?" or "#", that name would not be part of the path,
    and all projects would have the same page.
    """
    if "?" in url or "#" in url:
        raise InvalidURL(url, "an index URL must not have a query or a fragment.")
    return parse_location(url)


def split_vcs(url: str) -> tuple[str | None, str]:
    """Split the URL of a VCS requirement into the version control system and the URL of the repository.

    The revision after the last "@" of the path is removed first, as in pip: a revision can contain "/../". Other URLs are
    returned unchanged, with None.
    """
    scheme, _, rest = url.partition(":")
    system, _, transport = scheme.partition("+")
    system = system.lower()
    if not transport or system not in _VERSION_CONTROLS:
        return None, url
    repository = f"{transport}:{rest}"
    match = _URL.match(repository)
    if match is None or "@" not in match[3]:
        return system, repository.partition("#")[0]
    end = match.start(3) + match[3].rindex("@")
    return system, repository[:end] + repository[match.end(3) :].partition("#")[0]


@lru_cache(maxsize=_RECENT)
def _parse(url: str) -> Location:
    # NOTE: urlsplit() drops tabs and line breaks, and requests drops leading spaces, so this comes first.
    if " " in url or not url.isprintable():
        raise DoubtError("it contains a space or an invisible character.")
    if "\\" in url:
        raise DoubtError('it contains a backslash, which some clients read as "/".')
    match = _URL.match(url)
    if match is None:
        raise DoubtError('it does not begin with a scheme such as "https://".')
    scheme, authority, path = match[1].lower(), match[2], match[3]
    if _BROKEN_ESCAPE.search(path):
        raise DoubtError('a "%" in its path is not followed by two hexadecimal digits; write it as "%25".')
    if scheme == "file":
        return Location(scheme=scheme, host="", port=None, path=_read_local_path(authority or "", path))
    if not authority:
        raise DoubtError('it has no host; write it as "scheme://host/path".')
    host, port = _read_authority(authority)
    return Location(scheme=scheme, host=host, port=port or _DEFAULT_PORTS.get(scheme), path=_read_path(path))


@lru_cache(maxsize=_RECENT)
def _read_authority(authority: str) -> tuple[str, int | None]:
    userinfo, _, server = authority.rpartition("@")
    if "@" in userinfo:
        raise DoubtError('it has more than one "@" before its path; write an "@" in a password as "%40".')
    if "[" in userinfo or "]" in userinfo:
        raise DoubtError('it has a bracket before the "@"; write brackets in a password as "%5B" and "%5D".')
    match = _SERVER.fullmatch(server)
    if match is None:
        raise DoubtError("the part before its path is not a host with an optional port.")
    host, port = match[1], match[2]
    return read_host(host), _read_port(port) if port else None


def _read_port(text: str) -> int:
    # NOTE: requests reads port 0 as no port.
    if not _PORT.fullmatch(text) or int(text) > 65535:
        raise DoubtError("its port is not a number from 1 to 65535.")
    return int(text)


def _read_path(path: str) -> tuple[str, ...]:
    segments: list[str] = []
    spellings = set()
    for raw in path.removesuffix("/").split("/")[1:]:
        segment = _decode(raw)
        if segment in (".", ".."):
            spellings.add(raw == segment)
        if _ESCAPE.search(segment):
            raise DoubtError("its path is percent-encoded twice.")
        if _DISGUISED_DOTS.match(segment):
            raise DoubtError('its path has a segment that some servers read as "." or "..".')
        if segment == "..":
            # NOTE: urllib3, and servers that merge slashes, leave another folder than RFC 3986 does.
            if not segments or not segments.pop():
                raise DoubtError('its path has a ".." at the top, or after an empty segment.')
        elif segment != ".":
            segments.append(segment)
    # NOTE: urllib3 resolves "..", and only then does requests decode "%2e%2e": with both, "/a/%2e%2e/.." is "/a".
    if len(spellings) > 1:
        raise DoubtError('its path mixes encoded and plain "." or ".." segments.')
    return tuple(segments)


def _read_local_path(authority: str, path: str) -> tuple[str, ...]:
    if authority not in ("", "localhost"):
        raise DoubtError("it names a file on another machine.")
    if not path.startswith("/") or path.startswith("//"):
        raise DoubtError('its path does not begin with one "/"; write it as "file:///path".')
    segments = (_decode(raw) for raw in path.split("/"))
    return tuple(segment for segment in segments if segment not in ("", "."))


def _decode(raw: str) -> str:
    if raw.isascii() and "%" not in raw:  # invisible characters were refused for the whole URL
        return raw
    try:
        segment = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise DoubtError("its path is not UTF-8.") from None
    if "/" in segment or "\\" in segment or not segment.isprintable():
        raise DoubtError("its path contains an encoded slash, backslash or control character.")
    return segment


def _local_path(segments: tuple[str, ...], *, windows: bool) -> str:
    if windows and segments and segments[0].endswith(":"):
        return "/".join(segments) if len(segments) > 1 else segments[0] + "/"
    return "/" + "/".join(segments)
