"""Have pip use files that nobody can replace between the check and the unpacking, and no file that was there before.

The wrappers take the state of the command and pip's method, then the parameters of that method under pip's own names.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

from pip._internal.exceptions import InstallationError
from pip._internal.operations.prepare import File
from pip._internal.utils.temp_dir import TempDirectory

if TYPE_CHECKING:
    from pip._internal.models.link import Link
    from pip._internal.operations.prepare import RequirementPreparer
    from pip._internal.req.req_install import InstallRequirement
    from pip._internal.utils.hashes import Hashes

    from pip_guard.pip_adapter.resolution.state import ResolutionState

logger = logging.getLogger(__name__)


def get_file_url(
    state: ResolutionState,
    method: Callable[..., File],
    link: Link,
    download_dir: str | None = None,
    hashes: Hashes | None = None,
) -> File:
    """Use a private copy of a local file: others might change the original while pip runs."""
    _check_type(link.file_path)
    file = method(link, download_dir, hashes)
    folder = TempDirectory(kind="unpack", globally_managed=True)
    copy = os.path.join(folder.path, os.path.basename(file.path))
    shutil.copyfile(file.path, copy)
    if hashes:
        # NOTE: what was checked just now need not be what was copied.
        hashes.check_against_path(copy)
    return File(copy)


def _check_type(path: str) -> None:
    """Raise pip's error for what is not a file: pip would wait for somebody to write into a FIFO, and read a device for ever."""
    if os.path.exists(path) and not os.path.isfile(path):
        raise InstallationError(f"{path} is not a regular file.")


def check_download_dir(
    state: ResolutionState,
    method: Callable[..., str | None],
    link: Link,
    download_dir: str,
    hashes: Hashes | None,
    warn_on_hash_mismatch: bool = True,
) -> str | None:
    """Use a file that lies in the target folder already only if a hash says that it is the one."""
    _check_type(os.path.join(download_dir, link.filename))
    path = method(link, download_dir, hashes, warn_on_hash_mismatch)
    if path is None or hashes or _is_same(link, path):
        return path
    if link.url not in state.replaced:
        logger.warning("Previously-downloaded file %s has no hash to check it by. Re-downloading.", path)
        state.replaced[link.url] = path
    return None


def save_linked_requirement(
    state: ResolutionState, method: Callable[..., None], self: RequirementPreparer, req: InstallRequirement
) -> None:
    """Save a file in place of the one that was not used; a dangling symlink is replaced, not followed."""
    if self.download_dir is not None and req.link is not None:
        path = os.path.join(self.download_dir, req.link.filename)
        if state.replaced.pop(req.link.url, None) is not None or _leads_nowhere(path):
            os.unlink(path)
    method(self, req)


def _leads_nowhere(path: str) -> bool:
    return os.path.islink(path) and not os.path.exists(path)


def _is_same(link: Link, path: str) -> bool:
    """Tell whether a link names the file in the target folder itself."""
    return link.is_file and os.path.exists(link.file_path) and os.path.samefile(link.file_path, path)
