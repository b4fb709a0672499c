"""Test what is read of whole wheels, right ones and hostile ones."""

from __future__ import annotations

import base64
import hashlib
import io
import random
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pip_guard.distributions.wheel import reader
from pip_guard.distributions.wheel.contents import PlacedFile, Scheme, WheelContents
from tests.kit.wheels import Wheel, make_wheel, record_hash, zip_archive, zip_member
from tests.unit.distributions.wheel.archives import LOCAL, archive, changed, directory, patched, read

FOLDER = "demo-1.0.dist-info"
NO_ZIP = "it is no zip archive that all readers understand alike: "


def hashes(contents: WheelContents) -> dict[str, str]:
    """Return the hashes of members by name."""
    return {file.member.name: file.member.hash for file in contents.files if file.member is not None}


def test_reads_a_wheel(tmp_path: Path) -> None:
    wheel = make_wheel(
        "Demo.X",
        "1.0",
        files={"demo/__init__.py": "X = 1\n", "demo.pth": "import demo\n"},
        data={"scripts/run": "#!python\n", "data/share/x": "x"},
        entry_points={"console_scripts": {"tool": "demo:main"}},
    )
    contents = read(wheel, tmp_path)
    assert contents.defects == ()
    assert (contents.filename, contents.name, contents.version) == ("demo_x-1.0-py3-none-any.whl", "demo_x", "1.0")
    assert contents.sha256 == hashlib.sha256(wheel.content).hexdigest()
    assert contents.texts == {"demo.pth": b"import demo\n", "demo/__init__.py": b"X = 1\n"}
    assert hashes(contents)["demo/__init__.py"] == record_hash(b"X = 1\n")
    placed = {(file.scheme, file.path) for file in contents.files if not file.path.startswith("demo_x-1.0.dist-info/")}
    assert placed == {
        (Scheme.PURELIB, "demo/__init__.py"),
        (Scheme.PURELIB, "demo.pth"),
        (Scheme.SCRIPTS, "run"),
        (Scheme.DATA, "share/x"),
        (Scheme.SCRIPTS, "tool"),
    }
    assert PlacedFile(Scheme.SCRIPTS, "tool") in contents.files


def test_puts_the_top_where_native_code_goes_if_the_wheel_says_so(tmp_path: Path) -> None:
    wheel = make_wheel("demo", files={"a.py": ""})
    native = changed(wheel, lambda content: rezipped(content, {f"{FOLDER}/WHEEL": b"Root-Is-Purelib: false\n"}))
    contents = read(native, tmp_path)
    assert {file.scheme for file in contents.files} == {Scheme.PLATLIB}


def test_reads_a_wheel_that_is_not_compressed(tmp_path: Path) -> None:
    wheel = make_wheel("demo", files={"demo.bin": bytes(3 << 20)})
    stored = changed(wheel, lambda content: rezipped(content, {}, method=zipfile.ZIP_STORED))
    contents = read(stored, tmp_path)
    assert contents.defects == ()
    assert hashes(contents)["demo.bin"] == record_hash(bytes(3 << 20))


@pytest.mark.parametrize(
    "algorithm", ["sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s"]
)
def test_compares_by_the_algorithm_of_record(tmp_path: Path, algorithm: str) -> None:
    content = b"X = 1\n"
    digest = base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest()).decode().rstrip("=")
    record = f"demo.py,{algorithm}={digest},{len(content)}\n"
    contents = read(make_wheel("demo", files={"demo.py": content}, record_override=record), tmp_path)
    assert hashes(contents)["demo.py"] == f"{algorithm}={digest}"
    assert [defect for defect in contents.defects if "demo.py" in defect] == []


