"""All that is installed in a place is described for the rules."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

from pip_guard.distributions.installed import inspect
from pip_guard.distributions.installed.inspect import FileState, Inspection, inspect_library_folder
from pip_guard.distributions.installed.libraries import LibraryFolder
from pip_guard.facts.candidate import CandidateKind
from pip_guard.facts.installed import InstalledFacts, UnownedFacts
from pip_guard.facts.origin import Origin, OriginKind
from pip_guard.facts.wheel import ConflictingFile, FileConflict, OwnerKind, Script, StartupFile
from pip_guard.frozen import replace
from tests.kit.wheels import record_hash
from tests.unit.distributions.installed.environments import install, make_library_folder

PRECEDENCE = (
    "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; "
    "enabled and __import__('_distutils_hack').add_shim(); \n"
)


@pytest.fixture
def place(tmp_path: Path) -> LibraryFolder:
    return make_library_folder(tmp_path)


@pytest.fixture
def pool() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as started:
        yield started


def split(found: Inspection) -> tuple[dict[str, InstalledFacts], UnownedFacts]:
    """Return the facts about distributions, by project, and those about what belongs to none."""
    *installed, unowned = found.facts
    assert isinstance(unowned, UnownedFacts)
    return {fact.project: fact for fact in installed if isinstance(fact, InstalledFacts)}, unowned


def test_describes_a_distribution(place: LibraryFolder, pool: Executor) -> None:
    script = b"#!/bin/sh\n"
    Path(place.commands, "packaging.py").write_bytes(script)
    Path(place.prefix, "pip.conf").write_bytes(b"")
    rows = [
        f"../../../bin/packaging.py,{record_hash(script)},10",
        f"../../../pip.conf,{record_hash(b'')},0",
        "demo/__pycache__/a.cpython-311.pyc,,",
    ]
    files = {"demo/__init__.py": "", "demo.pth": "import demo\n", "sitecustomize.py": ""}
    install(place, "demo", files=files, rows=rows, requested=True)
    install(place, "packaging", files={"packaging/__init__.py": ""})
    found = inspect_library_folder(place, pool)
    facts, unowned = split(found)
    origin = Origin(kind=OriginKind.PLACE, text=place.library)
    assert facts["demo"] == InstalledFacts(
        project="demo",
        version="1.0",
        origin=origin,
        requested=True,
        startup_files=(StartupFile(path="demo.pth", content=b"import demo\n"), StartupFile(path="sitecustomize.py")),
        modules=frozenset({"demo", "sitecustomize"}),
        packages=frozenset({"demo", "demo-1.0.dist-info"}),
        scripts=(Script(path="packaging.py", module="packaging", hides_module=True),),
        data_files=("pip.conf",),
    )
    assert replace(unowned, packages=frozenset()) == UnownedFacts(origin=origin)
    assert [(each.distribution.project, each.state, each.files) for each in found.installed] == [
        ("demo", FileState.VERIFIED, 8),
        ("packaging", FileState.VERIFIED, 3),
    ]


def test_tells_what_has_changed_from_what_has_gone_or_come(place: LibraryFolder, pool: Executor) -> None:
    install(place, "demo", files={"demo/a.py": "", "demo/b.py": ""})
    Path(place.library, "demo/a.py").write_text("x", encoding="utf-8")
    Path(place.library, "demo/b.py").unlink()
    Path(place.library, "demo/c.py").touch()
    found = inspect_library_folder(place, pool)
    facts, _ = split(found)
    assert facts["demo"].defects == ("demo/a.py has another content than RECORD says",)
    assert facts["demo"].differences == ("demo/b.py is gone", "demo/c.py was added")
    assert found.installed[0].state is FileState.CHANGED


def test_what_only_lacks_a_file_has_changed(place: LibraryFolder, pool: Executor) -> None:
    install(place, "demo")
    Path(place.library, "demo.py").unlink()
    assert inspect_library_folder(place, pool).installed[0].state is FileState.CHANGED


def test_finds_two_that_claim_one_file(place: LibraryFolder, pool: Executor) -> None:
    install(place, "demo", files={"shared/a.py": "one", "shared/same.py": ""})
    install(place, "evil", files={"shared/a.py": "two", "shared/same.py": ""})
    facts, _ = split(inspect_library_folder(place, pool))
    met = ConflictingFile(path="shared/a.py", existing="shared/a.py")
    assert facts["evil"].conflicts == (FileConflict(owner="demo", kind=OwnerKind.COMMAND, files=(met,)),)
    assert facts["demo"].conflicts == ()


def test_lets_a_project_be_worked_on(place: LibraryFolder, pool: Executor) -> None:
    Path(place.prefix, "setup.py").touch()
    source = {"url": f"file://{place.prefix}", "dir_info": {"editable": True}}
    install(place, "demo", files={"__editable__.demo.pth": place.prefix}, direct_url=source)
    found = inspect_library_folder(place, pool)
    facts, unowned = split(found)
    assert facts["demo"].built_from_directory
    assert (facts["demo"].kind, facts["demo"].url) == (CandidateKind.DIRECTORY, source["url"])
    assert unowned.startup_files == ()
    assert found.installed[0].state is FileState.EDITABLE
    assert not found.installed[0].is_published


@pytest.mark.parametrize(
    ("library", "version", "published"),
    [
        pytest.param("lib/python3.11/site-packages", "1.0", True, id="release"),
        pytest.param("lib/python3.11/site-packages", "", False, id="without-version"),
        pytest.param("lib/python3/dist-packages", "1.0", False, id="package-manager"),
    ],
)
def test_knows_what_others_can_know(
    library: str, version: str, published: bool, tmp_path: Path, pool: Executor
) -> None:
    place = LibraryFolder(library=str(tmp_path / library), prefix=str(tmp_path))
    install(place, "demo", version, metadata="Name: demo\n")
    (installed,) = inspect_library_folder(place, pool).installed
    assert installed.is_published is published
    assert installed.state is (FileState.UNVERIFIABLE if place.is_managed else FileState.VERIFIED)


def test_finds_what_belongs_to_nobody(place: LibraryFolder, pool: Executor) -> None:
    install(place, "demo", files={"space/demo/a.py": ""})
    Path(place.library, "keyring.py").touch()
    Path(place.library, "evil").mkdir()
    Path(place.library, "evil", "x.py").touch()
    Path(place.library, "evil.pth").write_text("import evil\n", encoding="utf-8")
    Path(place.library, "usercustomize").mkdir()
    Path(place.library, "usercustomize", "__init__.py").touch()
    Path(place.library, "sitecustomize.py").write_text("evil", encoding="utf-8")
    os.mkfifo(Path(place.library, "fifo.pth"))
    Path(place.commands, "uname").touch()
    _, unowned = split(inspect_library_folder(place, pool))
    assert unowned == UnownedFacts(
        origin=Origin(kind=OriginKind.PLACE, text=place.library),
        names=("evil/", "keyring.py", "sitecustomize.py", "usercustomize/"),
        startup_files=(
            StartupFile(path="evil.pth", content=b"import evil\n"),
            StartupFile(path="fifo.pth"),
            StartupFile(path="sitecustomize.py", content=b"evil"),
            StartupFile(path="usercustomize"),
        ),
        modules=frozenset({"evil", "keyring", "sitecustomize", "usercustomize"}),
        packages=frozenset({"evil", "usercustomize", "space", "space.demo", "demo-1.0.dist-info"}),
        scripts=(Script(path="uname"),),
    )


def test_finds_customizations_in_folders_that_path_files_add(place: LibraryFolder, pool: Executor) -> None:
    install(
        place, "demo", files={"mine/usercustomize/__init__.py": "", "mine/sitecustomize.py": "", "demo.pth": "mine\n"}
    )
    library = Path(place.library)
    for folder in ("added", "other", "added/usercustomize"):
        (library / folder).mkdir()
    for name in ("added/sitecustomize.py", "other/sitecustomize.py", "added/module.py", "mine/usercustomize.py"):
        (library / name).write_text("evil", encoding="utf-8")
    (library / "x.pth").write_text(f"added\n./added\n.\n../elsewhere\n{library}\n", encoding="utf-8")
    _, unowned = split(inspect_library_folder(place, pool))
    assert isinstance(unowned, UnownedFacts)
    assert [file for file in unowned.startup_files if file.path != "x.pth"] == [
        StartupFile(path="added/sitecustomize.py", content=b"evil"),
        StartupFile(path="added/usercustomize"),
        StartupFile(path="mine/usercustomize.py", content=b"evil"),
    ]


@pytest.mark.parametrize(
    ("top_level", "names"),
    [
        pytest.param("other\n", ("evil.py",), id="known-by-setuptools"),
        pytest.param(None, (), id="unknown"),
    ],
)
def test_tells_strays_only_where_it_knows_what_belongs_to_distributions(
    top_level: str | None, names: tuple[str, ...], place: LibraryFolder, pool: Executor
) -> None:
    install(place, "bare", files={"other.py": ""}, record=None, top_level=top_level)
    Path(place.library, "evil.py").touch()
    _, unowned = split(inspect_library_folder(place, pool))
    assert unowned.names == names


def test_knows_the_startup_file_of_a_project_without_record(place: LibraryFolder, pool: Executor) -> None:
    Path(place.library, "distutils-precedence.pth").write_text(PRECEDENCE, encoding="utf-8")
    _, unowned = split(inspect_library_folder(place, pool))
    assert [file.known for file in unowned.startup_files] == [False]
    install(place, "setuptools", files={}, record=None)
    _, unowned = split(inspect_library_folder(place, pool))
    assert [file.known for file in unowned.startup_files] == [True]


@pytest.mark.parametrize(
    ("pth", "module", "known", "names"),
    [
        pytest.param(b"import _virtualenv", b"known", True, (), id="both"),
        pytest.param(b"import _virtualenv", b"other", False, ("_virtualenv.py",), id="other-module"),
        pytest.param(b"import _virtualenv", None, False, (), id="no-module"),
        pytest.param(b"import _virtualenv, evil", b"known", False, (), id="other-line"),
    ],
)
def test_knows_what_virtualenv_leaves(
    pth: bytes,
    module: bytes | None,
    known: bool,
    names: tuple[str, ...],
    place: LibraryFolder,
    pool: Executor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contents = {"_virtualenv.pth": b"import _virtualenv", "_virtualenv.py": b"known"}
    monkeypatch.setattr(
        inspect,
        "is_known",
        lambda project, path, content: project == "virtualenv" and contents.get(path) == content,
    )
    Path(place.library, "_virtualenv.pth").write_bytes(pth)
    if module is not None:
        Path(place.library, "_virtualenv.py").write_bytes(module)
    _, unowned = split(inspect_library_folder(place, pool))
    assert [file.known for file in unowned.startup_files] == [known]
    assert unowned.names == names
