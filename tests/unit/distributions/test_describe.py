"""Test what the rules are told of wheels."""

from __future__ import annotations

from pathlib import Path

import pytest

from pip_guard.distributions import describe as describe_module
from pip_guard.distributions.describe import Wheel, describe_wheels
from pip_guard.distributions.wheel.contents import Scheme
from pip_guard.distributions.wheel.reader import read_wheel
from pip_guard.facts.wheel import ConflictingFile, FileConflict, OwnerKind, Script, StartupFile, WheelFacts
from tests.kit import wheels
from tests.unit.factories import ARGUMENT, DEPENDENCY

PRECEDENCE = (
    b"import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
    b"enabled and __import__('_distutils_hack').add_shim(); \n"
)


def load(wheel: wheels.Wheel, folder: Path) -> Wheel:
    return Wheel(contents=read_wheel(str(wheel.write(folder)), wheel.filename), origin=ARGUMENT)


def describe(wheel: wheels.Wheel, folder: Path) -> WheelFacts:
    (facts,) = describe_wheels([load(wheel, folder)], None)
    return facts


def test_describes_a_wheel(tmp_path: Path) -> None:
    made = wheels.make_wheel(
        "Demo.X",
        files={"demo/__init__.py": "", "demo/sub/a.py": "", "demo/sub/more/b.py": "", "tool.py": ""},
        data={"data/share/x": "", "scripts/run.sh": ""},
        entry_points={"console_scripts": {"tool": "tool:main"}},
        unrecorded=["tool.py"],
    )
    loaded = load(made, tmp_path)
    wheel = Wheel(contents=loaded.contents, origin=DEPENDENCY, built_from_directory=True)
    assert list(describe_wheels([wheel], None)) == [
        WheelFacts(
            project="demo-x",
            version="1.0",
            filename="demo_x-1.0-py3-none-any.whl",
            sha256=loaded.contents.sha256,
            origin=DEPENDENCY,
            built_from_directory=True,
            defects=("RECORD does not list tool.py",),
            modules=frozenset({"demo", "tool"}),
            packages=frozenset({"demo", "demo.sub", "demo.sub.more", "demo_x-1.0.dist-info"}),
            scripts=(Script(path="run.sh"), Script(path="tool")),
            data_files=("share/x",),
        )
    ]


ADDER = wheels.make_wheel("adder", files={"adder.pth": "shared\n", "shared/a.py": ""})
FILLER = wheels.make_wheel("filler", files={"shared/sitecustomize.py": "", "other/sitecustomize.py": ""})
FOUND = StartupFile(path="shared/sitecustomize.py")


def test_finds_what_one_wheel_puts_into_the_folder_that_another_adds(tmp_path: Path) -> None:
    loaded = [load(ADDER, tmp_path), load(FILLER, tmp_path)]
    _, filler = describe_wheels(loaded, None)
    assert filler.startup_files == (FOUND,)


@pytest.mark.parametrize(
    ("there", "comes", "found"),
    [
        pytest.param({"adder.pth": "shared\n"}, FILLER, True, id="folder-was-added-before"),
        pytest.param({"shared/sitecustomize.py": ""}, ADDER, True, id="folder-was-filled-before"),
        pytest.param({"adder.pth": "elsewhere\n"}, FILLER, False, id="another-folder-was-added"),
        pytest.param({"shared/harmless.py": ""}, ADDER, False, id="folder-was-filled-with-something-else"),
        pytest.param({"adder.pth/a.py": ""}, FILLER, False, id="no-path-file"),
    ],
)
def test_finds_what_meets_in_an_added_folder(
    tmp_path: Path, there: dict[str, str], comes: wheels.Wheel, found: bool
) -> None:
    library = tmp_path / "library"
    for name, content in there.items():
        (library / name).parent.mkdir(parents=True, exist_ok=True)
        (library / name).write_text(content, encoding="utf-8")
    folders = {scheme: str(library if scheme is Scheme.PURELIB else tmp_path / scheme.value) for scheme in Scheme}
    (facts,) = describe_wheels([load(comes, tmp_path)], folders)
    assert (FOUND in facts.startup_files) == found


@pytest.mark.parametrize("path", ["/tmp/x.py", "//x.py", "/x.py"])
def test_describes_a_wheel_with_an_absolute_path(tmp_path: Path, path: str) -> None:
    described = describe(wheels.make_wheel("demo", files={"demo.py": "", path: ""}), tmp_path)
    assert described.defects == (f"the name {path!r} misleads",)


