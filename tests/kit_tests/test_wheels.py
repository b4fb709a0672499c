"""Wheels are correct by default, and wrong in the one way that was asked for."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from tests.kit.wheels import Wheel, make_wheel, record_hash, zip_member


def members(wheel: Wheel) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def record(wheel: Wheel) -> dict[str, tuple[str, str]]:
    (text,) = (content for name, content in members(wheel).items() if name.endswith(".dist-info/RECORD"))
    return {path: (digest, size) for path, digest, size in csv.reader(io.StringIO(text.decode()))}


def true_record(wheel: Wheel) -> dict[str, tuple[str, str]]:
    return {
        name: ("", "") if name.endswith(".dist-info/RECORD") else (record_hash(content), str(len(content)))
        for name, content in members(wheel).items()
    }


def test_default_wheel_has_one_module() -> None:
    wheel = make_wheel("Demo.Project", "1.0")
    assert wheel.filename == "demo_project-1.0-py3-none-any.whl"
    assert {name: content.decode() for name, content in members(wheel).items() if not name.endswith("/RECORD")} == {
        "demo_project.py": 'VERSION = "1.0"\n',
        "demo_project-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: Demo.Project\nVersion: 1.0\n",
        "demo_project-1.0.dist-info/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: tests 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        ),
    }
    assert record(wheel) == true_record(wheel)


def test_wheel_with_everything() -> None:
    wheel = make_wheel(
        "demo",
        "2.0+local.1",
        files={"demo/__init__.py": "", "demo/data.bin": b"\0"},
        requires=["dep>=1"],
        extras={"more": ["other"]},
        entry_points={"console_scripts": {"demo": "demo:main"}, "demo.plugins": {"a": "demo"}},
        data={"scripts/tool": "#!python\n", "data/etc/demo.conf": "x"},
        tag="py2.py3-none-any",
        requires_python=">=3.10",
        metadata_extra="Summary: A demo\n",
    )
    content = members(wheel)
    assert wheel.filename == "demo-2.0+local.1-py2.py3-none-any.whl"
    assert record(wheel) == true_record(wheel)
    assert content["demo-2.0+local.1.data/data/etc/demo.conf"] == b"x"
    assert content["demo-2.0+local.1.dist-info/METADATA"] == wheel.metadata
    assert wheel.metadata.decode().splitlines()[3:] == [
        "Requires-Python: >=3.10",
        "Requires-Dist: dep>=1",
        "Provides-Extra: more",
        'Requires-Dist: other ; extra == "more"',
        "Summary: A demo",
    ]
    assert content["demo-2.0+local.1.dist-info/WHEEL"].decode().splitlines()[3:] == [
        "Tag: py2-none-any",
        "Tag: py3-none-any",
    ]
    assert content["demo-2.0+local.1.dist-info/entry_points.txt"].decode() == (
        "[console_scripts]\ndemo = demo:main\n\n[demo.plugins]\na = demo\n"
    )


def test_same_arguments_make_same_bytes() -> None:
    assert make_wheel("demo", "1.0", requires=["x"]) == make_wheel("demo", "1.0", requires=["x"])


@pytest.mark.parametrize("name", ["METADATA", "WHEEL", "RECORD"])
def test_omitted_member_is_not_in_archive(name: str) -> None:
    assert f"demo-1.0.dist-info/{name}" not in members(make_wheel("demo", omit=[name]))


def test_omitted_file_stays_in_record() -> None:
    wheel = make_wheel("demo", omit=["demo.py"])
    assert set(record(wheel)) - set(members(wheel)) == {"demo.py"}


def test_unrecorded_file_is_missing_from_record() -> None:
    wheel = make_wheel("demo", unrecorded=["demo.py"])
    assert set(members(wheel)) - set(record(wheel)) == {"demo.py"}


def test_misrecorded_file_has_wrong_hash() -> None:
    wheel = make_wheel("demo", misrecorded=["demo.py"])
    assert [path for path, row in record(wheel).items() if row != true_record(wheel)[path]] == ["demo.py"]


def test_record_can_be_anything() -> None:
    assert members(make_wheel("demo", record_override="nonsense"))["demo-1.0.dist-info/RECORD"] == b"nonsense"


def test_raw_members_are_appended_and_not_recorded() -> None:
    link = zip_member("link")
    link.external_attr = 0o120777 << 16
    wheel = make_wheel("demo", raw=[("demo.py", b"again"), ("../escape.py", b""), (link, b"/etc/passwd")])
    with zipfile.ZipFile(io.BytesIO(wheel.content)) as archive:
        names = archive.namelist()
        assert archive.getinfo("link").external_attr == 0o120777 << 16
    assert names.count("demo.py") == 2
    assert names[-3:] == ["demo.py", "../escape.py", "link"]
    assert not {"../escape.py", "link"} & set(record(wheel))


def test_file_name_and_metadata_can_disagree() -> None:
    wheel = make_wheel(
        "demo", filename="demo-9-py3-none-any.whl", dist_info="x-1.dist-info", metadata_name="x", metadata_version="1"
    )
    assert wheel.filename == "demo-9-py3-none-any.whl"
    assert wheel.metadata == members(wheel)["x-1.dist-info/METADATA"]
    assert wheel.metadata.splitlines()[1:] == [b"Name: x", b"Version: 1"]
