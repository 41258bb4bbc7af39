"""Answers are compressed for whoever takes that: the feed and snapshots are text that shrinks to a fifth (sync.md §3.9)."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.compressed import ENCODING, compressed, is_worth


class SmallerAnswers:
    """Compresses whole answers of our own text kinds; ranges, files and small ones go as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        takes = scope["type"] == "http" and _takes(Headers(scope=scope).get("accept-encoding", ""))
        if not takes or scope["method"] == "HEAD":
            await self._app(scope, receive, send)
            return
        begun: list[Message] = []

        async def smaller(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.append(message)
                return
            if begun:
                start = begun.pop()
                message = _smaller(start, message)
                await send(start)
            await send(message)

        await self._app(scope, receive, smaller)


def _takes(accepted: str) -> bool:
    parts = [part.strip().lower().replace(" ", "") for part in accepted.split(",")]
    return ENCODING in (part.partition(";")[0] for part in parts if not part.endswith(";q=0"))


def _smaller(start: Message, message: Message) -> Message:
    """The message with its body compressed, where it is whole and worth it; `start` gets the headers that say so."""
    headers = MutableHeaders(raw=start["headers"])
    body = message.get("body", b"")
    if (
        message["type"] != "http.response.body"
        or message.get("more_body")
        or start["status"] != 200
        or not is_worth(headers.get("content-type", ""), body)
    ):
        return message
    made = compressed(body)
    headers["content-encoding"] = ENCODING
    headers["content-length"] = str(len(made))
    headers.add_vary_header("accept-encoding")
    tag = headers.get("etag", "")
    if tag.endswith('"'):
        headers["etag"] = f'{tag[:-1]}-{ENCODING}"'  # other bytes than those its ranges are of
    start["headers"] = headers.raw
    return {**message, "body": made}