@pytest.mark.parametrize(
    ("files", "data", "startup_files"),
    [
        pytest.param({"a.pth": "x"}, {}, [StartupFile(path="a.pth", content=b"x", strange=("x",))], id="pth"),
        pytest.param({"a.start": "x"}, {}, [StartupFile(path="a.start", content=b"x")], id="start"),
        pytest.param({"A.PTH": "x"}, {}, [StartupFile(path="A.PTH", content=b"x", strange=("x",))], id="other-case"),
        pytest.param(
            {}, {"purelib/a.pth": "x"}, [StartupFile(path="a.pth", content=b"x", strange=("x",))], id="purelib"
        ),
        pytest.param(
            {}, {"data/a.pth": "x"}, [StartupFile(path="a.pth", content=b"x", strange=("x",))], id="top-of-data"
        ),
        pytest.param(
            {},
            {"data/lib/python3.12/site-packages/a.pth": "x"},
            [StartupFile(path="a.pth", content=b"x", strange=("x",))],
            id="site-packages-by-way-of-data",
        ),
        pytest.param({"a.pth": "x" * (2 << 20)}, {}, [StartupFile(path="a.pth")], id="large"),
        pytest.param({"sitecustomize.py": ""}, {}, [StartupFile(path="sitecustomize.py")], id="sitecustomize"),
        pytest.param(
            {"usercustomize/__init__.abi3.so": ""},
            {},
            [StartupFile(path="usercustomize/__init__.abi3.so")],
            id="usercustomize-as-native-package",
        ),
        pytest.param({"model/a.pth": "x", "p/sitecustomize.py": "", "sitecustomize.txt": ""}, {}, [], id="elsewhere"),
        pytest.param({}, {"data/share/a.pth": "x", "scripts/a.pth": "x"}, [], id="elsewhere-by-way-of-data"),
    ],
)
def test_finds_startup_files(
    tmp_path: Path, files: dict[str, str], data: dict[str, str], startup_files: list[StartupFile]
) -> None:
    made = wheels.make_wheel("demo", files={"demo.py": "", **files}, data=data)
    assert list(describe(made, tmp_path).startup_files) == startup_files


def test_knows_harmless_startup_files(tmp_path: Path) -> None:
    made = wheels.make_wheel("setuptools", files={"distutils-precedence.pth": PRECEDENCE})
    assert describe(made, tmp_path).startup_files == (
        StartupFile(path="distutils-precedence.pth", content=PRECEDENCE, known=True),
    )


@pytest.mark.parametrize(
    ("lines", "strange"),
    [
        pytest.param("sub\nsub/inner\n./sub/../sub\n.\n# comment\n", (), id="folders"),
        pytest.param("sub\\inner\r\n", (), id="folder-as-on-windows"),
        pytest.param("sub\nsub.zip\n", ("sub.zip",), id="archive"),
        pytest.param("absent\nSUB\n", ("absent", "SUB"), id="not-there"),
    ],
)
def test_tells_what_a_path_file_names_but_folders_of_the_wheel(
    tmp_path: Path, lines: str, strange: tuple[str, ...]
) -> None:
    made = wheels.make_wheel("demo", files={"demo.pth": lines, "sub/inner/a.txt": "", "sub.zip": ""})
    (file,) = describe(made, tmp_path).startup_files
    assert file.strange == strange


