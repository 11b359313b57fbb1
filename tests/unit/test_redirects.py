"""Google's redirects become the pages that they lead to, and never a way into somebody's own network."""

from __future__ import annotations

import anyio
import anyio.lowlevel
import httpx2
import pytest

from bot.domain.findings import CITE_CLOSE, CITE_OPEN, Picture, Report, Source
from bot.domain.redirects import is_public, redirects, resolved
from bot.gemini import redirects as module
from bot.gemini.redirects import Redirects, is_outside

BASE = "https://vertexaisearch.cloud.google.com/grounding-api-redirect/"


def cite(numbers):
    return f"{CITE_OPEN}{numbers}{CITE_CLOSE}"


def source(number, token, site="a.org"):
    return Source(number, BASE + token, site, None)


# --- the report


def test_the_redirects_of_sources_and_text_are_found_once_each():
    report = Report(f"See [x]({BASE}A_-b) and {BASE}C.", (source(1, "A_-b"), source(2, "B=")))

    assert redirects(report) == [f"{BASE}A_-b", f"{BASE}B=", f"{BASE}C."]


def test_sources_get_the_address_and_the_site_of_their_page():
    report = resolved(Report("Words.", (source(1, "A"),)), {BASE + "A": "https://www.nature.com/articles/1"})

    assert report.sources == (Source(1, "https://www.nature.com/articles/1", "nature.com", None),)


def test_sources_that_are_one_page_become_one_and_citations_follow():
    sources = (source(1, "A"), source(2, "B"), source(3, "C"), Source(4, "https://b.org/x", "b.org", "Title"))
    pages = {BASE + "A": "https://a.org/1", BASE + "B": "https://b.org/x", BASE + "C": "https://A.org/1/"}
    text = f"One{cite('1,3')} two{cite('2,4')} three{cite('4,1,9?')}."
    report = resolved(Report(text, sources), pages)

    assert [(s.number, s.url, s.title) for s in report.sources] == [
        (1, "https://a.org/1", None),
        (2, "https://b.org/x", "Title"),
    ]
    assert report.markdown == f"One{cite('1')} two{cite('2')} three{cite('2,1,9?')}."


def test_addresses_in_the_text_are_replaced_and_pictures_stay_where_they_were():
    text = f"[x]({BASE}AAAAAAAAAA) Before. Picture here."
    at = text.index("Picture")
    report = resolved(
        Report(text, (), (Picture(at, "image/png", b"x"),)), {BASE + "AAAAAAAAAA": "https://a.org/(1)"}
    )

    assert report.markdown == "[x](https://a.org/%281%29) Before. Picture here."
    assert report.markdown[report.pictures[0].position :] == "Picture here."


def test_what_is_not_known_stays_as_it_is():
    report = Report(f"A{cite('1')}", (source(1, "A"),))

    assert resolved(report, {}) == report
    assert resolved(report, {BASE + "Z": "https://z.org"}) == report


@pytest.mark.parametrize(
    "url",
    [
        "https://a.org/x?y=1#z",
        "http://www.nature.com:80/",
        "https://xn--bcher-kva.example/",
        "https://a.co.uk",
    ],
)
def test_a_page_on_the_web_is_one(url):
    assert is_public(url)


