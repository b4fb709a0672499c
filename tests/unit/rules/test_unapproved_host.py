"""Test the rule against requests, connections and proxies that lead elsewhere."""

from __future__ import annotations

import pytest

from pip_guard.facts.candidate import CandidateFacts, CandidateKind
from pip_guard.facts.fetch import ConnectionFacts, FetchFacts
from pip_guard.facts.requirements import SourceFacts
from pip_guard.facts.violation import Violation
from pip_guard.policy.model import Policy, parse_locations
from pip_guard.policy.suggestions import approve, approve_index
from pip_guard.rules.unapproved_host import RULE
from pip_guard.urls.compare import top_folder_of
from tests.unit.factories import ENVIRONMENT, make_candidate_facts, make_policy, make_setting, make_source_facts

POLICY = make_policy(proxies=parse_locations(["http://proxy.example:3128"]))


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(FetchFacts(url="https://pypi.example/simple/demo/"), id="index"),
        pytest.param(FetchFacts(url="https://files.example/x.whl", redirected=True), id="file-host"),
        pytest.param(FetchFacts(url="https://files.example:443/x.whl"), id="port-of-the-scheme"),
        pytest.param(FetchFacts(url="file:///srv/x.whl"), id="local-file"),
        pytest.param(make_candidate_facts(url="https://files.example/a/x.whl"), id="listed-file-below-a-file-host"),
        pytest.param(
            make_candidate_facts(url="https://pypi.example/simple/demo/x.whl"), id="listed-file-below-an-index"
        ),
        pytest.param(make_candidate_facts(url="file:///srv/x.whl"), id="listed-file-of-this-machine"),
        pytest.param(
            make_candidate_facts(url="https://evil.example/x.whl", direct=True), id="direct-url-is-another-rule's"
        ),
        pytest.param(
            make_candidate_facts(url="https://evil.example/x", kind=CandidateKind.VCS),
            id="repository-is-another-rule's",
        ),
        pytest.param(ConnectionFacts(host="pypi.example", port=443), id="connection"),
        pytest.param(ConnectionFacts(host="proxy.example", port=3128), id="connection-to-proxy"),
        pytest.param(make_source_facts(indexes=(make_setting("https://evil.example/"),)), id="index-is-another-rule's"),
        pytest.param(
            make_source_facts(proxies=(make_setting("http://other.example:3128"),)), id="proxy-that-can-read-nothing"
        ),
        pytest.param(
            make_source_facts(proxies=(make_setting("http://proxy.example:3128"),), private_authority=True),
            id="approved-proxy",
        ),
        pytest.param(
            make_source_facts(proxies=(make_setting("proxy.example:3128"),), private_authority=True),
            id="approved-proxy-without-a-scheme",
        ),
    ],
)
def test_lets_pass(facts: CandidateFacts | FetchFacts | ConnectionFacts | SourceFacts) -> None:
    assert list(RULE.check(facts, POLICY)) == []


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        pytest.param(
            FetchFacts(url="https://evil.example/x"),
            "pip would send a request to https://evil.example/x, on a host that is not approved.",
            id="request",
        ),
        pytest.param(
            FetchFacts(url="https://evil.example/x", redirected=True),
            "pip would follow a redirect to https://evil.example/x, which is not approved.",
            id="redirect",
        ),
        pytest.param(
            FetchFacts(url="http://files.example/x"),
            "pip would send a request to http://files.example/x, on a host that is not approved.",
            id="other-scheme",
        ),
        pytest.param(
            FetchFacts(url="https://files.example:8443/x"),
            "pip would send a request to https://files.example:8443/x, on a host that is not approved.",
            id="other-port",
        ),
        pytest.param(
            FetchFacts(url="https://files.example@evil.example/x"),
            "pip would send a request to https://files.example@evil.example/x, on a host that is not approved.",
            id="host-as-user",
        ),
        pytest.param(
            FetchFacts(url="https://files.example\\@evil.example/x"),
            "pip would send a request to https://files.example\\@evil.example/x, on a host that is not approved.",
            id="address-that-two-read-differently",
        ),
        pytest.param(
            make_candidate_facts(url="https://pypi.example/other/a/b/x.whl"),
            "pip would fetch https://pypi.example/other/a/b/x.whl, which is not under an approved file host.",
            id="listed-file-elsewhere-on-the-host",
        ),
        pytest.param(
            make_candidate_facts(
                url="https://pypi.example/simple/../other/x.tar.gz#sha256=ab", kind=CandidateKind.SOURCE_ARCHIVE
            ),
            "pip would fetch https://pypi.example/simple/../other/x.tar.gz, which is not under an approved file host.",
            id="listed-file-that-goes-up",
        ),
        pytest.param(
            ConnectionFacts(host="evil.example", port=443),
            "pip would connect to evil.example:443, which is not approved.",
            id="connection",
        ),
        pytest.param(
            ConnectionFacts(host="pypi.example", port=None),
            "pip would connect to pypi.example:None, which is not approved.",
            id="connection-without-a-port",
        ),
    ],
)
def test_refuses_what_leads_elsewhere(facts: CandidateFacts | FetchFacts | ConnectionFacts, message: str) -> None:
    if isinstance(facts, CandidateFacts):
        place = approve("file-hosts", "https://pypi.example/other")
        assert list(RULE.check(facts, POLICY)) == [
            Violation(message=message, origin=facts.origin, remedy=(RULE.remediation, place))
        ]
        return
    host = top_folder_of(facts.url) if isinstance(facts, FetchFacts) else f"https://{facts.host}:{facts.port}/"
    remedy = (RULE.remediation, approve("file-hosts", host))
    assert list(RULE.check(facts, POLICY)) == [Violation(message=message, remedy=remedy)]


