"""What a tester has written into the workspace: policy, configuration, variables, and files that name requirements."""

from __future__ import annotations

from collections.abc import Sequence

from tests.e2e.histories.model import Model
from tests.e2e.histories.options import Option
from tests.e2e.histories.words import FILES
from tests.e2e.histories.world import World

# Files that lie in wait: where, what, and the folder of a program that is to be found first.
MARKING = "open('<planted-mark>', 'w')\n"
PLANTS = {
    "keyring.py": (MARKING, ""),
    "../venv/pip.conf": ("[global]\nno-binary = :all:\nextra-index-url = <rogue>\n", ""),
    "bin/uname": ("#!/bin/sh\necho > <planted-mark>\n", "bin"),
    "bin/git": ("#!/bin/sh\necho > <planted-mark>\n", "bin"),
    "setup.py": (MARKING, ""),
}
LOOSENING = '[tool.pip-guard.rules]\nsource-distribution = "off"\nunapproved-host = "off"\n'
# What pip is to be told, so that it leaves aside by itself what pip-guard does.
CAREFUL = {"PIP_ONLY_BINARY": ":all:", "PIP_UPLOADED_PRIOR_TO": "2022-01-01T00:00:00Z"}
# What pip, or the library, would import from a folder on PYTHONPATH: pip-guard refuses the first, and has no use for the others.
OWN_MODULES = ("pip", "packaging", "platformdirs")
MODULES = (*OWN_MODULES, "keyring", "socks", "attr", "typing", "__future__", "readline")
INDEX = {("global", "index-url"): "<approved>"}


class State:
    """What is written at the moment; each change is written at once."""

    def __init__(self, world: World, model: Model) -> None:
        """Begin with what is always there."""
        self._world = world
        self._model = model
        self.variables: dict[str, str] = {}
        self.is_plain = True
        self._configuration = dict(INDEX)
        self._lines: dict[str, list[str]] = {}
        world.begin_anew()
        self.write_policy()
        self._write_configuration()
        for name in FILES:
            self.write_file(name)

    def set_option(self, option: Option, section: str | None) -> None:
        """Set an option by a variable, or in a section of the configuration file."""
        self.is_plain = False
        if section is None:
            self.variables[f"PIP_{option.name.upper().replace('-', '_')}"] = option.value or "1"
        else:
            self._configuration[section, option.name] = option.value or "true"
            self._write_configuration()

    def plant(self, name: str) -> None:
        """Leave a file for pip to find."""
        text, folder = PLANTS[name]
        self._world.write(name, text)
        if folder:
            (self._world.workspace.cwd / name).chmod(0o755)
            self.variables["PATH"] = f"<work>/bin:{self._world.workspace.environ['PATH']}"
        self.is_plain = False

    def clear(self, names: Sequence[str]) -> None:
        """Remove what variables and the configuration file set, and begin some files anew."""
        for name in names:
            self._lines.pop(name, None)
            self.write_file(name)
        self.variables.clear()
        self._configuration = dict(INDEX)
        self._write_configuration()
        self.is_plain = not (self._world.workspace.venv.path / "pip.conf").exists()

    def add_line(self, name: str, line: str) -> None:
        """Add something to a file that commands read requirements from."""
        self._model.lines.append(line)
        self._lines.setdefault(name, []).append(line)
        self.write_file(name)

    def write_policy(self) -> None:
        """Write what was decided."""
        self._world.workspace.policy(self._world.fill(self._model.render()))

    def write_file(self, name: str) -> None:
        """Write a file that commands read requirements from."""
        lines = self._lines.get(name, [])
        named = [line for line in lines if not line.startswith(("-", "<")) and " --" not in line]
        match name:
            case "pyproject.toml":
                text = f"{LOOSENING}[dependency-groups]\ndev = {named}\n"
            case "script.py":
                text = "".join(["# /// script\n", f"# dependencies = {named}\n", "# ///\n"])
            case "pylock.toml":
                text = "\n".join(['lock-version = "1.0"', 'created-by = "tests"', *lines, ""])
            case _:
                text = "".join(f"{line}\n" for line in lines)
        self._world.write(name, text)

    def _write_configuration(self) -> None:
        text = "".join(
            f"[{section}]\n{name} = {value}\n" for (section, name), value in sorted(self._configuration.items())
        )
        self._world.write(self._world.workspace.home / ".config" / "pip" / "pip.conf", text)
