"""Read an archive that readers disagree about as pip would."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable

from pip_guard.distributions.wheel.contents import Member


def read_as_pip(archive: memoryview, wanted: Callable[[str, int], bool]) -> tuple[list[Member], dict[str, bytes]]:
    """Return the members, unhashed, and the contents of those that are wanted by their name and size.

    There are none if the standard library, with which pip unpacks, cannot read the archive either.
    """
    # NOTE: what these raise has changed from one Python to the next, and is not all documented.
    cannot = (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        NotImplementedError,
        OSError,
        RuntimeError,
        ValueError,
    )
    texts = {}
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            found = opened.infolist()
            for info in found:
                if wanted(info.filename, info.file_size):
                    try:
                        texts[info.filename] = opened.read(info)
                    except cannot:
                        continue
    except cannot:
        return [], {}
    return [Member(info.filename, info.file_size, "") for info in found], texts
