"""Tell which data files projects usually install; nearly all others are read by some program as its configuration.

The places are those of a census of 967 wheels of 881 popular projects (2026-11-30), and the names that must be a project's own there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Set
from types import MappingProxyType

from pip_guard.frozen import frozen
from pip_guard.names.normalize import normalize_name

# Folders below share and etc that programs of those names read: a project does not own one by having its name.
SHARED_FOLDERS = frozenset(
    """
    X11 aclocal alsa ansible apparmor apparmor-d application-registry applications apport apt autostart awk bash bash-completion blender
    ca-certificates cargo cmake color conda containers cron cron-d cups dbus-1 default desktop-directories dhcp dictionaries-common dict
    doc dotnet emacs emacs24 fish flatpak fontconfig fonts foomatic gcc gconf gdb gdm ghostscript gimp git git-core glib-2-0 gnome
    gnome-session gnome-shell gnupg gphoto2 grub gtk-2-0 gtk-3-0 gtk-4-0 gtksourceview-4 gtksourceview-5 guile help hexchat hwdata icons
    idl info init init-d initramfs-tools inkscape ipython java javascript jupyter kate kconf-update kernel kio kodi krb5 ksh kservices5
    ld-so-conf-d libinput libreoffice licenses lightdm lintian locale login logrotate-d lua luajit mailcap man maven-repo mc menu metainfo
    mime mime-info mise modprobe-d mpv mutt mysql nano nautilus nautilus-python nginx nodejs npm nvim octave opt packagekit pam-d
    pam-configs perl perl5 php pip pip-guard pipx pixmaps pkgconfig plymouth polkit polkit-1 postgresql profile profile-d pyenv python
    python3 qt qt5 qt6 r rc-d readline rofi rsyslog ruby sass screen sddm security sgml skel sounds ssh ssl sublime-text sudoers-d
    swcatalog sysctl-d systemd tcl tcltk terminfo terminology themes thumbnailers tmpfiles-d tmux tor udev ufw uv vala vim vimfiles
    virtualenv vlc vscode wallpapers wayland-sessions weechat wireplumber wireshark xdg xfce4 xml xonsh xsessions xprofile yelp zoneinfo
    zsh
    """.lower().split()
)
# Libraries that other programs load by these names.
_SYSTEM_LIBRARIES = (
    r"(?:atomic|bz2|c|crypt|crypto|curl|db|dbus|dl|expat|ffi|gcc|gfortran|gmp|gomp|history|icu\w*|iconv|krb5|lz4|lzma|m|mkl\w*|mvec|"
    r"ncursesw?|nsl|omp|openblas|panelw?|pcre\w*|pthread|python[\d.]*|quadmath|readline|resolv|rt|sqlite3?|ssh2?|ssl|stdc\+\+|tcl[\d.]*|"
    r"tinfow?|tk[\d.]*|udev|util|uuid|x11|xml2|z|zstd|blas|lapack|cuda\w*|nss\w*|pam\w*|jemalloc|tcmalloc)"
)
# Which templates and kernels are a project's own, although they are not called like it.
_OWNERS = {
    ("kernels", "python3"): "ipykernel",
    ("nbconvert", "templates"): "nbconvert",
    ("voila", "templates"): "voila",
}
_LAB = frozenset({"jupyterlab", "notebook"})
_MANUAL = r"man\d\w*"


@frozen
class Owner:
    """What is a wheel's own: its normalised project name and top-level modules, its commands, and the settings that it brings."""

    project: str
    modules: frozenset[str] = frozenset()
    commands: frozenset[str] = frozenset()
    settings: Mapping[str, bytes] = MappingProxyType({})


