from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.links import bare_links, safe_url, site, tells_where
from bot.slack.text import clean, escape, escaped_length, fallback, one_line, shortened


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("a\u200bb\u200ec\ufeffd\u00ade", "abcde"),
        ("x\u202egnp.exe\u202c \u2066y\u2069", "xgnp.exe y"),
        ("\x00\x07\x1b[31m\x7f\x9b", "[31m"),
        ("one\r\ntwo\rthree\u2028four\u2029five\x85six", "one\ntwo\nthree\nfour\nfive\nsix"),
        ("pay\u200dpal pay\u200cpal", "paypal paypal"),
        ("U\u200c\u200d\u2060\ufeffS and a\u200d\u200b\u200cb", "US and ab"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("\ud83d", "\ufffd"),
        ("\ta\x0bb\x0cc", "\ta b c"),
    ],
)
def test_invisible_and_steering_characters_are_removed(dirty: str, expected: str) -> None:
    assert clean(dirty) == expected


@pytest.mark.parametrize(
    "text", ["👨‍👩‍👧 ❤️ 👍🏽", "می‌خواهم", "क्‍ष", "葛\U000e0100城", "日本語", "naïve e\u0301"]
)
def test_characters_that_scripts_and_emoji_need_stay(text: str) -> None:
    assert clean(text) == text


@given(
    st.one_of(st.text(), st.text(st.sampled_from("aZ \u200b\u200c\u200d\u202e\u2060\ufeffس漢👩\U000e0100")))
)
def test_clean_text_is_clean_and_encodable(text: str) -> None:
    once = clean(text)

    once.encode()
    assert clean(once) == once


@given(st.text())
def test_the_escaped_length_is_the_length_of_the_escaped_text(text: str) -> None:
    assert escaped_length(text) == len(escape(text))


@given(st.text(max_size=6_000))
def test_a_fallback_fits_says_something_and_is_no_markup(text: str) -> None:
    shown = fallback(text)

    assert 1 <= len(shown.encode()) <= 3_000
    assert "<" not in shown
    assert ">" not in shown


def test_a_long_fallback_is_filled_up_to_its_limit() -> None:
    assert len(fallback("word " * 2_000).encode()) > 2_800
    assert len(fallback("漢字 " * 2_000).encode()) > 2_800


def test_shortening_cuts_between_words_and_shows_it() -> None:
    assert shortened("one two three", 9) == "one two…"
    assert shortened("one", 3) == "one"
    assert one_line(" a \n b ") == "a b"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "slack://open", "//a.org", "/path", "#part", "",
        "http://", "https:///x", "http://[", "https://user:pw@a.org", "https://good.example\\@evil.example/", "mailto:x",
        "http://a.b|nature.com", "https://a.org/" + "x" * 3_000, "https://a.org:99999999/", "mailto:!subteam^S1|@team",
    ],
)  # fmt: skip
def test_only_plain_web_and_mail_addresses_become_links(url: str) -> None:
    assert safe_url(url) is None


def test_an_address_is_encoded_so_that_nothing_in_it_is_markup() -> None:
    assert safe_url("https://a.org/x|y>z ä") == "https://a.org/x%7Cy%3Ez%20%C3%A4"
    assert safe_url("https://a.org/?a=b&c=(d)") == "https://a.org/?a=b&c=(d)"
    assert safe_url("mailto:a.b@c.org?subject=x") == "mailto:a.b@c.org?subject=x"


@given(st.text())
def test_looking_at_any_address_never_raises(text: str) -> None:
    for url in (text, f"https://{text}", f"mailto:{text}@x.org"):
        if safe := safe_url(url):
            assert safe.isascii()
            assert site(safe)
            tells_where(text, safe)
    bare_links(text)


@pytest.mark.parametrize(
    ("label", "url", "tells"),
    [
        ("nature.com", "https://www.nature.com/a", True),
        ("https://nature.com/a", "https://nature.com/b", True),
        ("www.nature.com", "https://nature.com", True),
        ("a@b.org", "mailto:a@b.org", True),
        ("here", "https://nature.com", False),
        ("nature.com", "https://nature.com.evil.example", False),
        ("paypal.com", "https://evil.example", False),
        ("nature.com or paypal.com", "https://nature.com", False),
    ],
)
def test_a_label_tells_where_its_link_goes_only_if_it_is_the_site(label: str, url: str, tells: bool) -> None:
    assert tells_where(label, url) is tells


def test_addresses_in_text_are_found_without_the_punctuation_around_them() -> None:
    text = "See (https://a.org/x_(y)), https://b.org/z. And https://."

    assert [text[start:end] for start, end in bare_links(text)] == ["https://a.org/x_(y)", "https://b.org/z"]
