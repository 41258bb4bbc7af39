"""The line against servers that are not ours, stall, or break off: a clear answer, never a hang."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from models.clock import SystemClock
from models.errors import Refused, Weather
from services.sync import line as line_module
from services.sync.line import Credentials, Line


class Hostile:
    """A server on loopback that answers every connection with the same bytes, or with silence."""

    def __init__(self, answer: bytes | None, scheme: str = "http") -> None:
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"{scheme}://127.0.0.1:{self._socket.getsockname()[1]}"
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(peer)
            if self._answer is not None:
                peer.recv(65536)
                peer.sendall(self._answer)
                peer.close()

    def close(self) -> None:
        self._socket.close()
        for peer in self._open:
            peer.close()


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(line_module, "TIMEOUT_SECONDS", 1.0)
    yield


def http(status: str, body: bytes, media: str = "text/html") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-type: {media}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    "answer, code",
    [
        (http("200 OK", b"<html>a router's sign-in page</html>"), "not_our_server"),
        (http("404 Not Found", b"nothing here"), "not_our_server"),
        (http("302 Found", b""), "not_our_server"),
        (http("200 OK", b'{"service":"another","protocol":1}', "application/json"), "not_our_server"),
        (http("200 OK", b'{"cut short', "application/json"), "not_our_server"),
        (b"not http at all\r\n\r\n", "line_down"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ncut short", "line_down"),
        (http("503 Busy", b'{"error":"busy","detail":"","now_ms":5}', "application/json"), "busy"),
    ],
)
def test_a_server_that_is_not_ours(answer: bytes, code: str) -> None:
    server = Hostile(answer)
    with pytest.raises((Refused, Weather)) as caught:
        Line(server.address, SystemClock()).hello()
    server.close()
    assert caught.value.code == code


@pytest.mark.parametrize(
    "answer, code",
    [
        (http("502 Bad Gateway", b"<html>nginx</html>"), "stranger_answered"),
        (http("302 Found", b""), "stranger_answered"),
        (http("404 Not Found", b"nothing here"), "stranger_answered"),
        (http("200 OK", b"<html>a router's sign-in page</html>"), "stranger_answered"),
        (http("200 OK", b'{"service":"another","protocol":1}', "application/json"), "stranger_answered"),
    ],
)
def test_for_a_workstation_that_has_a_centre_a_stranger_is_weather(answer: bytes, code: str) -> None:
    server = Hostile(answer)
    with pytest.raises(Weather) as caught:
        Line(server.address, SystemClock(), Credentials("D-1", "token")).hello()
    server.close()
    assert caught.value.code == code


@pytest.mark.parametrize(
    "answer", [b"", http("502 Bad Gateway", b"<html>nginx</html>"), http("302 Found", b"")], ids=["cut", "502", "302"]
)
def test_who_shows_no_certificate_is_a_stranger_and_no_forger(answer: bytes) -> None:
    """A proxy that restarts, or a sign-in page that knows no TLS: called a forged certificate it stopped the line until somebody
    looked."""
    server = Hostile(answer, "https")
    with pytest.raises(Weather, match="stranger_answered"):
        Line(server.address, SystemClock(), Credentials("D-1", "token")).hello()
    with pytest.raises(Refused, match="not_our_server"):
        Line(server.address, SystemClock()).hello()
    server.close()


def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Hostile(None)
    line = Line(server.address, SystemClock())
    with pytest.raises(Weather) as caught:
        line._ask("GET", "/v1/hello", timeout=0.5)
    server.close()
    assert caught.value.code == "line_silent"


@pytest.mark.parametrize("address", ["nonsense", "ftp://127.0.0.1", "http://"])
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(Refused) as caught:
        Line(address, SystemClock()).hello()
    assert caught.value.code == "address_unusable"


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(Weather) as caught:
        Line(f"http://127.0.0.1:{port}", SystemClock()).hello()
    assert caught.value.code == "line_down"
