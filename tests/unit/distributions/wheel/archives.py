"""Make zip archives, right and wrong ones, for the tests of what reads them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from pip_guard.distributions.wheel.contents import WheelContents
from pip_guard.distributions.wheel.reader import read_wheel
from tests.kit.wheels import Wheel, make_wheel, zip_member

LOCAL = 30
CENTRAL = 46
END = 22


def archive(members: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    """Make an archive of members by their names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as opened:
        for name, content in members.items():
            info = zip_member(name)
            info.compress_type = method
            opened.writestr(info, content)
        opened.comment = comment
    return buffer.getvalue()


def streamed(members: Mapping[str, bytes]) -> bytes:
    """Make an archive as to a pipe, with the sizes behind the data."""

    class Pipe(io.BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            raise OSError

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as opened:
        for name, content in members.items():
            opened.writestr(zip_member(name), content)
    return pipe.getvalue()


def patched(content: bytes, at: int, form: str, *values: int | bytes) -> bytes:
    """Overwrite fields at a place, counted from the end if it is negative."""
    changed = bytearray(content)
    struct.pack_into(form, changed, at % len(content), *values)
    return bytes(changed)


def directory(content: bytes) -> int:
    """Return where the directory of an archive begins."""
    return int(struct.unpack_from("<L", content, len(content) - 6)[0])


def read(content: bytes | Wheel, folder: Path, filename: str = "demo-1.0-py3-none-any.whl") -> WheelContents:
    """Read a wheel from disk."""
    path = folder / "file.whl"
    if isinstance(content, Wheel):
        path.write_bytes(content.content)
        return read_wheel(str(path), content.filename)
    path.write_bytes(content)
    return read_wheel(str(path), filename)


def changed(wheel: Wheel, change: Callable[[bytes], bytes]) -> Wheel:
    """Change the bytes of a wheel."""
    return Wheel(
        name=wheel.name,
        version=wheel.version,
        filename=wheel.filename,
        content=change(wheel.content),
        metadata=wheel.metadata,
    )


DEMO = make_wheel("demo", files={"demo/__init__.py": "X = 1\n", "demo/data.bin": bytes(range(256)) * 8})
