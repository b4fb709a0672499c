"""Define what is known of a request or connection before it is made."""

from __future__ import annotations

from pip_guard.facts.origin import Facts
from pip_guard.frozen import frozen


@frozen
class FetchFacts(Facts):
    """A request that pip is about to send; `redirected` if a server, not pip, chose its address.

    `private_authority` is that of `SourceFacts`, where there is a proxy.
    """

    url: str
    redirected: bool = False
    proxy: str | None = None
    private_authority: bool = False


@frozen
class ConnectionFacts(Facts):
    """A connection that is about to be opened to a host that nothing approved."""

    host: str
    port: int | None
