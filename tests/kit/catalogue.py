"""Answer the requests of the simple repository API from the files published on an index."""

from __future__ import annotations

from email import message_from_bytes
from urllib.parse import quote, unquote

from packaging.utils import canonicalize_name

from tests.kit import simple_api
from tests.kit.http_server import Request, Response
from tests.kit.simple_api import ProjectStatus, PublishedFile
from tests.kit.sources import Sdist
from tests.kit.wheels import Wheel

NOT_FOUND = Response(status=404, body=b"Not found.\n")
BINARY = "application/octet-stream"


class Catalogue:
    """The projects of an index, their files and their states."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._projects: dict[str, list[PublishedFile]] = {}
        self._statuses: dict[str, ProjectStatus] = {}

    def add(self, file: PublishedFile) -> None:
        """Offer a file, in place of an earlier one of the same name."""
        others = [other for other in self._projects.get(file.project, ()) if other.filename != file.filename]
        self._projects[file.project] = [*others, file]

    def set_status(self, project: str, status: ProjectStatus) -> None:
        """Set the state of a project, which may have no files."""
        name = canonicalize_name(project)
        self._projects.setdefault(name, [])
        self._statuses[name] = status

    def answer(self, path: str, *, json: bool) -> Response:
        """Answer for a path, in JSON or HTML."""
        match unquote(path).split("/"):
            case ["", "simple", ""]:
                return self._root(json=json)
            case ["", "simple", name] | ["", "simple", name, ""] if path != project_path(name):
                return Response(status=301, headers={"Location": project_path(name)})
            case ["", "simple", name, ""] if name in self._projects:
                return self._project(name, json=json)
            case ["", "files", filename]:
                return self._file(filename)
            case _:
                return NOT_FOUND

    def _root(self, *, json: bool) -> Response:
        projects = sorted(self._projects)
        if json:
            return Response(body=simple_api.render_root_as_json(projects), content_type=simple_api.JSON_TYPE)
        return Response(body=simple_api.render_root_as_html(projects), content_type=simple_api.HTML_TYPE)

    def _project(self, name: str, *, json: bool) -> Response:
        files, status = self._projects[name], self._statuses.get(name)
        if json:
            body = simple_api.render_project_as_json(name, files, status)
            return Response(body=body, content_type=simple_api.JSON_TYPE)
        return Response(body=simple_api.render_project_as_html(name, files, status), content_type=simple_api.HTML_TYPE)

    def _file(self, filename: str) -> Response:
        for file in (file for files in self._projects.values() for file in files if file.hosted):
            if filename == file.filename:
                return Response(body=file.content, content_type=BINARY, headers={"Accept-Ranges": "bytes"})
            if filename == f"{file.filename}.metadata" and file.metadata is not None:
                return Response(body=file.metadata, content_type=BINARY)
        return NOT_FOUND


def project_path(name: str) -> str:
    """Return the path of a project's page."""
    return f"/simple/{canonicalize_name(name)}/"


def file_path(filename: str) -> str:
    """Return the path of a file."""
    return f"/files/{quote(filename)}"


def accepts_json(request: Request) -> bool:
    """Say whether a client understands the JSON API."""
    return simple_api.JSON_TYPE in (request.accept or "")


def announced_metadata(file: Wheel | Sdist) -> bytes | None:
    """Return the metadata that an index serves beside a file (PEP 658): a wheel's, not an sdist's."""
    return file.metadata if isinstance(file, Wheel) else None


def own_requires_python(file: Wheel | Sdist) -> str | None:
    """Read Requires-Python from a file's metadata."""
    return message_from_bytes(file.metadata).get("Requires-Python")
