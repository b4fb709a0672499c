"""Make what interpreters, environments and pip's scripts are, as files; none of them runs."""

from __future__ import annotations

from pathlib import Path

# What a program starts with on Linux; none of it is ever run.
ELF = b"\x7fELF"
PIP_SCRIPT = "from pip._internal.cli.main import main\nsys.exit(main())\n"


def make_program(path: Path, content: bytes | str = ELF) -> Path:
    """Make a file that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(0o755)
    return path


def make_base(prefix: Path, version: str = "3.11", *, pip: bool = True) -> Path:
    """Make an interpreter below a prefix, with pip where it keeps it; return the program."""
    library = prefix / "lib" / f"python{version}"
    library.mkdir(parents=True)
    (library / "os.py").touch()
    program = make_program(prefix / "bin" / f"python{version}")
    for name in ("python3", "python"):
        if not (prefix / "bin" / name).is_symlink():
            (prefix / "bin" / name).symlink_to(program.name)
    if pip:
        make_pip(library / "site-packages")
        make_script(prefix / "bin" / "pip", program)
    return program


def make_environment(prefix: Path, program: Path, *, pip: bool = True, system: bool = False) -> Path:
    """Make a virtual environment of an interpreter; return its own program."""
    prefix.mkdir(parents=True)
    (prefix / "pyvenv.cfg").write_text(
        f"home = {program.parent}\n"
        f"include-system-site-packages = {str(system).lower()}\n"
        f"version = {program.name.removeprefix('python')}.7\n",
        encoding="utf-8",
    )
    own = prefix / "bin" / "python"
    own.parent.mkdir()
    own.symlink_to(program)
    if pip:
        make_pip(prefix / "lib" / program.name / "site-packages")
        make_script(prefix / "bin" / "pip", own)
    return own


def make_pip(folder: Path) -> None:
    """Make a package pip."""
    (folder / "pip").mkdir(parents=True)
    (folder / "pip" / "__init__.py").touch()


def make_script(path: Path, program: Path | str) -> Path:
    """Make a console script of pip's."""
    return make_program(path, f"#!{program}\n{PIP_SCRIPT}")