@pytest.mark.parametrize(
    ("url", "place"),
    [
        pytest.param("https://own.example/packages/ab/cd/x.whl#sha256=ab", "https://own.example/packages", id="spread"),
        pytest.param("https://own.example/x.whl", "https://own.example/", id="top"),
        pytest.param("https://own.example@evil@example/x/y.whl", "https://own.example@evil@example/x/", id="no-place"),
    ],
)
def test_offers_to_approve_where_an_index_keeps_its_files(url: str, place: str) -> None:
    (listed,) = RULE.check(make_candidate_facts(url=url), POLICY)
    (redirect,) = RULE.check(FetchFacts(url=url, redirected=True), POLICY)
    assert listed.remedy == redirect.remedy == (RULE.remediation, approve("file-hosts", place))


def test_offers_to_approve_the_index_of_a_page() -> None:
    (violation,) = RULE.check(FetchFacts(url="https://own.example/simple/demo/", redirected=True), POLICY)
    assert violation.remedy == (RULE.remediation, approve_index("https://own.example/simple/"))


OVER_HTTP = make_policy(
    approved=parse_locations(["http://own.example/simple/"]), proxies=parse_locations(["http://proxy.example:3128"])
)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(FetchFacts(url="http://own.example/simple/"), id="no-proxy"),
        pytest.param(FetchFacts(url="http://own.example/x", proxy="http://proxy.example:3128"), id="approved-proxy"),
        pytest.param(FetchFacts(url="https://files.example/x", proxy="http://other.example:3128"), id="through-tls"),
    ],
)
def test_proxy_must_not_be_able_to_change_the_answer(facts: FetchFacts) -> None:
    assert list(RULE.check(facts, OVER_HTTP)) == []


@pytest.mark.parametrize(
    ("url", "private", "policy"),
    [
        pytest.param("http://own.example/simple/demo/", False, OVER_HTTP, id="without-tls"),
        pytest.param("https://files.example/x.whl", True, POLICY, id="with-an-authority-of-its-own"),
    ],
)
def test_refuses_a_proxy_that_could_change_the_answer(url: str, private: bool, policy: Policy) -> None:
    facts = FetchFacts(url=url, proxy="http://other.example:3128", private_authority=private)
    assert list(RULE.check(facts, policy)) == [
        Violation(
            message=f"pip would ask {url} through http://other.example:3128, which could change the response.",
            remedy=(
                "Exclude the host with NO_PROXY, or, if you trust the proxy, approve it.",
                approve("proxies", "http://other.example:3128"),
            ),
        )
    ]


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        pytest.param("https://files.example/x.whl", False, id="approved-place"),
        pytest.param("https://pypi.example/simple/demo/", False, id="index"),
        pytest.param("https://pypi.example/elsewhere/", True, id="elsewhere-on-the-host"),
    ],
)
def test_redirect_must_not_leave_the_approved_places(url: str, refused: bool) -> None:
    assert bool(list(RULE.check(FetchFacts(url=url, redirected=True), POLICY))) is refused
    assert list(RULE.check(FetchFacts(url=url), POLICY)) == []


@pytest.mark.parametrize(
    "proxy", ["http://other.example:3128", "other.example:3128", "http://proxy.example:8080", "::"]
)
def test_refuses_a_proxy_that_could_answer_for_any_host(proxy: str) -> None:
    approved = make_setting("http://proxy.example:3128")
    facts = make_source_facts(proxies=(approved, make_setting(proxy, ENVIRONMENT)), private_authority=True)
    assert list(RULE.check(facts, POLICY)) == [
        Violation(
            message=f"pip would send everything through {proxy} and trust a private certificate authority,"
            " with which the proxy could impersonate any host.",
            origin=ENVIRONMENT,
            remedy=(
                "Remove the setting, or, if it is your organisation's, approve it.",
                approve("proxies", proxy),
            ),
        )
    ]
