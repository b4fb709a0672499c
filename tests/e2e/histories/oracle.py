"""Say what must hold after a command, whatever was written and offered before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.e2e.histories.deeds import Deed
from tests.e2e.histories.model import Model
from tests.e2e.histories.releases import OVERWRITTEN
from tests.e2e.outcome import LAST_WORD

REFUSED = 40
CODES = frozenset({0, 1, 2, REFUSED})
# Where a traceback ends: pip has some of its own.
INNERMOST = re.compile(r'  File "([^"]+)", line \d+, in .*\n(?: {4}.*\n)+(?=\S)')
# What a refused command may leave: what was fetched before, for the next one.
KEPT = ("home/.cache/", "work/cache/")
# Where pip keeps what it has cloned, if it may, whatever comes of the command.
CLONES = ("venv/src/cloned/", "work/elsewhere/cloned/")


def hold(model: Model, words: Sequence[str], deed: Deed) -> None:
    """Check what must hold after every command of these words under guard."""
    ended = deed.ended
    assert ended.returncode in CODES, str(deed)
    assert "internal-error" not in ended.output, str(deed)
    assert not any("/pip_guard/" in frame for frame in INNERMOST.findall(ended.stderr)), str(deed)
    ran = deed.marks - model.may_run(words)
    assert not ran, f"{deed}\nran: {set(ran)}"
    assert model.rogue_may_be_asked or not deed.rogue_requests, f"{deed}\n{deed.rogue_requests}"
    wrong = {key for key in deed.arrived if not model.allows(key, words)}
    assert not wrong, f"{deed}\nmay not arrive: {wrong}"
    for key in deed.arrived:
        assert not model.is_confused(key, words, deed.asked_twice), f"{deed}\noffered twice: {key}"
    if overwrites(deed):
        assert model.may_overwrite(deed.arrived), f"{deed}\nmay not arrive: {OVERWRITTEN}"
    refused = ended.returncode == REFUSED
    assert bool(deed.refusals) is refused, str(deed)
    assert not refused or LAST_WORD.search(ended.stderr), str(deed)
    assert refused or "\nNothing was " not in ended.stderr, str(deed)
    assert not (refused and model.observes), f"{deed}\nrefused, though it is only observed"
    if ended.returncode:
        kept = (*KEPT, *(CLONES if model.allows("cloned==1.9", words) else ()))
        left = [path for path, found in deed.changes.items() if found != "a folder" and not path.startswith(kept)]
        assert not left, f"{deed}\nchanged though it failed: {left}"
    assert not deed.leftovers, f"{deed}\nleft behind: {deed.leftovers}"


def must_be_done(model: Model, words: Sequence[str], bare: Deed) -> bool:
    """Tell whether pip-guard must do what bare pip has done."""
    return (
        bare.ended.returncode == 0
        and bare.marks <= model.may_run(words)
        and not bare.rogue_requests
        and all(model.allows(key, words) for key in bare.arrived | bare.asked | bare.reused)
        and not overwrites(bare)
    )


def overwrites(deed: Deed) -> bool:
    """Tell whether a file of another distribution in the virtual environment has become another one."""
    return any(
        path.startswith("venv/") and path.endswith(OVERWRITTEN) and found is not None
        for path, found in deed.changes.items()
    )
