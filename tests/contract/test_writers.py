"""Names from a language model: a fake endpoint on loopback, and all that can be wrong with its answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fake_endpoint import Endpoint, listening
from make import passage
from sensemake.errors import UsageError
from sensemake.labellers.chat import GIVE_UP, ChatWriter

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


@pytest.mark.parametrize("broken", ["late", "down", "moved", "garbled", "empty", "list"])
def test_whatever_is_wrong_is_no_name(endpoint: Endpoint, broken: str) -> None:
    endpoint.broken = broken
    assert ChatWriter(endpoint.url, "small", seconds=0.1).write([], PASSAGES) is None


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
