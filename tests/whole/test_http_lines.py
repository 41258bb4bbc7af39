"""What somebody who has said nothing about himself yet can make the centre keep in mind: a head, and no more of one than it allows."""

from __future__ import annotations

import socket
from collections.abc import Iterable

import pytest

from tests.whole.parties import Centre

HELLO = b"GET /v1/hello HTTP/1.1\r\nhost: here\r\n"
PUSH = b"POST /v1/push HTTP/1.1\r\nhost: here\r\ntransfer-encoding: chunked\r\n\r\n"
TRIES = 400


def _told(centre: Centre, parts: Iterable[bytes]) -> tuple[bytes, int]:
    """What is answered to these parts, sent until the other side ends it, and how many bytes that took."""
    sent = 0
    with socket.create_connection(("127.0.0.1", centre.port), timeout=20) as line:
        try:
            for part in parts:
                line.sendall(part)
                sent += len(part)
        except OSError:
            pass
        answer = b""
        try:
            while got := line.recv(65_536):
                answer += got
        except OSError:
            pass
    return answer, sent


def _endless(begun: bytes, more: bytes) -> Iterable[bytes]:
    yield begun
    for _ in range(TRIES):
        yield more


@pytest.mark.parametrize(
    ("begun", "more"),
    [
        (b"GET /", b"a" * 65_536),
        (HELLO + b"x: ", b"a" * 65_536),
        (HELLO, (b"x-y: " + b"a" * 4_000 + b"\r\n") * 16),
        (PUSH + b"1\r\na\r\n0\r\n" + b"x: ", b"a" * 65_536),
        (PUSH + b"1\r\na\r\n0\r\n", (b"x-y: " + b"a" * 4_000 + b"\r\n") * 16),
        (PUSH + b"1;x=", b"a" * 65_536),
    ],
    ids=["path", "header", "headers", "trailer", "trailers", "chunk extension"],
)
def test_a_head_without_end_ends_the_connection(centre: Centre, begun: bytes, more: bytes) -> None:
    answer, sent = _told(centre, _endless(begun, more))
    assert sent < TRIES * len(more) / 2, "it was ended, long before all of it was sent"
    # Who sends trailers has said enough to be told that nobody knows him, perhaps before they are too many.
    known = (b" 400 ", b" 401 ") if begun.startswith(b"POST") else (b" 400 ",)
    assert answer == b"" or any(status in answer.split(b"\r\n")[0] for status in known), answer[:100]
    assert b" 200 " in _told(centre, [HELLO + b"connection: close\r\n\r\n"])[0].split(b"\r\n")[0], "others are served"


def test_a_body_counts_for_no_head_and_neither_do_requests_after_one_another(centre: Centre) -> None:
    body = b"x" * 200_000
    push = b"POST /v1/push HTTP/1.1\r\nhost: here\r\ncontent-length: 200000\r\n\r\n" + body
    last = HELLO + b"connection: close\r\n\r\n"
    many = [HELLO + b"x: " + b"a" * 30_000 + b"\r\n\r\n"] * 8
    answer, _ = _told(centre, [push, *many, last])
    assert answer.count(b"HTTP/1.1 401") == 1 and answer.count(b"HTTP/1.1 200") == 9, answer[:200]


def test_a_path_that_is_no_text_is_answered(centre: Centre) -> None:
    answer, _ = _told(centre, [b"GET /\xff\xfe HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n"])
    assert answer.split(b" ")[1] in (b"400", b"404")
