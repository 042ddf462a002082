"""Names from a language model: a fake endpoint on loopback, and all that can be wrong with its answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fake_endpoint import Endpoint, listening
from make import passage
from sensemake.errors import UsageError
from sensemake.labellers.chat import GIVE_UP, LONGEST_SUMMARY, ChatWriter

PASSAGES = [passage(n, f"we read the tide table {n}") for n in range(3)]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with listening() as server:
        yield server


def test_the_model_sees_the_passages_and_its_answer_is_the_name(endpoint: Endpoint) -> None:
    assert ChatWriter(endpoint.url, "small", "s3cret").write(["tide table"], PASSAGES) == "Tide tables"
    ((path, headers, body),) = endpoint.asked
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer s3cret"
    assert (body["model"], body["temperature"]) == ("small", 0)
    assert all(p.text in body["messages"][1]["content"] for p in PASSAGES)


@pytest.mark.parametrize("broken", ["late", "down", "moved", "garbled", "empty", "list", "null", "endless", "deep"])
def test_whatever_is_wrong_is_no_name_and_no_summary(endpoint: Endpoint, broken: str) -> None:
    endpoint.broken = broken
    seconds = 0.1 if broken == "late" else 20.0
    assert ChatWriter(endpoint.url, "small", seconds=seconds).write([], PASSAGES) is None
    assert ChatWriter(endpoint.url, "small", seconds=seconds).summarise("", PASSAGES) is None


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "Here is a name:\nTide tables",
        "<script>alert(1)</script>",
        "[Tides](http://x)",
        "word " * 9,
        "x" * 61,
        "a\u202eb",
    ],
)
def test_what_is_no_name_is_not_taken(endpoint: Endpoint, reply: str) -> None:
    endpoint.reply = reply
    assert ChatWriter(endpoint.url, "small").write([], PASSAGES) is None


@pytest.mark.parametrize("reply", ['"Tide tables."', "**Tide tables**", "  Tide tables\n"])
def test_what_stands_around_a_name_is_taken_off(endpoint: Endpoint, reply: str) -> None:
    endpoint.reply = reply
    assert ChatWriter(endpoint.url, "small").write([], PASSAGES) == "Tide tables"


def test_an_endpoint_that_is_down_is_not_asked_for_ever(endpoint: Endpoint) -> None:
    endpoint.broken = "down"
    writer = ChatWriter(endpoint.url, "small")
    assert [writer.write([], PASSAGES) for _ in range(6)] == [None] * 6
    assert len(endpoint.asked) == GIVE_UP


def test_nothing_listens(endpoint: Endpoint) -> None:
    endpoint.server_close()
    assert ChatWriter(endpoint.url, "small").write([], PASSAGES) is None


def test_nothing_is_asked_about_nothing(endpoint: Endpoint) -> None:
    assert ChatWriter(endpoint.url, "small").write(["tide"], []) is None
    assert endpoint.asked == []


def test_a_key_does_not_travel_in_the_clear() -> None:
    with pytest.raises(UsageError, match="plain http"):
        ChatWriter("http://names.example.org/v1", "small", "s3cret")
    with pytest.raises(UsageError, match="no http"):
        ChatWriter("file:///etc", "small")


def test_a_summary_is_made_of_the_same_passages(endpoint: Endpoint) -> None:
    assert ChatWriter(endpoint.url, "small", "s3cret").summarise("Tide tables", PASSAGES) == endpoint.summary
    ((_, headers, body),) = endpoint.asked
    assert headers["Authorization"] == "Bearer s3cret"
    assert body["messages"][1]["content"].startswith("Name: Tide tables\n\n<passage>")
    assert all(p.text in body["messages"][1]["content"] for p in PASSAGES)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I cannot",
        "Read <b>the table</b> in the morning.",
        "Read the table at https://tides.example.org today.",
        "Read the table on www.tides.example.org today.",
        "Read [the table](tides) every single day.",
        "- one\n- two\n- three\n- four",
        "# The table of the tides is read.",
        "`rm` reads the table of the tides.",
        "The table {{ is }} read every day.",
        "The table of the tides\u202e is read.",
        "\x1b[31mThe table of the tides is read.",
        "word " * 200,
    ],
)
def test_what_is_no_plain_sentence_is_no_summary(endpoint: Endpoint, reply: str) -> None:
    endpoint.summary = reply
    assert ChatWriter(endpoint.url, "small").summarise("", PASSAGES) is None


@pytest.mark.parametrize(
    "reply",
    [
        "The table is read\n  every day.",
        "„Die Gezeiten“ stehen in der Tafel, täglich.",
        "潮汐表每天都要读，港口各有一份。",
        "About 3.5 m of tide, 20 % more than in “May”?",
    ],
)
def test_a_plain_sentence_is_one_line(endpoint: Endpoint, reply: str) -> None:
    endpoint.summary = reply
    assert ChatWriter(endpoint.url, "small").summarise("", PASSAGES) == " ".join(reply.split())


def test_a_long_summary_is_cut_after_a_sentence(endpoint: Endpoint) -> None:
    endpoint.summary = "The table is read every day. " * 40
    told = ChatWriter(endpoint.url, "small").summarise("", PASSAGES)
    assert told is not None
    assert len(told) <= LONGEST_SUMMARY
    assert told.endswith("every day.")
