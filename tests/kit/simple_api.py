"""Render the simple repository API: HTML (PEP 503) and JSON (PEP 691), with PEP 592, 658, 700 and 792."""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from packaging.utils import canonicalize_name

HTML_TYPE = "text/html; charset=utf-8"
JSON_TYPE = "application/vnd.pypi.simple.v1+json"
API_VERSION = "1.4"


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedFile:
    """A file on an index, and what the index says of it."""

    project: str
    version: str
    filename: str
    url: str
    content: bytes
    digest: str | None
    metadata: bytes | None
    requires_python: str | None
    upload_time: datetime | None
    yanked: bool | str
    hosted: bool
    provenance: bool | Sequence[Mapping[str, str]] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectStatus:
    """The state of a project (PEP 792): archived, deprecated, quarantined."""

    status: str
    reason: str | None


def render_project_as_json(project: str, files: Sequence[PublishedFile], status: ProjectStatus | None) -> bytes:
    """Render the page of a project in JSON."""
    page: dict[str, object] = {
        "meta": {"api-version": API_VERSION},
        "name": canonicalize_name(project),
        "versions": sorted({file.version for file in files}),
        "files": [describe(file) for file in files],
    }
    if status is not None:
        page["project-status"] = without_none({"status": status.status, "reason": status.reason})
    return json.dumps(page, indent=1).encode()


def describe(file: PublishedFile) -> dict[str, object]:
    """Describe a file as the JSON API does."""
    return without_none(
        {
            "filename": file.filename,
            "url": file.url,
            "hashes": {} if file.digest is None else {"sha256": file.digest},
            "requires-python": file.requires_python,
            "core-metadata": None if file.metadata is None else {"sha256": sha256(file.metadata)},
            "size": len(file.content),
            "upload-time": None if file.upload_time is None else render_time(file.upload_time),
            "yanked": file.yanked or None,
            "provenance": None if file.provenance is False else provenance_url(file),
        }
    )


def render_provenance(publishers: Iterable[Mapping[str, str]]) -> str:
    """Render the provenance of a file (PEP 740) as far as it says who published it; it attests nothing."""
    bundles = [{"publisher": dict(publisher), "attestations": []} for publisher in publishers]
    return json.dumps({"version": 1, "attestation_bundles": bundles})


def provenance_url(file: PublishedFile) -> str:
    """Return where the index would have the provenance of a file (PEP 740), as PyPI spells it."""
    origin = "/".join(file.url.split("/")[:3])
    return f"{origin}/integrity/{canonicalize_name(file.project)}/{file.version}/{file.filename}/provenance"


def render_project_as_html(project: str, files: Sequence[PublishedFile], status: ProjectStatus | None) -> bytes:
    """Render the page of a project in HTML, which has no upload times."""
    head = [f'<meta name="pypi:repository-version" content="{API_VERSION}">', f"<title>Links for {project}</title>"]
    if status is not None:
        head.append(f'<meta name="pypi:project-status" content="{html.escape(status.status)}">')
        if status.reason is not None:
            head.append(f'<meta name="pypi:project-status-reason" content="{html.escape(status.reason)}">')
    return render_html(head, [render_anchor(file) for file in files])


def render_anchor(file: PublishedFile) -> str:
    """Render the link to a file."""
    attributes = {"href": file.url if file.digest is None else f"{file.url}#sha256={file.digest}"}
    if file.requires_python is not None:
        attributes["data-requires-python"] = file.requires_python
    if file.metadata is not None:
        attributes["data-core-metadata"] = attributes["data-dist-info-metadata"] = f"sha256={sha256(file.metadata)}"
    if file.yanked:
        attributes["data-yanked"] = file.yanked if isinstance(file.yanked, str) else ""
    rendered = " ".join(f'{name}="{html.escape(value)}"' for name, value in attributes.items())
    return f"<a {rendered}>{html.escape(file.filename)}</a><br>"


def render_root_as_json(projects: Sequence[str]) -> bytes:
    """Render the list of projects in JSON."""
    page = {"meta": {"api-version": API_VERSION}, "projects": [{"name": project} for project in projects]}
    return json.dumps(page, indent=1).encode()


def render_root_as_html(projects: Sequence[str]) -> bytes:
    """Render the list of projects in HTML."""
    return render_html(["<title>Simple index</title>"], [f'<a href="{name}/">{name}</a><br>' for name in projects])


def render_html(head: Sequence[str], body: Sequence[str]) -> bytes:
    """Render an HTML document from its lines."""
    lines = ["<!DOCTYPE html>", "<html>", "<head>", *head, "</head>", "<body>", *body, "</body>", "</html>", ""]
    return "\n".join(lines).encode()


def render_time(moment: datetime) -> str:
    """Render a time with microseconds, in UTC (PEP 700)."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def sha256(content: bytes) -> str:
    """Hash content."""
    return hashlib.sha256(content).hexdigest()


def without_none(mapping: Mapping[str, object]) -> dict[str, object]:
    """Leave out the keys whose value is None."""
    return {key: value for key, value in mapping.items() if value is not None}