def is_usual(path: str, owner: Owner) -> bool:
    """Tell whether a data file, relative to the environment's folder, is where projects usually install such files."""
    names = {normalize_name(name) for name in (owner.project, *owner.modules)} - SHARED_FOLDERS
    commands = {command.casefold() for command in owner.commands}

    def is_own(name: str) -> bool:
        return normalize_name(name) in names

    parts = path.split("/")
    if any(part.startswith(".") for part in parts):
        return False
    match parts:
        case ["share", "jupyter", *rest]:
            return _is_usual_in_jupyter(rest, owner.project, is_own)
        case ["etc", "jupyter", *_]:
            return _only_loads_extensions(owner.settings.get(path), is_own)
        case ["share", "man" | "doc" | "licenses" | "info" | "locale" | "metainfo" as folder, *rest]:
            return _is_documentation(folder, rest)
        case ["share", "applications" | "icons" | "bash-completion" | "zsh" | "fish" as folder, *rest]:
            return _is_for_own_command(folder, rest, names, commands)
        case ["share" | "lib" | "lib64", "pkgconfig", name]:
            return name.endswith(".pc") and _begins_with_own(name, names)
        case ["share" | "lib" | "lib64", "cmake", name, _, *_]:
            return is_own(name)
        case ["share" | "etc", name, _, *_]:
            return is_own(name)
        case ["lib" | "lib64", name]:
            stem = name.removeprefix("lib").partition(".")[0]
            return is_own(stem) and not re.fullmatch(_SYSTEM_LIBRARIES, stem.casefold())
        case ["include", name, *rest]:
            return is_own(name) if rest else _begins_with_own(name, names)
        case _:
            return False


def _is_documentation(folder: str, rest: list[str]) -> bool:
    match folder, rest:
        case "man", [*folders, _]:
            return len(folders) in (1, 2) and re.fullmatch(_MANUAL, folders[-1]) is not None
        case "doc" | "licenses", [_, _, *_]:
            return True
        case "info", [name]:
            return name.endswith((".info", ".info.gz"))
        case "locale", [_, "LC_MESSAGES", name]:
            return name.endswith(".mo")
        case "metainfo", [name]:
            return name.endswith(".xml")
        case _:
            return False


def _is_for_own_command(folder: str, rest: list[str], names: Set[str], commands: Set[str]) -> bool:
    """Tell whether a file starts, depicts or completes the project or a command of its own."""
    match folder, rest:
        case "applications", [name]:
            stem = name.removesuffix(".desktop").rpartition(".")[2]
            return name.endswith(".desktop") and (normalize_name(stem) in names or stem.casefold() in commands)
        case "icons", ["hicolor", _, _, name]:
            return _begins_with_own(name, names | commands)
        case "bash-completion", ["completions", name]:
            return name.removesuffix(".bash").removeprefix("_").casefold() in commands
        case "zsh", ["site-functions", name]:
            return name.startswith("_") and name[1:].casefold() in commands
        case "fish", ["vendor_completions.d", name]:
            return name.endswith(".fish") and name.removesuffix(".fish").casefold() in commands
        case _:
            return False


def _begins_with_own(name: str, names: Set[str]) -> bool:
    """Tell whether a file name is a name of the project, or begins with one that is long enough to be told from others."""
    stem = normalize_name(name.partition(".")[0].removeprefix("lib"))
    return stem in names or any(len(own) > 3 and stem.startswith(own) for own in names)


def _is_usual_in_jupyter(rest: list[str], project: str, is_own: Callable[[str], bool]) -> bool:
    match rest:
        case ["labextensions" | "nbextensions", _, _, *_]:
            return True
        case ["kernels" as kind, name, _, *_]:
            return is_own(name) or _OWNERS.get((kind, name)) == project
        case ["nbconvert" | "voila" as kind, "templates" as folder, name, _, *_]:
            return is_own(name) or _OWNERS[kind, folder] == project
        case ["lab", "extensions", name]:
            return name.endswith(".tgz")
        case ["lab", "schemas" | "static" | "themes", _, *_]:
            return project in _LAB
        case _:
            return False


def _only_loads_extensions(content: bytes | None, is_own: Callable[[str], bool]) -> bool:
    """Tell whether a Jupyter configuration only enables notebook extensions and the project's own server extensions."""
    try:
        settings = json.loads(content or b"")
        for section, values in settings.items():
            if section == "load_extensions":
                continue
            for key, extensions in values.items():
                if key not in ("jpserver_extensions", "nbserver_extensions"):
                    return False
                if not all(is_own(module.partition(".")[0]) for module in extensions):
                    return False
    except (AttributeError, RecursionError, TypeError, ValueError):
        return False
    return True