def rezipped(content: bytes, changes: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Write an archive anew with other contents."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        members = {info.filename: opened.read(info) for info in opened.infolist()} | changes
    return archive(members, method=method)


def with_members(*members: tuple[str | zipfile.ZipInfo, bytes]) -> Wheel:
    """Make a wheel with members that RECORD lists, if they are called by a mere name."""
    plain = {name: data for name, data in members if isinstance(name, str)}
    record = "".join(f'"{name}",{record_hash(data)},{len(data)}\n' for name, data in plain.items())
    own = make_wheel("demo", files={})
    with zipfile.ZipFile(io.BytesIO(own.content)) as opened:
        rest = {info.filename: opened.read(info) for info in opened.infolist()}
    rest[f"{FOLDER}/RECORD"] += record.encode()
    return changed(own, lambda _: zip_archive([*rest.items(), *members]))


def special(name: str, mode: int) -> zipfile.ZipInfo:
    info = zip_member(name)
    info.external_attr = mode << 16
    return info


@pytest.mark.parametrize(
    ("wheel", "defects"),
    [
        pytest.param(make_wheel("demo", unrecorded=["demo.py"]), ["RECORD does not list demo.py"], id="unrecorded"),
        *(
            pytest.param(
                make_wheel("demo", entry_points={group: {name: "demo:main"}}),
                [f"the name of its script {name!r} is a path"],
                id=f"{group}-{name}",
            )
            for group, name in (
                ("console_scripts", "../lib/x.py"),
                ("console_scripts", "/tmp/x"),
                ("console_scripts", "sub\\x"),
                ("console_scripts", ".."),
                ("gui_scripts", "sub/x"),
            )
        ),
        pytest.param(
            make_wheel("demo", misrecorded=["demo.py"]),
            ["demo.py has another content than RECORD says"],
            id="misrecorded",
        ),
        pytest.param(make_wheel("demo", omit=["demo.py"]), ["RECORD lists demo.py, which is not there"], id="omitted"),
        pytest.param(make_wheel("demo", omit=["RECORD"]), ["it has no RECORD that can be read"], id="no-record"),
        pytest.param(
            make_wheel("demo", record_override="a,b\n"),
            ["its RECORD has lines that are not a path, a hash and a size"],
            id="broken-record",
        ),
        pytest.param(
            make_wheel("demo", metadata_name="other"),
            ["its METADATA is of other 1.0, unlike its file name"],
            id="other-name",
        ),
        pytest.param(
            make_wheel("demo", dist_info="other-1.0.dist-info"),
            ["its folder other-1.0.dist-info is of another release than its file name"],
            id="other-folder",
        ),
        pytest.param(make_wheel("demo", filename="demo.whl"), ["its file name is not that of a wheel"], id="file-name"),
        pytest.param(
            with_members(("other-1.0.dist-info/RECORD", b"")),
            ["it does not have one .dist-info folder", "it has no RECORD that can be read"],
            id="two-dist-infos",
        ),
        pytest.param(
            with_members(("../up.py", b"x")),
            ["the name '../up.py' misleads"],
            id="parent",
        ),
        pytest.param(
            with_members(("x.data/stdlib/os.py", b"x")),
            ["x.data/stdlib/os.py is in no folder that pip knows"],
            id="no-such-folder",
        ),
        pytest.param(
            with_members(("a.py", b"x"), (special("A.py", 0o100644), b"x")),
            ["A.py and a.py are one file on some systems", "RECORD does not list A.py"],
            id="case",
        ),
        pytest.param(
            with_members((special("link.py", 0o120777), b"/etc/passwd")),
            ["RECORD does not list link.py", "link.py is a symbolic link"],
            id="link",
        ),
        pytest.param(with_members((special("sub/", 0o40755), b"")), [], id="folder"),
        pytest.param(
            with_members((special("sub/", 0o40755), b"x")),
            ["the folder sub/ has a content"],
            id="folder-with-a-content",
        ),
    ],
)
def test_finds_what_contradicts_itself(tmp_path: Path, wheel: Wheel, defects: list[str]) -> None:
    assert sorted(read(wheel, tmp_path).defects) == sorted(defects)


def test_reads_a_large_wheel_side_by_side(tmp_path: Path) -> None:
    noise = random.Random(1)
    files = {f"demo/{number}.bin": noise.randbytes(3 << 20) for number in range(4)}
    contents = read(make_wheel("demo", files=files | {"demo/zeros.bin": bytes(9 << 20)}), tmp_path)
    assert contents.defects == ()
    assert hashes(contents)["demo/3.bin"] == record_hash(files["demo/3.bin"])
    assert hashes(contents)["demo/zeros.bin"] == record_hash(bytes(9 << 20))
    assert contents.sha256 == hashlib.sha256((tmp_path / "file.whl").read_bytes()).hexdigest()


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_needs_little_memory_for_a_large_wheel(tmp_path: Path) -> None:
    wheel = make_wheel("demo", files={"demo/data.bin": random.Random(1).randbytes(48 << 20)})
    path = tmp_path / wheel.filename
    path.write_bytes(wheel.content)
    script = (
        "import re, sys\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from pip_guard.distributions.wheel.reader import read_wheel\n"
        "def peak():\n"
        "    return int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])\n"
        "before = peak()\n"
        "assert read_wheel(sys.argv[1], sys.argv[2]).defects == ()\n"
        "print(peak() - before)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, path, wheel.filename], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(ended.stdout) < 16 << 10


def test_takes_what_is_left_at_the_end(tmp_path: Path) -> None:
    # whole pieces, and so much more that no more data are needed for it
    zeros = bytes((4 << 20) + 300)
    noise = random.Random(1).randbytes(1 << 20)
    assert read(make_wheel("demo", files={"zeros.bin": zeros, "noise.bin": noise}), tmp_path).defects == ()


def test_lets_go_of_a_large_wheel_that_is_damaged(tmp_path: Path) -> None:
    wheel = make_wheel("demo", files={"demo.bin": random.Random(1).randbytes(5 << 20)})
    damaged = changed(wheel, lambda content: patched(content, 0, "<4s", b"PK!!"))
    assert read(damaged, tmp_path).defects == ("the header of demo.bin is not the one that the directory tells of",)
    (tmp_path / "file.whl").unlink()


def test_raises_only_if_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        reader.read_wheel(str(tmp_path / "absent.whl"), "demo-1.0-py3-none-any.whl")


ONE = make_wheel("demo", files={"demo.py": "X = 1\n" * 50})
DATA = LOCAL + len("demo.py")


def with_data(data: bytes, size: int, content: bytes) -> bytes:
    """Replace the data of the first member, and what the archive says of its size."""
    old = ONE.content
    start = directory(old)
    length = int.from_bytes(old[18:22], "little")
    shift = len(data) - length
    fields = (zlib.crc32(content), len(data), size)
    head = patched(old[:DATA], 14, "<3L", *fields)
    tail = bytearray(old[start:])
    tail = bytearray(patched(bytes(tail), 16, "<3L", *fields))
    at = 0
    while tail[at : at + 4] == b"PK\x01\x02":
        offset = int.from_bytes(tail[at + 42 : at + 46], "little")
        if offset:
            tail[at + 42 : at + 46] = (offset + shift).to_bytes(4, "little")
        at += 46 + int.from_bytes(tail[at + 28 : at + 30], "little")
    tail[-6:-2] = (start + shift).to_bytes(4, "little")
    return head + data + old[DATA + length : start] + bytes(tail)


def deflate(content: bytes) -> bytes:
    return zlib.compress(content, 9)[2:-4]


CONTENT = b"X = 1\n" * 50


def test_damages_only_what_it_means_to(tmp_path: Path) -> None:
    assert read(with_data(deflate(CONTENT), len(CONTENT), CONTENT), tmp_path).defects == ()


@pytest.mark.parametrize(
    ("content", "defect"),
    [
        pytest.param(with_data(b"\xff\xff", 300, CONTENT), "demo.py cannot be unpacked", id="no-data"),
        pytest.param(with_data(b"", 300, CONTENT), "demo.py does not end where its data end", id="nothing"),
        pytest.param(
            with_data(deflate(CONTENT)[:-1], 300, CONTENT), "demo.py does not end where its data end", id="cut"
        ),
        pytest.param(
            with_data(deflate(CONTENT) + b"!", 300, CONTENT), "demo.py does not end where its data end", id="more-data"
        ),
        pytest.param(
            with_data(deflate(CONTENT) + bytes(2 << 20), 300, CONTENT),
            "demo.py does not end where its data end",
            id="much-more-data",
        ),
        pytest.param(
            with_data(deflate(CONTENT), 299, CONTENT), "demo.py is not what its checksum says", id="smaller-than-it-is"
        ),
        pytest.param(with_data(deflate(CONTENT), 301, CONTENT), "demo.py is not what its checksum says", id="larger"),
        pytest.param(with_data(deflate(CONTENT), 300, b"?"), "demo.py is not what its checksum says", id="checksum"),
        pytest.param(
            with_data(deflate(bytes(50 << 20)), 300, CONTENT),
            "demo.py does not end where its data end",
            id="lies-small",
        ),
    ],
)
def test_finds_damaged_data(tmp_path: Path, content: bytes, defect: str) -> None:
    contents = read(content, tmp_path)
    assert contents.defects == (defect,)
    assert hashes(contents)["demo.py"] == ""


def test_refuses_to_unpack_a_bomb(tmp_path: Path) -> None:
    contents = read(make_wheel("demo", files={"demo.py": b"", "zeros.bin": bytes(70 << 20)}), tmp_path)
    assert contents.defects == ("it has more members, or unpacks to far more, than any wheel does",)
    assert hashes(contents)["zeros.bin"] == ""
    assert "zeros.bin" in {file.path for file in contents.files}


@pytest.mark.parametrize(
    ("name", "size"),
    [
        pytest.param("entry_points.txt", 256 << 10, id="entry-points"),
        pytest.param("WHEEL", 64 << 10, id="wheel"),
    ],
)
def test_says_what_is_too_large_to_be_read(tmp_path: Path, name: str, size: int) -> None:
    text = b"# " + random.Random(1).randbytes(size).hex().encode()
    contents = read(with_members((f"demo-1.0.dist-info/{name}", text)), tmp_path)
    assert f"demo-1.0.dist-info/{name} is larger than any genuine one, and is not read" in contents.defects


def test_reads_no_more_members_than_any_wheel_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_MOST_MEMBERS", 3)
    contents = read(make_wheel("demo", files={"demo.py": "1"}), tmp_path)
    assert contents.defects == ("it has more members, or unpacks to far more, than any wheel does",)


def test_sees_what_pip_would_see_where_readers_disagree(tmp_path: Path) -> None:
    wheel = make_wheel(
        "demo", files={"demo.pth": "import demo\n", "sub/": ""}, entry_points={"console_scripts": {"a": "b:c"}}
    )
    contents = read(b"#!/bin/sh\n" + wheel.content, tmp_path)
    assert contents.defects == (f"{NO_ZIP}its directory is not where it says",)
    assert contents.texts == {"demo.pth": b"import demo\n"}
    assert {"demo.pth", "a"} <= {file.path for file in contents.files}
    assert set(hashes(contents).values()) == {""}


def test_goes_on_where_pip_could_not_read_a_member(tmp_path: Path) -> None:
    wheel = make_wheel("demo", files={"demo.pth": "import demo\n"})
    contents = read(b"!" + patched(wheel.content, 0, "<4s", b"PK!!"), tmp_path)
    assert contents.texts == {}
    assert "demo.pth" in hashes(contents)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"no archive at all", id="text"),
        pytest.param(b"\0" * (5 << 20), id="large"),
    ],
)
def test_knows_nothing_of_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    contents = read(content, tmp_path)
    assert contents.files == ()
    assert contents.defects[0].startswith(NO_ZIP)


