"""Generate versions of PEP 440, few enough to meet each other."""

from __future__ import annotations

from hypothesis import strategies as st

_numbers = st.integers(min_value=0, max_value=3)
_releases = st.lists(_numbers, min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))
_suffixes = st.sampled_from(["", "", "", "a1", "b2", "rc1", ".post1", ".dev0", "a1.dev2", "-rc.1", ".POST2"])
_epochs = st.sampled_from(["", "", "", "", "1!"])

versions = st.builds("{}{}{}".format, _epochs, _releases, _suffixes)