@pytest.mark.parametrize(
    "url",
    [
        "", "/relative", "//a.org", "javascript:alert(1)", "file:///etc/passwd", "ftp://a.org", "data:text/html,x",
        "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f.0.0.1/", "http://0177.0.0.1/",
        "http://10.0.0.1", "http://192.168.1.1", "http://169.254.169.254/latest/meta-data", "http://[::1]/",
        "http://[::ffff:127.0.0.1]/", "http://8.8.8.8/", "http://localhost/", "http://LOCALHOST:8080/",
        "http://router.local", "http://metadata.google.internal/", "http://db.corp", "http://intranet/",
        "http://1.0.0.127.in-addr.arpa", "https://user@a.org", "https://user:pass@a.org", "https://a.org:8443",
        "https://a.org:99999", "https://a.org\\@evil.org", "https://a.org/\n", "https://a.org/ b", "https://ä.org",
        "https://a..org", "https://-a.org", "https://" + "a" * 64 + ".org", "https://a.org/" + "x" * 2_000,
        "https://a.org/<script>", "https://[", "https://.org", "http://127.0.0.1.",
    ],
)  # fmt: skip
def test_what_leads_anywhere_else_is_refused(url):
    assert not is_public(url)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "::1", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "2002:0a00:0001::", "fd00:ec2::254", "255.255.255.255", "x"],
)  # fmt: skip
def test_addresses_inside_are_known(address):
    assert not is_outside(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111"])
def test_addresses_outside_are_known(address):
    assert is_outside(address)


# --- asking


class Google(httpx2.AsyncBaseTransport):
    """Answers as the redirect's host; keeps what it was asked."""

    def __init__(self, pages, status=302, hang=()):
        self.pages, self.status, self.hang, self.asked = pages, status, hang, []
        self.at_once = self.most = 0

    async def handle_async_request(self, request):
        self.asked.append(request)
        token = request.url.path.rpartition("/")[2]
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await (anyio.sleep_forever() if token in self.hang else anyio.lowlevel.checkpoint())
        finally:
            self.at_once -= 1
        if token not in self.pages:
            raise httpx2.ConnectError("no")
        headers = {"location": self.pages[token], "set-cookie": "a=b"}
        return httpx2.Response(self.status, headers=headers, content=b"x" * 10)


def names(**known):
    async def look_up(host):
        if host not in known:
            raise OSError
        return known[host].split()

    return look_up


async def test_pages_are_learnt_without_going_there():
    google = Google({"A": "https://a.org/1", "B": "https://b.org/2"})
    pages = await Redirects(transport=google).resolve([BASE + "A", BASE + "A", BASE + "B", "https://c.org/x"])

    assert pages == {BASE + "A": "https://a.org/1", BASE + "B": "https://b.org/2"}
    assert sorted(str(request.url) for request in google.asked) == [BASE + "A", BASE + "B"]
    assert all("cookie" not in request.headers for request in google.asked)
    assert all("x-goog-api-key" not in request.headers for request in google.asked)


@pytest.mark.parametrize("status", [200, 404, 429, 500])
async def test_an_answer_that_is_no_redirect_says_nothing(status):
    assert await Redirects(transport=Google({"A": "https://a.org/1"}, status)).resolve([BASE + "A"]) == {}


async def test_what_leads_inside_is_not_told_by_its_address_nor_by_its_name():
    google = Google(
        {
            "A": "http://169.254.169.254/",
            "B": "https://in.org/",
            "C": "https://out.org/",
            "D": "https://no.org",
        }
    )
    look_up = names(**{"in.org": "93.184.216.34 10.0.0.1", "out.org": "93.184.216.34"})
    pages = await Redirects(look_up=look_up, transport=google).resolve([BASE + token for token in "ABCD"])

    assert pages == {BASE + "C": "https://out.org/"}


async def test_what_does_not_answer_in_a_moment_is_left_and_the_others_are_told(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.2)
    google = Google({"A": "https://a.org/1"}, hang=("B",))
    with anyio.fail_after(2):
        pages = await Redirects(transport=google).resolve([BASE + "B", BASE + "A", BASE + "C"])

    assert pages == {BASE + "A": "https://a.org/1"}


async def test_many_are_asked_a_few_at_a_time_and_very_many_not_all():
    google = Google({f"t{n}": f"https://a.org/{n}" for n in range(500)})
    pages = await Redirects(transport=google).resolve([f"{BASE}t{n}" for n in range(500)])

    assert len(pages) == module.MOST
    assert google.most <= module.AT_ONCE
