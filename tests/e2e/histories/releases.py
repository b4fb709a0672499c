"""Make the files of releases, with what is wrong with them, and offer them on their index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from packaging.utils import canonicalize_name

from tests.e2e.histories.model import Flaw, Place, Release
from tests.kit.index import LONG_AGO, LocalIndex
from tests.kit.sources import Sdist, make_sdist
from tests.kit.wheels import Wheel, make_wheel

File = Wheel | Sdist
# What is installed from the start, and what is written over.
NEIGHBOUR = make_wheel("neighbour")
OVERWRITTEN = "neighbour.py"


def make_file(release: Release, mark: Path, fill: Callable[[str], str]) -> File | None:
    """Make the file of a release, if it is one; its code leaves `mark`, and `fill` puts in what names stand for."""
    if release.place in (Place.DIRECTORY, Place.REPOSITORY):
        return None
    name, version = release.project, release.version
    requires = [fill(each) for each in release.requires]
    module = f"{canonicalize_name(name).replace('-', '_')}.py"
    modules = {module: f"VERSION = {version!r}\n"}
    match release.flaw:
        case Flaw.SDIST:
            return make_sdist(name, version, sentinel=mark, requires=requires)
        case Flaw.UNRECORDED:
            return make_wheel(name, version, requires=requires, unrecorded=[module])
        case Flaw.MISRECORDED:
            return make_wheel(name, version, requires=requires, misrecorded=[module])
        case Flaw.MISNAMED:
            return make_wheel(name, version, requires=requires, metadata_name="harmless-too")
        case Flaw.MISNUMBERED:
            return make_wheel(name, version, requires=requires, metadata_version="7.7")
        case Flaw.STARTUP:
            start = f"import pathlib; pathlib.Path({str(mark)!r}).touch()\n"
            return make_wheel(name, version, requires=requires, files={**modules, f"{name}-start.pth": start})
        case Flaw.PLANTED:
            return make_wheel(name, version, requires=requires, data={"scripts/uname": "#!/bin/sh\n"})
        case Flaw.OVERWRITING:
            return make_wheel(name, version, requires=requires, files={**modules, OVERWRITTEN: ""})
        case _:
            return make_wheel(name, version, requires=requires, extras={"extra": ["sourceonly"]})


def publish_file(index: LocalIndex, release: Release, file: File) -> None:
    """Offer the file of a release."""
    young = datetime.now(timezone.utc) - timedelta(hours=1)
    sidecar = isinstance(file, Wheel) and release.flaw is Flaw.OTHER_SIDECAR
    index.publish(
        file,
        upload_time=young if release.flaw is Flaw.YOUNG else LONG_AGO,
        yanked=release.flaw is Flaw.YANKED,
        hashes="0" * 64 if release.flaw is Flaw.WRONG_HASH else True,
        metadata=file.metadata.replace(b"Name: ", b"Name: not-") if sidecar else True,
    )
