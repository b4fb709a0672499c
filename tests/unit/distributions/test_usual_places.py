"""Test where packages usually keep their data."""

from __future__ import annotations

import pytest

from pip_guard.distributions.usual_places import Owner, is_usual

OWNER = Owner(project="demo-x", modules=frozenset({"demo", "systemd", "ssl"}), commands=frozenset({"demo-run"}))
SETTINGS = "etc/jupyter/jupyter_server_config.d/demo.json"


@pytest.mark.parametrize(
    "path",
    [
        "share/man/man1/anything.1", "share/man/de/man5/x.5", "share/doc/demo/README", "share/licenses/demo/LICENSE",
        "share/info/x.info", "share/info/x.info.gz", "share/locale/de/LC_MESSAGES/x.mo", "share/metainfo/org.x.metainfo.xml",
        "share/applications/demo.desktop", "share/applications/org.example.Demo.desktop",
        "share/applications/demo-run.desktop", "share/icons/hicolor/48x48/apps/demo.png",
        "share/icons/hicolor/scalable/apps/demo-run.svg", "share/jupyter/labextensions/@scope/x/package.json",
        "share/jupyter/nbextensions/x/main.js", "share/jupyter/kernels/demo/kernel.json",
        "share/jupyter/nbconvert/templates/demo/conf.json", "share/jupyter/voila/templates/demo/x",
        "share/jupyter/lab/extensions/x.tgz", "share/bash-completion/completions/demo-run",
        "share/bash-completion/completions/_demo-run", "share/bash-completion/completions/demo-run.bash",
        "share/zsh/site-functions/_demo-run", "share/fish/vendor_completions.d/demo-run.fish", "lib/pkgconfig/demo.pc",
        "share/cmake/demo/demo.cmake", "lib/cmake/demo/demo-config.cmake", "share/demo/table.csv", "share/demo_x/a",
        "etc/demo/defaults.ini", "lib/libdemo.so.12", "lib/demo.jl", "include/demo/api.h", "include/demo.h", "include/demoapi.h",
    ],
)  # fmt: skip
def test_knows_usual_places(path: str) -> None:
    assert is_usual(path, OWNER)


@pytest.mark.parametrize(
    "path",
    [
        "Makefile", "x/y", "share/x", "share/man/x.1", "share/man/a/b/man1/x.1", "share/man/cat1/x", "share/doc/x",
        "share/info/dir", "share/locale/de/LC_MESSAGES/x.py", "share/metainfo/x", "share/applications/firefox.desktop",
        "share/applications/demo.list", "share/icons/hicolor/48x48/apps/firefox.png", "share/icons/other/48x48/apps/demo.png",
        "share/jupyter/kernels/python3/kernel.json", "share/jupyter/nbconvert/templates/lab/x", "share/jupyter/lab/static/x.js",
        "share/jupyter/lab/extensions/x.js", "share/jupyter/other/demo/x", "share/systemd/user/demo.service",
        "share/dbus-1/services/demo.service", "share/fish/vendor_functions.d/fish_prompt.fish", "share/zsh/site-functions/demo-run",
        "share/fish/vendor_completions.d/git.fish", "share/bash-completion/completions/_git", "etc/ipython/ipython_config.py",
        "etc/systemd/x", "etc/x", "lib/libz.so.1", "lib/libssl.so.3", "lib/pkgconfig/zlib.pc", "lib/cmake/other/x.cmake",
        "lib/pkgconfig/demo.txt", "include/other/api.h", "include/zlib.h", "sbin/git", "libexec/demo/x", "usr/bin/demo-run",
        "share/demo/.hidden", "share/Systemd/x", "Share/demo/x", "var/demo/x",
    ],
)  # fmt: skip
def test_knows_no_other_places(path: str) -> None:
    assert not is_usual(path, OWNER)


@pytest.mark.parametrize(
    ("project", "path"),
    [
        pytest.param("ipykernel", "share/jupyter/kernels/python3/kernel.json", id="kernel"),
        pytest.param("nbconvert", "share/jupyter/nbconvert/templates/lab/x", id="templates"),
        pytest.param("jupyterlab", "share/jupyter/lab/static/x.js", id="lab"),
    ],
)
def test_knows_owners_that_are_called_otherwise(project: str, path: str) -> None:
    assert is_usual(path, Owner(project=project))


@pytest.mark.parametrize(
    ("content", "usual"),
    [
        pytest.param(b'{"ServerApp": {"jpserver_extensions": {"demo": true}}}', True, id="own"),
        pytest.param(b'{"NotebookApp": {"nbserver_extensions": {"demo.sub": true}}}', True, id="own-submodule"),
        pytest.param(b'{"load_extensions": {"anything/main": true}}', True, id="notebook-extension"),
        pytest.param(b'{"ServerApp": {"jpserver_extensions": {"os": true}}}', False, id="of-others"),
        pytest.param(b'{"ServerApp": {"jpserver_extensions": "demo"}}', False, id="text"),
        pytest.param(b'{"ServerApp": {"root_dir": "/"}}', False, id="other-setting"),
        pytest.param(b"[]", False, id="list"),
        pytest.param(b"{", False, id="no-json"),
        pytest.param(None, False, id="unreadable"),
    ],
)
def test_looks_into_settings_of_jupyter(content: bytes | None, usual: bool) -> None:
    settings = {} if content is None else {SETTINGS: content}
    owner = Owner(project="demo", modules=frozenset({"demo"}), settings=settings)
    assert is_usual(SETTINGS, owner) is usual
