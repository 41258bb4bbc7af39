"""Reading requests off a connection: the fast parser, with a bound on all that is no body.

httptools gathers a head, or what follows a body, for as long as it goes on: whoever connects could fill the memory before he has
said who he is. h11, which uvicorn takes without it, ends at 64 KB; so does this.
"""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024


class BoundedProtocol(HttpToolsProtocol):
    """One connection. What is more than so many bytes of one request beside its body is answered 400, and the connection ends."""

    _beside_body = 0

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        self._beside_body += len(data)
        super().data_received(data)
        if self._beside_body > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("Request head too large.")

    def on_body(self, body: bytes) -> None:
        """Of these, so many are body."""
        self._beside_body -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """What comes now belongs to the next request."""
        self._beside_body = 0
        super().on_message_complete()