def test_looks_into_folders_that_a_path_file_adds(tmp_path: Path) -> None:
    files = {
        "demo.pth": "sub\n",
        "sub/keyring.py": "",
        "sub/pip/x.py": "",
        "sub/usercustomize.py": "",
        "sub/other-1.0.dist-info/METADATA": "",
        "not/json.py": "",
    }
    facts = describe(wheels.make_wheel("demo", files=files), tmp_path)
    assert facts.modules == {"keyring", "usercustomize"}
    assert facts.packages >= {"sub", "pip", "not"}
    assert facts.startup_files == (
        StartupFile(path="demo.pth", content=b"sub\n"),
        StartupFile(path="sub/usercustomize.py"),
    )
    assert facts.provenance_files == ("sub/other-1.0.dist-info/METADATA",)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        pytest.param("demo-1.0.dist-info/direct_url.json", True, id="direct-url"),
        pytest.param("demo-1.0.dist-info/Direct_URL.json", True, id="direct-url-in-another-case"),
        pytest.param("demo-1.0.dist-info/INSTALLER", False, id="installer"),
        pytest.param("demo-1.0.dist-info/REQUESTED", False, id="requested"),
        pytest.param("demo-1.0.dist-info/licenses/direct_url.json", False, id="licence"),
        pytest.param("other-1.0.DIST-INFO/METADATA", True, id="distribution-in-another-case"),
        pytest.param("demo.egg-link", True, id="link"),
        pytest.param("other-1.0-py3.11.egg-info/PKG-INFO", True, id="egg-of-another"),
        pytest.param("Demo.egg-info/PKG-INFO", False, id="own-egg"),
        pytest.param("demo-1.0.egg-info/installed-files.txt", True, id="files-that-pip-would-remove"),
        pytest.param("demo/other.egg-link", False, id="elsewhere"),
    ],
)
def test_finds_what_is_for_installers_to_write(tmp_path: Path, path: str, found: bool) -> None:
    facts = describe(wheels.make_wheel("demo", files={path: ""}), tmp_path)
    assert facts.provenance_files == ((path,) if found else ())


def test_leaves_out_packages_that_are_native(tmp_path: Path) -> None:
    made = wheels.make_wheel("demo", files={"a/x.py": "", "a.so": "", "b/c/__init__.so": "", "b/x.txt": ""})
    facts = describe(made, tmp_path)
    assert facts.packages == {"b", "demo-1.0.dist-info"}
    assert facts.modules == {"a"}


def test_names_modules_below_a_shared_namespace(tmp_path: Path) -> None:
    made = wheels.make_wheel("demo", files={"backports/zstd/__init__.py": "", "backports/x.py": "", "other/y.py": ""})
    assert describe(made, tmp_path).modules == {"backports.zstd", "backports.x"}


def test_names_modules_that_lie_beside_the_library(tmp_path: Path) -> None:
    made = wheels.make_wheel("demo", data={"data/json.py": "", "data/pip/x.py": "", "data/bin/os.py": ""})
    facts = describe(made, tmp_path)
    assert facts.modules == {"demo", "json"}
    assert "pip" in facts.packages


def test_finds_scripts_that_hide_modules_of_others(tmp_path: Path) -> None:
    library = tmp_path / "library"
    (library / "installed").mkdir(parents=True)
    folders = dict.fromkeys(Scheme, str(tmp_path / "elsewhere")) | {Scheme.PURELIB: str(library)}
    scripts = ("installed.py", "other.py", "own.py", "new.py", "own/x", "other/x", "plain")
    made = wheels.make_wheel("demo", files={"own.py": ""}, data={f"scripts/{name}": "" for name in scripts})
    other = wheels.make_wheel("other", files={"other.py": ""})
    facts, _ = describe_wheels([load(made, tmp_path), load(other, tmp_path)], folders)
    assert facts.scripts == (
        Script(path="installed.py", module="installed", hides_module=True),
        Script(path="other.py", module="other", hides_module=True),
        Script(path="own.py", module="own"),
        Script(path="new.py", module="new"),
        Script(path="own/x", module="own"),
        Script(path="other/x", module="other", hides_module=True),
        Script(path="plain"),
    )


def test_tells_whose_files_are_met(tmp_path: Path) -> None:
    made = [wheels.make_wheel(name, files={"shared.py": name}) for name in ("one", "two")]
    one, two = describe_wheels([load(wheel, tmp_path) for wheel in made], None)
    assert one.conflicts == ()
    assert two.conflicts == (
        FileConflict(
            owner="one", kind=OwnerKind.COMMAND, files=(ConflictingFile(path="shared.py", existing="shared.py"),)
        ),
    )


def folders_of(tmp_path: Path) -> dict[Scheme, str]:
    """Make an environment with nothing in it."""
    library = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
    library.mkdir(parents=True)
    (tmp_path / "venv" / "bin").mkdir()
    places = {Scheme.PURELIB: library, Scheme.PLATLIB: library, Scheme.SCRIPTS: tmp_path / "venv" / "bin"}
    return {scheme: str(places.get(scheme, tmp_path / "venv")) for scheme in Scheme}


