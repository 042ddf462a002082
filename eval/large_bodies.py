"""Bodies of a gigabyte: how they are answered, how much of them is read, and what they cost in memory (reliability J2).

    python eval/large_bodies.py [--bytes 1073741824]

A small home is served by a process of its own on loopback; a raw socket sends a search and an upload, each told with
its length and in chunks, until the server answers or hangs up. Wanted: 413 each time, and at most 16 MiB more of
resident memory at any time.
"""

from __future__ import annotations

import argparse
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from slow_clients import asked, served

MOST = 16.0
BLOCK = 1 << 16
HEAD = (
    "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\n"
    "Authorization: Bearer {token}\r\n{length}\r\n\r\n"
)
FIELD = b'--x\r\nContent-Disposition: form-data; name="silo"\r\n\r\nnew\r\n'
FILE = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.md"\r\n\r\n'
KINDS = {
    "/api/v1/search": ("application/json", b'{"query": "'),
    "/api/v1/ingest": ("multipart/form-data; boundary=x", FIELD + FILE),
}


def resident(process: int) -> float:
    """MiB."""
    told = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(told.split("VmRSS:")[1].split()[0]) / 1024


@contextmanager
def watched(process: int) -> Iterator[list[float]]:
    """The resident memory of a process, looked at a hundred times a second."""
    seen, over = [resident(process)], threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            seen.append(resident(process))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def sent(port: int, token: str, path: str, size: int, *, chunked: bool) -> tuple[str, int]:
    """The status line that came back (or why none did), and how many bytes could be sent until then."""
    kind, start = KINDS[path]
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    head = HEAD.format(path=path, kind=kind, token=token, length=length)
    block = start.ljust(BLOCK, b"a")
    with socket.create_connection(("127.0.0.1", port), timeout=60) as wire:
        wire.sendall(head.encode())
        done = 0
        try:
            while done < size and not _answered(wire):
                wire.sendall(b"%x\r\n%s\r\n" % (len(block), block) if chunked else block)
                done += len(block)
                block = b"a" * BLOCK
            status = wire.recv(200).split(b"\r\n")[0].decode()
        except OSError as error:
            status = type(error).__name__
    return status, done


def _answered(wire: socket.socket) -> bool:
    """Whether something came back already; the end of the connection is something."""
    patience = wire.gettimeout()
    wire.settimeout(0)
    try:
        wire.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        wire.settimeout(patience)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bytes", type=int, default=1 << 30)
    chosen = arguments.parse_args()
    met = True
    with tempfile.TemporaryDirectory() as place, served(Path(place) / "home") as (port, token, process):
        asked(port, token, 5, [])
        for path in KINDS:
            for chunked in (False, True):
                with watched(process) as seen:
                    status, done = sent(port, token, path, chosen.bytes, chunked=chunked)
                    time.sleep(0.5)
                more = max(seen) - seen[0]
                met = met and " 413" in status and more <= MOST
                how = "in chunks" if chunked else "with its length"
                print(f"{path} {how}: {status}; {done / 2**20:.1f} MiB went out, {more:.1f} MiB more resident")
    print(f"wanted: 413 each time and at most {MOST:g} MiB more")
    raise SystemExit(int(not met))


if __name__ == "__main__":
    main()
