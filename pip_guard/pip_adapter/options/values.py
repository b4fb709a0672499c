"""Read the options that rules check from the values that pip parsed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from optparse import Values

from pip_guard.environment.authorities import is_of_system
from pip_guard.facts.command import CommandOptions
from pip_guard.facts.origin import Setting
from pip_guard.pip_adapter.options.origins import OptionOrigins

# The commands that change an environment; the others fetch, resolve or build.
WRITING = frozenset({"install", "uninstall"})
# The options whose values are files of requirements, by the names that pip stores them under.
REQUIREMENT_FILES = ("requirements", "constraints", "build_constraints", "requirements_from_scripts")
# The options whose values are files that pip writes.
OUTPUTS = ("log", "json_report_file")
# The variables that requests takes before any `--cert`, the first of them that is set, and those that OpenSSL asks without one.
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
OPENSSL = ("SSL_CERT_FILE", "SSL_CERT_DIR")
# All of them make pip believe other certificate authorities than the usual ones.
AUTHORITY_VARIABLES = (*BUNDLES, *OPENSSL)
# The folders of pip's cache that it trusts: responses of indexes, and wheels that it has built.
CACHES = ("http-v2", "wheels")


def command_options(command: str, options: Values, origins: OptionOrigins, *, reads_only: bool) -> CommandOptions:
    """Return what decides where a command writes, with the origin of each value."""
    return CommandOptions(
        command=command,
        reads_only=reads_only,
        files=tuple(_believed_files(options, origins)),
        bundles=tuple(_bundles(options)),
        outputs=tuple(_outputs(options, origins)),
        writes=command in WRITING and not getattr(options, "dry_run", False),
        target=_folder("target_dir", options, origins),
        prefix=_folder("prefix_path", options, origins),
        root=_folder("root_path", options, origins),
        user=origins.origin("use_user_site") if getattr(options, "use_user_site", None) else None,
        break_system_packages=origins.origin("override_externally_managed")
        if getattr(options, "override_externally_managed", None)
        else None,
    )


def _believed_files(options: Values, origins: OptionOrigins) -> Iterator[tuple[str, str]]:
    for path in origins.files():
        yield path, "configuration"
    if options.cache_dir:
        yield options.cache_dir, "cache"
        yield from ((os.path.join(options.cache_dir, name), "cache") for name in CACHES)
    for path in (options.cert, options.client_cert, *map(os.environ.get, AUTHORITY_VARIABLES)):
        if path:
            yield path, "certificates"
    for dest in REQUIREMENT_FILES:
        for path in getattr(options, dest, None) or ():
            yield path, "requirements"
    for path, _ in getattr(options, "dependency_groups", None) or ():
        yield path, "requirements"


def own_bundle() -> str:
    """Return the bundle that came with pip; a distribution may have pip take the system's."""
    from pip._vendor.certifi import where

    return str(where())


def _bundles(options: Values) -> Iterator[str]:
    """Yield the bundles that the command will use, apart from the system's own."""
    if not hasattr(options, "index_url"):  # it asks no index
        return
    variables = () if getattr(options, "no_proxy_env", False) else BUNDLES
    named = next((path for path in map(os.environ.get, variables) if path), options.cert)
    used = (named,) if named else (own_bundle(), os.environ.get("SSL_CERT_FILE"))
    yield from (path for path in used if path and not is_of_system(path))


def _outputs(options: Values, origins: OptionOrigins) -> Iterator[Setting]:
    """Yield the files that pip would write because of a setting that is neither the user's nor the administrator's."""
    for dest in OUTPUTS:
        path = getattr(options, dest, None)
        if path and path not in ("-", os.devnull) and origins.is_foreign(dest):
            yield Setting(value=path, origin=origins.origin(dest))


def _folder(dest: str, options: Values, origins: OptionOrigins) -> Setting | None:
    path = getattr(options, dest, None)
    return Setting(value=path, origin=origins.origin(dest)) if path else None
