"""Refuse any request to a host that is neither an approved index nor an approved file host.

Every request is checked just before it is sent, so this covers what no option shows: links on an index page, redirects, URLs of
dependencies. Nothing is sent, so no password leaks, and not even the host name is resolved. A proxy that could present its own
certificates counts as such a host, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from pip_guard.engine.rule import Rule
from pip_guard.facts.candidate import CandidateFacts, CandidateKind
from pip_guard.facts.fetch import ConnectionFacts, FetchFacts
from pip_guard.facts.requirements import SourceFacts
from pip_guard.facts.violation import Severity, Violation
from pip_guard.policy.approval import is_approved_file, is_approved_host, is_approved_proxy, is_local
from pip_guard.policy.model import Policy
from pip_guard.policy.suggestions import approve, approve_index
from pip_guard.urls.compare import index_of_page, top_folder_of

_FILES = (CandidateKind.WHEEL, CandidateKind.SOURCE_ARCHIVE)


def check(facts: SourceFacts | CandidateFacts | FetchFacts | ConnectionFacts, policy: Policy) -> Iterator[Violation]:
    """Find requests, files, connections and proxies that are not approved."""
    match facts:
        case FetchFacts():
            yield from _check_request(facts, policy)
        case CandidateFacts(direct=False, url=url) if facts.kind in _FILES:
            if not is_local(url) and not is_approved_file(url, policy):
                yield Violation(
                    message=f"pip would fetch {url.partition('#')[0]}, which is not under an approved file host.",
                    origin=facts.origin,
                    remedy=(RULE.remediation, approve("file-hosts", top_folder_of(url))),
                )
        case ConnectionFacts(host=host, port=port):
            if not policy.indexes.knows_host(host, port):
                yield Violation(
                    message=f"pip would connect to {host}:{port}, which is not approved.",
                    remedy=(RULE.remediation, approve("file-hosts", f"https://{host}:{port}/")),
                )
        case SourceFacts(private_authority=True):
            for proxy in facts.proxies:
                if not is_approved_proxy(proxy.value, policy):
                    yield Violation(
                        message=f"pip would send everything through {proxy.value} and trust a private certificate authority,"
                        " with which the proxy could impersonate any host.",
                        origin=proxy.origin,
                        remedy=(
                            "Remove the setting, or, if it is your organisation's, approve it.",
                            approve("proxies", proxy.value),
                        ),
                    )
        case _:
            return


def _check_request(facts: FetchFacts, policy: Policy) -> Iterator[Violation]:
    url = facts.url
    if is_local(url):
        return
    # A server may send pip elsewhere on its host, but not out of the places on it that are approved.
    is_approved = is_approved_file if facts.redirected else is_approved_host
    if not is_approved(url, policy):
        verb, what = ("follow a redirect to", "which") if facts.redirected else ("send a request to", "on a host that")
        yield Violation(
            message=f"pip would {verb} {url}, {what} is not approved.",
            # a page of an index, or else a file, of which the folder above all others is named: the next has another one
            remedy=(
                RULE.remediation,
                approve_index(index_of_page(url)) if url.endswith("/") else approve("file-hosts", top_folder_of(url)),
            ),
        )
    elif facts.proxy is not None and _can_answer(facts) and not is_approved_proxy(facts.proxy, policy):
        yield Violation(
            message=f"pip would ask {url} through {facts.proxy}, which could change the response.",
            remedy=(
                "Exclude the host with NO_PROXY, or, if you trust the proxy, approve it.",
                approve("proxies", facts.proxy),
            ),
        )


def _can_answer(facts: FetchFacts) -> bool:
    """Tell whether a proxy could answer in the place of the host: without TLS, or with an authority of its own."""
    return facts.private_authority or not facts.url.startswith("https:")


RULE = Rule(
    id="unapproved-host",
    summary="a request, a redirect or a proxy to a host that is neither an approved index nor an approved file host",
    severity=Severity.ERROR,
    remediation="If you trust the host, approve it.",
    since="0.1.0",
    facts=(SourceFacts, CandidateFacts, FetchFacts, ConnectionFacts),
    check=check,
    conditions=(),
)