def test_leaves_a_startup_file_that_is_there_twice(tmp_path: Path) -> None:
    contents = read(with_members(("demo.pth", b"harmless"), ("demo.pth", b"import os")), tmp_path)
    assert "demo.pth is there twice" in contents.defects
    assert contents.texts == {}


def test_leaves_a_startup_file_that_is_too_large(tmp_path: Path) -> None:
    contents = read(make_wheel("demo", files={"demo.pth": random.Random(1).randbytes((64 << 10) + 1)}), tmp_path)
    assert contents.defects == ()
    assert contents.texts == {}


MUTATED = make_wheel(
    "demo",
    files={"demo/__init__.py": "X = 1\n", "demo/data.bin": bytes(range(256)), "demo.pth": "demo\n"},
    entry_points={"console_scripts": {"tool": "demo:main"}},
)


def unpacked(content: bytes) -> dict[str, bytes] | None:
    """Unpack as pip does, or return None if that fails."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            return {info.filename: opened.read(info) for info in opened.infolist()}
    except Exception:  # noqa: BLE001 - whatever it is, pip unpacks nothing
        return None


ORIGINAL = unpacked(MUTATED.content)


@given(st.lists(st.tuples(st.integers(0, len(MUTATED.content) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_never_takes_a_changed_wheel_for_a_right_one(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    content = bytearray(MUTATED.content)
    for at, value in changes:
        content[at] = value
    contents = read(bytes(content), tmp_path_factory.getbasetemp())
    if not contents.defects:
        # what has changed means nothing: times, permissions, and what else pip does not look at
        assert unpacked(bytes(content)) == ORIGINAL


@given(
    start=st.integers(0, len(MUTATED.content)),
    end=st.integers(0, len(MUTATED.content)),
    more=st.binary(max_size=64),
)
def test_never_takes_a_cut_or_extended_wheel_for_a_right_one(
    tmp_path_factory: pytest.TempPathFactory, start: int, end: int, more: bytes
) -> None:
    content = MUTATED.content[:start] + more + MUTATED.content[end:]
    contents = read(content, tmp_path_factory.getbasetemp())
    assert contents.defects or content == MUTATED.content or unpacked(content) == ORIGINAL


NAMES = st.lists(
    st.tuples(
        st.one_of(
            st.text(max_size=8), st.sampled_from(["../x", "a.py", "A.py", "x.data/data/pip.conf", "a.pth", "d/"])
        ),
        st.binary(max_size=32),
        st.sampled_from([0, 0o100644, 0o40755, 0o120777, 0o10644]),
    ),
    max_size=6,
)


@given(NAMES)
def test_reads_any_names(tmp_path_factory: pytest.TempPathFactory, members: list[tuple[str, bytes, int]]) -> None:
    try:
        wheel = with_members(*((special(name, mode), data) for name, data, mode in members))
    except (ValueError, UnicodeEncodeError):  # zipfile does not write such a name
        return
    contents = read(wheel, tmp_path_factory.getbasetemp())
    assert contents.filename == wheel.filename


@given(st.binary(max_size=400))
def test_reads_anything(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    assert read(content, tmp_path_factory.getbasetemp()).defects
