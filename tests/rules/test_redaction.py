"""What should not be found is masked and counted; what only looks like it stays."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensemake.model import Contribution, Document, Handle, Kind, Part, Role, SiloName, Source
from sensemake.rules import redaction

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAAAA\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        ("ada.lind+news@mail.example.org", "email"),
        ("o'neil@example.co.uk", "email"),
        ("+44 20 7946 0958", "phone"),
        ("+4930123456789", "phone"),
        ("+1 (212) 555-0175", "phone"),
        ("(212) 555-0175", "phone"),
        ("212-555-0175", "phone"),
        ("DE89 3704 0044 0532 0130 00", "iban"),
        ("GB29NWBK60161331926819", "iban"),
        ("4111 1111 1111 1111", "card"),
        ("5500-0000-0000-0004", "card"),
        ("378282246310005", "card"),
        ("AKIA" + "IOSFODNN7EXAMPLE", "secret"),
        ("ghp_" + "a1B2" * 9, "secret"),
        ("github_pat_" + "a1B2" * 8, "secret"),
        ("glpat-" + "a1B2c" * 4, "secret"),
        ("xoxb-" + "123456789012-abcdefABCDEF", "secret"),
        ("sk_live_" + "a1B2" * 6, "secret"),
        ("AIza" + "a1B2c" * 7, "secret"),
        ("npm_" + "a1B2" * 9, "secret"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLXg", "secret"),
        (KEY, "secret"),
    ],
)
def test_it_is_masked_wherever_it_stands(secret: str, kind: str) -> None:
    for around in ("{}", "Write to {}.", "({})", "before\n{}\nafter", "<{}>, or else"):
        told, found = redaction.redacted(around.format(secret))
        assert told == around.format(f"[{kind}]")
        assert found == Counter({kind: 1})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('password: "hunter2secret"', 'password: "[secret]"'),
        ("API_KEY=a1b2c3d4e5f6", "API_KEY=[secret]"),
        ("client_secret = 8f7e6d5c4b3a", "client_secret = [secret]"),
        ("postgres://ada:pump-77@db.example.org/x", "postgres://[secret]@db.example.org/x"),
        ("Tel.: 030 1234567, room 4", "Tel.: [phone], room 4"),
        ("mobile 07700 900123", "mobile [phone]"),
    ],
)
def test_only_the_secret_part_is_masked(text: str, told: str) -> None:
    assert redaction.redacted(text)[0] == told


@pytest.mark.parametrize(
    "text",
    [
        "v1.21.3-rc.2+build.20240501",
        "Kubernetes 1.29.0, 1.28.5 and 1.27.9",
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "2026-05-01T09:30:00+02:00 and 2026-05-01 09:30:00.123456 +0200",
        "on 2024-05-01, 01.05.2024 and 05/01/2024",
        "550e8400-e29b-41d4-a716-446655440000",
        "1714554000.000200",
        "1714554000000200",
        "id 1234567890123456789 and 111111111111111111",
        "4111 1111 1111 1112",
        "10.0.0.1:8080, 192.168.100.200 and fe80::1",
        "git@github.com:org/repo.git",
        "lodash@4.17.21 and @types/node@20.1.0",
        "@ada said so",
        "password: required",
        "password: <your password 1>",
        "password=${DB_PASSWORD_1}",
        "the secret of a good pump",
        "KEP-1234, RFC 2822, ISO 8601, issue #123456789",
        "3 000 000 000 litres, 1,234,567.89 EUR",
        "+1 for that, +100000 lines",
        "x = a+1234567890123",
        "https://example.org/a/b?page=2#x",
        "DE and GB are countries; AB12 CDEF GHIJ KLMN",
        "a hash: d41d8cd98f00b204e9800998ecf8427e",
        "page 123-456 of the standard",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert redaction.redacted(text) == (text, Counter())


@settings(max_examples=100)
@given(st.text(max_size=200))
def test_twice_changes_no_more(text: str) -> None:
    once, _ = redaction.redacted(text)
    assert redaction.redacted(once) == (once, Counter())


@settings(max_examples=50)
@given(st.text(st.characters(exclude_characters="@+-:=/", exclude_categories=["Nd", "Cs"]), max_size=200))
def test_words_alone_are_left_alone(text: str) -> None:
    assert redaction.redacted(text) == (text, Counter())


@pytest.mark.parametrize(
    "bomb",
    [
        "1 " * 50_000,
        "a@" * 50_000,
        "+1(" * 30_000,
        "eyJ" * 40_000,
        "password=" * 10_000,
        "-----BEGIN PRIVATE KEY-----" * 2_000,
        "a." * 50_000 + "@",
        "AB12 " * 20_000,
    ],
)
def test_no_text_takes_for_ever(bomb: str) -> None:
    """What grows with the square of the length would run into the limit of time that every test has."""
    redaction.redacted(bomb)


def test_a_document_keeps_its_authors() -> None:
    ada = Handle("email", "ada@example.org")
    page = Document(
        Source(SiloName("s"), "n", "files", "/x"),
        "u",
        Kind.PAGE,
        "Ask bo@example.org",
        (Part("call +44 20 7946 0958", ada, headings=("By cy@example.org",), mentions=(ada,)),),
        contributions=(Contribution(ada, Role.WROTE),),
        facets={"contact": "di@example.org"},
        url="https://x.example/?token=1",
    )
    done, found = redaction.document(page)
    assert found == Counter(email=3, phone=1)
    assert (done.title, done.parts[0].text, done.facets) == ("Ask [email]", "call [phone]", {"contact": "[email]"})
    assert done.parts[0].headings == ("By [email]",)
    assert (done.contributions, done.parts[0].author, done.parts[0].mentions) == (page.contributions, ada, (ada,))
    assert done.id == page.id