def install_other(folders: dict[Scheme, str], project: str, *paths: str) -> None:
    """Write files of a distribution, and its RECORD."""
    library = Path(folders[Scheme.PURELIB])
    for path in paths:
        (library / path).parent.mkdir(parents=True, exist_ok=True)
        (library / path).write_text("import acme_trace\n", encoding="utf-8")
    (library / f"{project}-1.0.dist-info").mkdir()
    record = library / f"{project}-1.0.dist-info" / "RECORD"
    record.write_text("".join(f"{path},,\n" for path in paths), encoding="utf-8")


@pytest.mark.parametrize(
    ("owner", "module", "found"),
    [
        pytest.param("other", "acme_trace.py", True, id="of-another-project"),
        pytest.param("other", "acme_trace/__init__.py", True, id="package"),
        pytest.param("other", "deep/acme_trace.py", False, id="below-another-package"),
        pytest.param("demo", "acme_trace.py", False, id="of-the-project-itself"),
    ],
)
def test_finds_modules_that_a_startup_file_imports(tmp_path: Path, owner: str, module: str, found: bool) -> None:
    folders = folders_of(tmp_path)
    install_other(folders, owner, "acme.pth")
    (facts,) = describe_wheels([load(wheels.make_wheel("demo", files={module: ""}), tmp_path)], folders)
    importer = str(Path(folders[Scheme.PURELIB], "acme.pth"))
    assert facts.startup_files == ((StartupFile(path=module, imported_by=importer),) if found else ())


@pytest.mark.parametrize(
    ("owner", "hidden"),
    [pytest.param("other", (("zz", "bin/zz.py"),), id="other"), pytest.param("demo", (), id="own")],
)
def test_finds_modules_that_a_script_is_imported_instead_of(
    tmp_path: Path, owner: str, hidden: tuple[tuple[str, str], ...]
) -> None:
    folders = folders_of(tmp_path)
    install_other(folders, owner, "../../../bin/zz.py")
    (facts,) = describe_wheels([load(wheels.make_wheel("demo", files={"zz.py": ""}), tmp_path)], folders)
    assert facts.hidden_modules == hidden


@pytest.mark.parametrize(
    ("installed", "found"),
    [pytest.param("other", True, id="of-others"), pytest.param("demo", False, id="own-elsewhere")],
)
def test_finds_programs_that_a_command_stands_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: str, found: bool
) -> None:
    folders = folders_of(tmp_path)
    program = tmp_path / "usr" / "bin" / "acme-run"
    (tmp_path / "usr" / "lib" / "python3" / "dist-packages" / f"{installed}-1.0.dist-info").mkdir(parents=True)
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    made = wheels.make_wheel("demo", entry_points={"console_scripts": {"acme-run": "demo:main"}})
    (facts,) = describe_wheels([load(made, tmp_path)], folders)
    assert facts.scripts == (Script(path="acme-run", stands_before=str(program) if found else ""),)
    (facts,) = describe_wheels([load(made, tmp_path)], None)
    assert facts.scripts == (Script(path="acme-run"),)


def test_keeps_the_settings_of_jupyter(tmp_path: Path) -> None:
    made = wheels.make_wheel("demo", data={"data/etc/jupyter/x.d/demo.json": "{}", "data/share/x.json": "{}"})
    assert describe(made, tmp_path).settings == {"etc/jupyter/x.d/demo.json": b"{}"}


@pytest.mark.parametrize(
    ("files", "modules"),
    [
        pytest.param({"backports/__init__.py": "import os\n"}, {"backports"}, id="code"),
        pytest.param(
            {"backports/__init__.py": "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"},
            set(),
            id="namespace",
        ),
        pytest.param({"org/python.py": ""}, {"org.python"}, id="inner-module"),
        pytest.param({"org/python/core.so": ""}, {"org.python.core"}, id="native-inner-module"),
    ],
)
def test_names_modules_that_something_looks_for(tmp_path: Path, files: dict[str, str], modules: set[str]) -> None:
    assert describe(wheels.make_wheel("demo", files=files), tmp_path).modules == modules


@pytest.mark.parametrize("known", [False, True])
def test_known_startup_file_counts_only_with_the_module_that_it_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    monkeypatch.setattr(describe_module, "is_known_hash", lambda project, path, hash_: known)
    files: dict[str, str | bytes] = {"distutils-precedence.pth": PRECEDENCE, "_distutils_hack/__init__.py": "print()"}
    (found,) = describe(wheels.make_wheel("setuptools", files=files), tmp_path).startup_files
    assert found.known is known
