"""Recognise the starts of pip among all starts of Python; like `start_hook`, whose text stands behind it, this is copied."""

import os

MODULES = ("pip", "pip.__main__", "pip.__pip-runner__")
# What programs call that run pip in their own process.
ENTRY_POINT = "pip._internal.cli.main"
FUNCTIONS = ("main", "cli")
# What the console scripts of pip have said, in the words of those who write them: pip itself, and setuptools before it.
IMPORTS = tuple(
    f"from {module} import {function}"
    for module in (ENTRY_POINT, "pip._internal.main", "pip._internal", "pip")
    for function in FUNCTIONS
)
CALLS = ("sys.exit(main())", "sys.exit(cli())")
LOADS_ENTRY_POINT = ("'pip==", "'console_scripts', 'pip")
LONGEST_SCRIPT = 4096  # bytes; pip's have 250
# How `ensurepip` runs the pip that Python brings along, to install that into a new virtual environment, and nothing else.
ENSUREPIP = "\nimport runpy\nimport sys\nsys.path = ["
OFFLINE = "['install', '--no-cache-dir', '--no-index', '--find-links', "


def find_pip(command: list[str], argv: list[str]) -> tuple[list[str], list[str]] | None:
    """Return the options of Python and the arguments of pip if a command line starts pip, and None otherwise."""
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
    """Take a command line apart as Python does: options, `m` or `c` or nothing for a script, what that runs, the rest.

    The options are written one by one, without `-x`, which is about a script that is then another one.
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
            if letter == "-" and not letters:  # Python complains, and takes what follows for a script
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
    """Tell whether a script, or a folder or an archive that Python can run, is a way to start pip."""
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
    """Tell whether a file is one of pip's console scripts, whatever it is called."""
    status = os.stat(path)
    # NOTE: a script may come out of a pipe, and what is read from it here, Python would miss.
    if status.st_mode & 0o170000 != 0o100000 or status.st_size > LONGEST_SCRIPT:
        return False
    with open(path, encoding="utf-8", errors="replace") as file:
        text = file.read()
    if all(part in text for part in LOADS_ENTRY_POINT):
        return True
    return any(call in text for call in CALLS) and any(line.strip() in IMPORTS for line in text.splitlines())


def is_ensurepip(command: list[str]) -> bool:
    """Tell whether a command line is that of Python's own `ensurepip`."""
    _, kind, what, _ = split(command)
    return kind == "c" and what.startswith(ENSUREPIP) and OFFLINE in what
