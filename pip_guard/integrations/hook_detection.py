"""Recognise starts of pip among all starts of Python. The hook is the source of this module and of `hook_source`."""

import os

MODULES = ("pip", "pip.__main__", "pip.__pip-runner__")
# The module that programs import to run pip in their own process.
ENTRY_POINT = "pip._internal.cli.main"
FUNCTIONS = ("main", "cli")
# The imports in console scripts of pip, as pip and, earlier, setuptools wrote them.
IMPORTS = tuple(
    f"from {module} import {function}"
    for module in (ENTRY_POINT, "pip._internal.main", "pip._internal", "pip")
    for function in FUNCTIONS
)
# The imports of old scripts, about which pip warns.
OLD_IMPORTS = ("from pip._internal.main import main", "from pip._internal import main", "from pip import main")
CALLS = ("sys.exit(main())", "sys.exit(cli())")
LOADS_ENTRY_POINT = ("'pip==", "'console_scripts', 'pip")
LONGEST_SCRIPT = 4096  # bytes; pip's have 250
# How `ensurepip` runs the pip that is bundled with Python, only to install that into a new virtual environment.
ENSUREPIP = "\nimport runpy\nimport sys\nsys.path = ["
OFFLINE = "['install', '--no-cache-dir', '--no-index', '--find-links', "


def find_pip(command: list[str], argv: list[str]) -> tuple[list[str], list[str]] | None:
    """Return the options of Python and the arguments of pip if a command line starts pip, else None."""
    # NOTE: a program that embeds Python may have options that look like Python's.
    if command == argv:
        return None
    options, kind, what, rest = split(command)
    while kind == "m" and what == "runpy" and rest:
        what, rest = rest[0], rest[1:]
    if kind == "m" and what in MODULES:
        return options, rest
    return (options, rest) if kind == "" and what not in ("", "-") and runs_pip(what) else None


def split(command: list[str]) -> tuple[list[str], str, str, list[str]]:
    """Split a command line as Python does: options, then `m`, `c` or nothing for a script, what that runs, and the rest.

    The options are returned one by one, without `-x`, which is about the first line of a script that is not run.
    """
    options: list[str] = []
    index = 1
    while index < len(command):
        word = command[index]
        if word == "-" or not word.startswith("-"):
            break
        index += 1
        if word == "--":
            break
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter == "-" and not letters:  # Python complains, and takes the next word for a script
                return options, "", "".join(command[index : index + 1]), command[index + 1 :]
            if letter == "-":  # a long option, which may stand behind short ones
                options.append("--" + letters)
                if letters == "check-hash-based-pycs":
                    options.append(command[index])
                    index += 1
                break
            if letter in "cmWX":
                value = letters
                if not value:
                    value = command[index]
                    index += 1
                if letter in "cm":
                    return options, letter, value, command[index:]
                options += ["-" + letter, value]
                break
            if letter != "x":
                options.append("-" + letter)
    return options, "", command[index] if index < len(command) else "", command[index + 1 :]


def runs_pip(script: str) -> bool:
    """Tell whether a script, or a folder or an archive that Python can run, starts pip."""
    path = os.path.realpath(script)
    folder, name = os.path.split(path)
    if name in ("__main__.py", "__pip-runner__.py"):
        return is_pip(folder)
    if name == "pip" and (is_pip(path) or os.path.isfile(folder)):  # the latter is a wheel
        return True
    plain, suffix = os.path.splitext(name.lower())
    if suffix == ".pyz":
        return plain.split("-")[0] == "pip"
    if suffix == ".exe":
        return plain.rstrip("0123456789.") == "pip"
    return is_console_script(path)


def is_pip(folder: str) -> bool:
    """Tell whether a folder is pip."""
    return os.path.basename(folder) == "pip" and os.path.isfile(os.path.join(folder, "_internal", "__init__.py"))


def is_console_script(path: str) -> bool:
    """Tell whether a file is a console script of pip, whatever its name."""
    status = os.stat(path)
    # NOTE: a script may come from a pipe, and Python would miss what is read from it here.
    if status.st_mode & 0o170000 != 0o100000 or status.st_size > LONGEST_SCRIPT:
        return False
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    if all(part in text for part in LOADS_ENTRY_POINT):
        return True
    return any(call in text for call in CALLS) and any(line.strip() in IMPORTS for line in text.splitlines())


def is_old_script(path: str) -> bool:
    """Tell whether a script that starts pip is one that pip warns of."""
    if not os.path.isfile(path) or os.stat(path).st_size > LONGEST_SCRIPT:
        return False
    with open(path, encoding="utf-8", errors="replace") as file:
        return any(line.strip() in OLD_IMPORTS for line in file)


def is_ensurepip(command: list[str]) -> bool:
    """Tell whether a command line is that of `ensurepip`."""
    _, kind, what, _ = split(command)
    return kind == "c" and what.startswith(ENSUREPIP) and OFFLINE in what
