"""`serve`: one process, one port, on loopback or under TLS; ended by SIGTERM or with the process it belongs to."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn

from district.addresses import Certificate, refuse_other_addresses
from district.app import create_app
from district.centre import Centre
from district.http_lines import BoundedProtocol
from district.nightly import Nightly
from models.errors import Refused


def until_parent_ends() -> Callable[[], bool]:
    """True as soon as the process that started this one is gone."""
    parent = os.getppid()
    return lambda: os.getppid() != parent


def until_process_ends(process: int) -> Callable[[], bool]:
    """True as soon as no process has that id."""

    def is_over() -> bool:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False

    return is_over


class Server(uvicorn.Server):
    """uvicorn, which answers its long-polls when it is told to end, and ends by itself when `is_over` says so."""

    def __init__(self, config: uvicorn.Config, centre: Centre, is_over: Callable[[], bool]) -> None:
        super().__init__(config)
        self._centre = centre
        self._is_over = is_over

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal to end came."""
        super().handle_exit(sig, frame)
        self._answer_waiting()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        if self._is_over():
            self._answer_waiting()
            return True
        return await super().on_tick(counter)

    def _answer_waiting(self) -> None:
        loop = self._centre.loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._centre.close)


def listen(host: str, port: int, tls: bool = False) -> socket.socket:
    """A listening socket, on loopback unless the line is encrypted (port 0: any free one). Refused("loopback_only"),
    ("port_taken"), ("no_such_address")."""
    refuse_other_addresses(host, tls)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio switches Nagle's delay off only then: without it each answer waits 40 ms.
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        if error.errno == errno.EADDRINUSE:
            raise Refused("port_taken", port=port) from error
        raise Refused("no_such_address", host=host) from error
    found.listen(128)
    return found


def serve(
    centre: Centre,
    host: str,
    port: int,
    told: Callable[[str], None],
    is_over: Callable[[], bool] = lambda: False,
    certificate: Certificate | None = None,
    head_folder: Path | None = None,
    nightly: Nightly | None = None,
) -> None:
    """Serve until told to end, or until `is_over`; under TLS when there is a certificate. `told` is given one line with
    the address chosen (port 0: any free one), for whoever started this process to read. `head_folder`: where it is
    written down how far the order has come (district/restored.py); `nightly`: the audits it has made."""
    with listen(host, port, certificate is not None) as listener:
        config = uvicorn.Config(
            create_app(centre, watches_due_times=True, head_folder=head_folder, nightly=nightly),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            http=BoundedProtocol,
            timeout_graceful_shutdown=2,
            ssl_certfile=certificate.file if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
            ssl_ciphers="ECDHE+AESGCM:ECDHE+CHACHA20",
        )
        shown = f"[{host}]" if ":" in host else host
        scheme = "https" if certificate else "http"
        told(f"serving {scheme}://{shown}:{listener.getsockname()[1]}")
        Server(config, centre, is_over).run(sockets=[listener])
