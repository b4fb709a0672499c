"""Stand in for OSV: records in its format, its API on the loopback interface, and exports of it."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from tests.kit.authority import server_context
from tests.kit.http_server import Fault, FaultKind, LoopbackServer, Request, Response

Json = dict[str, Any]  # Any: a JSON document


def make_record(
    identifier: str,
    project: str = "demo",
    *,
    versions: Sequence[str] = (),
    events: Sequence[Mapping[str, str]] = (),
    summary: str = "",
    aliases: Sequence[str] = (),
    modified: datetime | None = None,
    withdrawn: bool = False,
    ecosystem: str = "PyPI",
) -> Json:
    """Make a record of the OSV schema; by default it was modified an hour ago."""
    moment = render_time(modified or datetime.now(timezone.utc) - timedelta(hours=1))
    package = {"ecosystem": ecosystem, "name": project, "purl": f"pkg:pypi/{project}"}
    affected: Json = {"package": package, "versions": list(versions)}
    if events:
        affected["ranges"] = [{"type": "ECOSYSTEM", "events": [dict(event) for event in events]}]
    return {
        "schema_version": "1.7.0",
        "id": identifier,
        "modified": moment,
        "published": moment,
        **({"withdrawn": moment} if withdrawn else {}),
        "aliases": list(aliases),
        "summary": summary,
        "details": f"A record of the tests, about {project}.",
        "affected": [affected],
        "references": [{"type": "WEB", "url": "https://advisories.example/"}],
    }


def make_malware(identifier: str = "MAL-2026-1", project: str = "demo", **more: Any) -> Json:
    """Make a report that every version of a project is malware."""
    return make_record(identifier, project, **{"events": [{"introduced": "0"}], **more})


def write_export(path: Path, *records: Json) -> Path:
    """Write an export: a zip if the path ends like one, else a folder."""
    documents = {f"{record['id']}.json": json.dumps(record) for record in records}
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, document in documents.items():
                archive.writestr(name, document)
    else:
        path.mkdir(exist_ok=True)
        for name, document in documents.items():
            (path / name).write_text(document, encoding="utf-8")
    return path


def render_time(moment: datetime) -> str:
    """Render a time as records do."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


class FakeOsv:
    """OSV's API on https://localhost:PORT, or without TLS on http://localhost:PORT; serves as a context manager.

    It does not compare versions: `add` says what each record is about. `requests` is what came in, oldest first; `page_size` is
    how many records of one release it gives in one answer. With `replace`, something else answers.
    """

    def __init__(self, *, tls: bool = True) -> None:
        """Bind to a free port."""
        self.requests: list[Request] = []
        self.page_size = 1000
        self.replace: Callable[[Request], Response | None] = lambda request: None
        self._records: dict[str, Json] = {}
        self._about: dict[tuple[str, str], list[str]] = {}
        self._fault: Fault | None = None
        self._scheme = "https" if tls else "http"
        self._server = LoopbackServer(self._answer, context=server_context() if tls else None)

    def __enter__(self) -> FakeOsv:
        """Start to serve."""
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop and close the port."""
        self._server.stop()

    @property
    def url(self) -> str:
        """The URL for the policy."""
        return f"{self._scheme}://localhost:{self._server.server_address[1]}"

    @property
    def paths(self) -> list[str]:
        """The paths asked for, oldest first."""
        return [request.path for request in self.requests]

    def add(self, record: Json, *versions: str) -> None:
        """Know a record, and that it is about these versions of its project."""
        self._records[record["id"]] = record
        project = re.sub(r"[-_.]+", "-", record["affected"][0]["package"]["name"]).lower()
        for version in versions:
            self._about.setdefault((project, version), []).append(record["id"])

    def fail(self, kind: FaultKind, *, seconds: float = 0.0) -> None:
        """Let all answers from now on go wrong."""
        self._fault = Fault(kind=kind, seconds=seconds)

    def always(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Answer everything alike from now on; underscores in the names of headers are hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.replace = lambda request: Response(status=status, body=body, headers=named)

    def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        response = self.replace(request) or self._respond(request)
        return Response(
            status=response.status,
            body=response.body,
            content_type="application/json",
            headers=response.headers,
            fault=self._fault,
        )

    def _respond(self, request: Request) -> Response:
        if (request.method, request.path) == ("POST", "/v1/querybatch"):
            results = [self._result(query) for query in json.loads(request.body)["queries"]]
            return Response(body=json.dumps({"results": results}).encode())
        record = self._records.get(request.path.removeprefix("/v1/vulns/"))
        if request.method == "GET" and record is not None:
            return Response(body=json.dumps(record).encode())
        return Response(status=404, body=b'{"code":5,"message":"Bug not found."}')

    def _result(self, query: Json) -> Json:
        assert query["package"]["ecosystem"] == "PyPI"
        found = self._about.get((query["package"]["name"], query["version"]), [])
        start = int(query.get("page_token", "0"))
        page = [
            {"id": name, "modified": self._records[name]["modified"]} for name in found[start : start + self.page_size]
        ]
        result: Json = {"vulns": page} if page else {}
        if start + self.page_size < len(found):
            result["next_page_token"] = str(start + self.page_size)
        return result
