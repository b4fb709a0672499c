"""Whoever builds on a guarded image is guarded, whatever pip is started with."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.images.builder import DEBIAN, PYTHON, Builder, BuildResult
from tests.e2e.reach.machine import ESCAPES
from tests.kit import wheelhouse
from tests.kit.index import LocalIndex
from tests.kit.osv import make_malware, write_export
from tests.kit.sources import make_sdist
from tests.kit.wheels import Wheel, make_wheel

pytestmark = pytest.mark.slow

CONTAINERFILES = Path(__file__).parents[3] / "docs" / "how-to" / "containerfiles"
GUARDED_PYTHON = "localhost/guarded-python"
GUARDED_DEBIAN = "localhost/guarded-debian"
BASES = {GUARDED_PYTHON: PYTHON, GUARDED_DEBIAN: DEBIAN}
ROOM = 25_000_000  # bytes
OUT = "/srv/out"
# How a build reaches pip, with {args} for what it is asked to do, and {n} for a name that no other uses.
ATTACKS = {
    "pip": "RUN pip {args}",
    "pip3": "RUN pip3 {args}",
    "module": "RUN python3 -m pip {args}",
    "isolated": "RUN python3 -I -m pip {args}",
    "login-shell": 'RUN bash -lc "pip {args}"',
    "bare": "RUN env -i /bin/sh -c 'PATH=/usr/local/bin:/usr/bin:/bin pip {args}'",
    "xargs": "RUN echo {args} | xargs pip",
    "new-environment": "RUN python3 -m venv /tmp/v{n} && /tmp/v{n}/bin/pip {args}",
    "activated": 'RUN bash -c "python3 -m venv /tmp/v{n} && . /tmp/v{n}/bin/activate && python -m pip {args}"',
    "on-path": "RUN python3 -m venv /tmp/v{n} && PATH=/tmp/v{n}/bin:$PATH pip {args}",
    "subprocess": "RUN python3 -c \"import subprocess, sys; sys.exit(subprocess.call(['pip', *'{args}'.split()]))\"",
    "nobody": "USER nobody\nRUN HOME=/tmp python3 -m venv /tmp/v{n} && HOME=/tmp /tmp/v{n}/bin/pip {args}\nUSER root",
    "setpriv": "RUN HOME=/tmp setpriv --reuid 65534 --clear-groups python3 -m pip {args}",
}

# What ends with 123 because a command that it started did not end with 0.
SPEAKS_FOR_ITSELF = {"xargs": 123}


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """The images, and what their builds see of this machine."""

    builder: Builder
    index: LocalIndex
    out: Path
    mounts: dict[Path, str]

    def build(self, name: str, containerfile: str | Path, **arguments: str) -> BuildResult:
        """Build an image."""
        context = self.builder.context
        return self.builder.build(name, containerfile, context=context, arguments=arguments, mounts=self.mounts)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """Make the bases, and an index with pip-guard, a project that has a wheel and one that has none."""
    builder = Builder()
    try:
        builder.make_bases()
        with LocalIndex() as index:
            yield open_shop(builder, index)
    finally:
        builder.close()


def open_shop(builder: Builder, index: LocalIndex) -> Shop:
    for wheel in (wheelhouse.built_wheel(), wheelhouse.pip_wheel(), *wheelhouse.dependency_wheels()):
        index.publish(read_wheel(wheel))
    index.publish(make_wheel("tool"))
    out = builder.folder / "out"
    out.mkdir()
    out.chmod(0o777)
    settings = builder.folder / "pip.conf"
    settings.write_text(f"[global]\nindex-url = {index.url}\ncert = /srv/ca.pem\nretries = 0\n", encoding="utf-8")
    advisories = write_export(builder.folder / "advisories", make_malware(project="not-on-the-index"))
    policy = (CONTAINERFILES / "policy.toml").read_text(encoding="utf-8")
    (builder.context / "policy.toml").write_text(
        f'{policy}[indexes]\napproved = ["{index.url}"]\nfile-hosts = ["{index.files_url}"]\n'
        '[advisories]\nsource = "/srv/advisories"\n',
        encoding="utf-8",
    )
    (builder.context / "requirements.txt").write_text("tool\n", encoding="utf-8")
    mounts = {out: OUT, settings: "/etc/pip.conf", index.ca_path: "/srv/ca.pem", advisories: "/srv/advisories"}
    return Shop(builder=builder, index=index, out=out, mounts=mounts)


@pytest.fixture(scope="module", params=[pytest.param(name, id=name.partition("-")[2]) for name in BASES])
def guarded(request: pytest.FixtureRequest, shop: Shop) -> str:
    """Build a guarded image of its documented Containerfile."""
    name: str = request.param
    file = CONTAINERFILES / f"{name.rpartition('-')[2]}.Containerfile"
    shop.build(name, file, BASE=BASES[name]).check()
    return name


def attack(shop: Shop, base: str) -> dict[str, tuple[int, bool, str]]:
    """Try everything in one build; return exit codes, whether anything ran, and what was said."""
    for name in ATTACKS:  # what an earlier one has left
        (shop.out / f"{name}.built").unlink(missing_ok=True)
    lines = [f"FROM {base}"]
    for number, (name, line) in enumerate(ATTACKS.items()):
        shop.index.publish(make_sdist(f"marker-{name}", sentinel=Path(OUT, f"{name}.built")))
        download = f"download --no-deps --no-cache-dir --dest /tmp/d{number} marker-{name}"
        before, run, rest = line.format(args=download, n=number).partition("RUN ")
        command, newline, after = rest.partition("\n")
        lines.append(f"{before}{run}{command} >{OUT}/{name}.log 2>&1; echo $? >{OUT}/{name}.code{newline}{after}")
    shop.build("localhost/attacked", "\n".join(lines) + "\n").check()
    return {
        name: (
            int((shop.out / f"{name}.code").read_text()),
            (shop.out / f"{name}.built").exists(),
            ESCAPES.sub("", (shop.out / f"{name}.log").read_text(errors="replace")),
        )
        for name in ATTACKS
    }


def read_wheel(path: Path) -> Wheel:
    """Read a wheel that exists on disk, to be put on an index."""
    name, version, *_ = path.name.split("-")
    with zipfile.ZipFile(path) as archive:
        metadata = archive.read(f"{name}-{version}.dist-info/METADATA")
    return Wheel(name=name, version=version, filename=path.name, content=path.read_bytes(), metadata=metadata)


def test_attacks_succeed_without_guard(shop: Shop) -> None:
    outcomes = attack(shop, PYTHON)
    assert {name: (code, built) for name, (code, built, _) in outcomes.items()} == dict.fromkeys(ATTACKS, (0, True))


def test_attacks_are_refused(shop: Shop, guarded: str) -> None:
    outcomes = attack(shop, guarded)
    expected = {name: (SPEAKS_FOR_ITSELF.get(name, 40), False) for name in ATTACKS}
    assert {name: (code, built) for name, (code, built, _) in outcomes.items()} == expected
    assert [name for name, (_, _, said) in outcomes.items() if "error: source-distribution" not in said] == []


def test_attack_fails_the_build(shop: Shop, guarded: str) -> None:
    shop.index.publish(make_sdist("marker", sentinel=Path(OUT, "built")))
    built = shop.build("localhost/failed", f"FROM {guarded}\nRUN python3 -m venv /v && /v/bin/pip install marker\n")
    assert built.returncode != 0
    assert "exit status 40" in built.output
    assert not (shop.out / "built").exists()


@pytest.mark.parametrize(
    "file", [pytest.param(name, id=name) for name in ("non-root.Containerfile", "multi-stage.Containerfile")]
)
def test_documented_application_is_built(shop: Shop, guarded: str, file: str) -> None:
    shop.build("localhost/app", CONTAINERFILES / file, BASE=guarded, RUNTIME=BASES[guarded]).check()
    # a line further, because `.venv` belongs to one and `/srv/app` to the other
    probe = "FROM localhost/app\nRUN for p in .venv/bin/python /srv/app/bin/python; do test ! -x $p || $p -c 'import tool'; done\n"
    shop.build("localhost/probe", probe).check()


def test_what_is_allowed_installs(shop: Shop, guarded: str) -> None:
    lines = [f"FROM {guarded}", "RUN python3 -m venv /v && /v/bin/pip install tool && /v/bin/python -c 'import tool'"]
    if guarded == GUARDED_PYTHON:  # the other one is externally managed
        lines.append("RUN pip install tool && python -c 'import tool' && pip uninstall --yes tool")
    shop.build("localhost/controlled", "\n".join(lines) + "\n").check()


def test_status_fails_the_build_of_an_open_image(shop: Shop, guarded: str) -> None:
    opened = f"FROM {guarded}\nRUN pip-guard guard disable --interpreter\nRUN pip-guard guard status\n"
    built = shop.build("localhost/opened", opened)
    assert built.returncode != 0
    assert "NOT guarded" in built.output


def test_guard_is_small(shop: Shop, guarded: str) -> None:
    if guarded == GUARDED_PYTHON:
        base = PYTHON
    else:  # what apt-get brings is not counted
        base = "localhost/updated"
        lines = (CONTAINERFILES / "debian.Containerfile").read_text(encoding="utf-8").partition("COPY policy.toml")[0]
        shop.build(base, lines, BASE=DEBIAN).check()
    assert shop.builder.size(guarded) - shop.builder.size(base) < ROOM
