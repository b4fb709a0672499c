"""Have pip run under guard, whatever starts it: the text of this module is copied into an interpreter's `sitecustomize.py`.

There it runs whenever that interpreter starts. So it takes well under a millisecond where it is not pip that starts, imports
nothing that is not loaded by then, and needs no file of pip-guard's. Nothing imports it but tests.
"""

import os
import sys

REFUSED = 40
MODULES = ("pip", "pip.__main__", "pip.__pip-runner__")
# What the console scripts of pip have said, in the words of those who write them: pip itself, and setuptools before it.
IMPORTS = tuple(
    f"from {module} import {function}"
    for module in ("pip._internal.cli.main", "pip._internal.main", "pip._internal", "pip")
    for function in ("main", "cli")
)
CALLS = ("sys.exit(main())", "sys.exit(cli())")
LOADS_ENTRY_POINT = ("'pip==", "'console_scripts', 'pip")
LONGEST_SCRIPT = 4096  # bytes; pip's have 250


def start(here: str, *, runner: str, modules: str, needed: tuple[str, ...], hides: bool) -> None:
    """Hand over to pip-guard if it is pip that starts; run the next `sitecustomize` if `here` hides one.

    `runner` is pip-guard's `target_runner.py`, `modules` its first argument, and `needed` are the files that must be there.
    """
    try:
        found = find_pip(sys.orig_argv, sys.argv)
    except Exception:  # noqa: BLE001 -- whatever this is, it is not to keep Python from starting
        found = None
    if found is not None:
        hand_over(here, [*found[0], runner, modules, *found[1]], needed)
    if hides:
        run_hidden(here)


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
    options = []
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


def hand_over(here: str, arguments: list[str], needed: tuple[str, ...]) -> None:
    """Let pip-guard take the place of this process, or refuse; never returns."""
    try:
        for path in needed:
            if not os.access(path, os.R_OK):
                missing = "cannot be read" if os.path.exists(path) else "is missing"
                refuse(here, f"{path} {missing}")
        if not sys.executable:
            refuse(here, "Python does not know where its interpreter is")
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        run([sys.executable, *arguments])
    except Exception as error:  # noqa: BLE001 -- what cannot be guarded is refused
        refuse(here, f"{type(error).__name__}: {error}")


def run(command: list[str]) -> None:
    """Run a command instead of this process; never returns."""
    if os.name == "posix":
        os.execv(command[0], command)
    import subprocess

    os._exit(subprocess.run(command, check=False).returncode)


def refuse(here: str, reason: str) -> None:
    """Say why pip cannot run, and what to do about it, and end the process."""
    try:
        sys.stderr.write(
            f"error: pip runs under guard here, but pip-guard cannot be started: {reason}.\n\n"
            'hint: Install pip-guard there again. Or remove the lines from "# >>> pip-guard >>>" to "# <<< pip-guard <<<"\n'
            f"      from {here}\n\n"
            "Nothing was installed.\n"
        )
        sys.stderr.flush()
    finally:
        # NOTE: this runs while Python starts, where any other end is shown as a fatal error of Python.
        os._exit(REFUSED)


def run_hidden(here: str) -> None:
    """Run the `sitecustomize` that would be imported if there were none at `here`, as if there were none."""
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import PathFinder

    folder, file = os.path.split(here)
    if folder not in sys.path:
        return
    name = os.path.splitext(file)[0]
    spec = PathFinder.find_spec(name, sys.path[sys.path.index(folder) + 1 :])
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
