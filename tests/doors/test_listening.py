"""The socket on which `sensemake serve` answers."""

from __future__ import annotations

import socket

from sensemake.api.server import _bound
from sensemake.config import Settings


def test_the_end_of_an_answer_waits_for_nothing() -> None:
    """A connection sends what it is given at once (TCP_NODELAY), whoever accepts it."""
    with _bound(Settings(port=0)) as listener, socket.create_connection(listener.getsockname()):
        answering, _ = listener.accept()
        with answering:
            assert answering.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
