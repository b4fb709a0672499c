"""Run a local index: in this process, over TLS, with a log of what was asked of it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote, urlsplit

from packaging.utils import canonicalize_name

from tests.kit.authority import certificate_authority_file, server_context
from tests.kit.catalogue import Catalogue, accepts_json, announced_metadata, file_path, own_requires_python
from tests.kit.http_server import Fault, FaultKind, LoopbackServer, Request, Response
from tests.kit.simple_api import ProjectStatus, PublishedFile, provenance_url, render_provenance, sha256
from tests.kit.sources import Sdist
from tests.kit.wheels import Wheel

LONG_AGO = datetime(2020, 1, 1, tzinfo=timezone.utc)
FOR_GOOD = "max-age=365000000, immutable, public"
PLAIN_TEXT = "text/plain; charset=utf-8"

Responder: TypeAlias = Callable[[Request], bytes]
Page: TypeAlias = Callable[[Request], Response]


@dataclass(kw_only=True, slots=True)
class PlannedFault:
    """A fault that a path has in store, `times` times, or always."""

    fault: Fault
    times: int | None


class LocalIndex:
    """An index on https://localhost:PORT/simple/, with its files below /files/; serves as a context manager.

    `html_only`, `credentials` and `latency` can be changed at any time.
    `requests` is what came in, oldest first; it may be cleared.
    """

    def __init__(
        self,
        *,
        tls: bool = True,
        html_only: bool = False,
        credentials: tuple[str, str] | None = None,
        host: str = "localhost",
        cacheable: bool = False,
    ) -> None:
        """Bind to a free port; `host` is the name in the URLs, localhost or 127.0.0.1.

        With `cacheable`, clients may keep files for good, as those of PyPI.
        """
        self.html_only = html_only
        self.credentials = credentials
        self.requests: list[Request] = []
        self._cacheable = cacheable
        self._catalogue = Catalogue()
        self._pages: dict[str, Page] = {}
        self._faults: dict[str, PlannedFault] = {}
        self._server = LoopbackServer(self._answer, context=server_context() if tls else None)
        self._scheme = "https" if tls else "http"
        self._host = f"{host}:{self._server.server_address[1]}"

    def __enter__(self) -> LocalIndex:
        """Start to serve."""
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop and close the port."""
        self._server.stop()

    @property
    def latency(self) -> float:
        """The seconds that each request takes more than on this machine, a new connection two or three times as many."""
        return self._server.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._server.latency = seconds

    @property
    def origin(self) -> str:
        """The scheme, host and port, without a slash at the end."""
        return f"{self._scheme}://{self._host}"

    @property
    def url(self) -> str:
        """The URL for --index-url."""
        return f"{self.origin}/simple/"

    @property
    def url_with_credentials(self) -> str:
        """The URL for --index-url, with the user name and the password."""
        user, password = self.credentials or ("", "")
        return f"{self._scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{self._host}/simple/"

    @property
    def files_url(self) -> str:
        """The URL below which the files lie."""
        return f"{self.origin}/files/"

    @property
    def ca_path(self) -> Path:
        """The certificate authority to trust."""
        return certificate_authority_file()

    @property
    def paths(self) -> list[str]:
        """The paths asked for, oldest first."""
        return [request.path for request in self.requests]

    def publish(
        self,
        file: Wheel | Sdist,
        *,
        upload_time: datetime | None = LONG_AGO,
        yanked: bool | str = False,
        metadata: bool | bytes = True,
        hashes: bool | str = True,
        url: str | None = None,
        requires_python: str | None = None,
        project: str | None = None,
        project_status: str | None = None,
        project_status_reason: str | None = None,
        provenance: bool | Sequence[Mapping[str, str]] = False,
    ) -> str:
        """Offer a file and return its URL.

        `yanked` may be the reason. `hashes` may be a SHA-256 to announce in place of the true one, `metadata` what to serve
        in place of the wheel's own. With `url` the index points there and does not serve the file. `requires_python` is the
        file's own unless given. `project` is the project under which the index offers the file, the file's own by default.
        With `provenance` the page names some for the file (PEP 740); it is served if that says which publishers it states.
        """
        published = PublishedFile(
            project=canonicalize_name(project or file.name),
            version=file.version,
            filename=file.filename,
            url=url or self.origin + file_path(file.filename),
            content=file.content,
            digest=hashes if isinstance(hashes, str) else sha256(file.content) if hashes else None,
            metadata=metadata if isinstance(metadata, bytes) else announced_metadata(file) if metadata else None,
            requires_python=requires_python or own_requires_python(file),
            upload_time=upload_time,
            yanked=yanked,
            hosted=url is None,
            provenance=provenance,
        )
        self._catalogue.add(published)
        if not isinstance(provenance, bool):
            self.page(urlsplit(provenance_url(published)).path, render_provenance(provenance))
        if project_status is not None:
            self.set_status(published.project, project_status, reason=project_status_reason)
        return published.url

    def clear(self) -> None:
        """Forget what was published and planned, and what came in."""
        self._catalogue = Catalogue()
        self._pages.clear()
        self._faults.clear()
        self.requests.clear()

    def set_status(self, project: str, status: str, *, reason: str | None = None) -> None:
        """Set the state of a project (PEP 792); it need not have files."""
        self._catalogue.set_status(project, ProjectStatus(status=status, reason=reason))

    def page(
        self, path: str, body: str | bytes | Responder, content_type: str = PLAIN_TEXT, *, status: int = 200
    ) -> str:
        """Serve something else on a path, whatever the method, and return its URL; a function makes its body."""

        def respond(request: Request) -> Response:
            content = body(request) if callable(body) else body
            encoded = content.encode() if isinstance(content, str) else content
            return Response(status=status, body=encoded, content_type=content_type)

        self._pages[path] = respond
        return self.origin + path

    def redirect(self, path: str, target: str, *, status: int = 302) -> str:
        """Redirect a path, or the path of a URL, and return the URL that redirects."""
        path = urlsplit(path).path
        self._pages[path] = lambda _: Response(status=status, headers={"Location": target})
        return self.origin + path

    def fail(self, path: str, kind: FaultKind, *, times: int | None = None, seconds: float = 0.0) -> None:
        """Let the answers for a path, or for the path of a URL, go wrong: `times` times, or always."""
        self._faults[urlsplit(path).path] = PlannedFault(fault=Fault(kind=kind, seconds=seconds), times=times)

    def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        if self.credentials is not None and request.authorization != basic_authorization(*self.credentials):
            return Response(status=401, headers={"WWW-Authenticate": 'Basic realm="index"'})
        path = request.path.partition("?")[0]
        page = self._pages.get(path)
        if page is not None:
            response = page(request)
        else:
            response = self._catalogue.answer(path, json=accepts_json(request) and not self.html_only)
            if self._cacheable and path.startswith("/files/"):
                response = replace(response, headers={**response.headers, "Cache-Control": FOR_GOOD})
        return replace(response, fault=self._take_fault(path))

    def _take_fault(self, path: str) -> Fault | None:
        planned = self._faults.get(path)
        if planned is None or planned.times == 0:
            return None
        if planned.times is not None:
            planned.times -= 1
        return planned.fault


def basic_authorization(user: str, password: str) -> str:
    """Return the Authorization header of basic authentication."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
