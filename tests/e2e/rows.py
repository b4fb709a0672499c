"""Mark rows of a table that are much like others, and so tried less often."""

from __future__ import annotations

from functools import partial

import pytest

slow = partial(pytest.param, marks=pytest.mark.slow)
manual = partial(pytest.param, marks=pytest.mark.manual)
