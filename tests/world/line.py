"""The line of a world: the shipped line over a session that loses, doubles, delays, repeats and is cut."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, Protocol

import requests

from models.clock import Clock
from models.evidence import Anchor
from services.sync.line import Credentials, Line
from tests.world.door import Reply
from tests.world.faults import Faults
from tests.world.hub import Hub


class Answers(Protocol):
    """Whoever answers at the other end; None: nobody does."""

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply | None: ...


class Cable:
    """What all ways of one workstation run through. `used_ms`: when anything last left it, by a line or in a file."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.cut_until_ms = self.used_ms = 0
        self.hands_in_nothing_until_ms = 0
        """Until then what asks gets through, and what carries acts does not."""

    def cut(self, for_ms: int) -> None:
        """From now on, so long at least."""
        self.cut_until_ms = max(self.cut_until_ms, self._hub.now_ms + for_ms)

    @property
    def is_cut(self) -> bool:
        """True while nothing gets through."""
        return self._hub.now_ms < self.cut_until_ms


class Wire:
    """One way of a workstation to the centre; `known` None: as nobody in particular."""

    def __init__(
        self, hub: Hub, chance: random.Random, faults: Faults, centre: Answers, cable: Cable, known: Credentials | None
    ) -> None:
        self.hub, self.chance, self.faults, self.centre, self.cable = hub, chance, faults, centre, cable
        self._headers = {"X-Device": known.device, "Authorization": f"Bearer {known.token}"} if known else {}
        self._earlier: Reply | None = None

    def request(
        self, method: str, url: str, data: bytes | None, headers: dict[str, str], timeout: tuple[float, float], **_: Any
    ) -> Reply:
        """As requests.Session.request, with its errors."""
        path = url[url.index("/v1/") :]
        faults, chance = self.faults, self.chance
        if self.cable.is_cut:
            faults.played["line was down"] += 1
            raise requests.exceptions.ConnectionError
        self.cable.used_ms = self.hub.now_ms
        self.hub.sleep(self._way())
        sent = self.hub.now_ms
        if chance.random() < faults.lose_request:
            faults.played["request lost"] += 1
            return self._nothing(timeout[1])
        if path == "/v1/push" and sent < self.cable.hands_in_nothing_until_ms:
            faults.played["acts did not get through"] += 1
            return self._nothing(timeout[1])
        heads = {**self._headers, **headers}
        if chance.random() < faults.double:
            faults.played["request doubled"] += 1
            copy = (method, path, heads, data or b"")
            self.hub.after(self._way(), lambda: self.hub.start(lambda: _forgotten(self.centre, *copy)))
        reply = self.centre.answer(method, path, heads, data or b"")
        if reply is None:
            raise requests.exceptions.ConnectionError
        if chance.random() < faults.lose_answer:
            faults.played["answer lost"] += 1
            return self._nothing(timeout[1] - (self.hub.now_ms - sent) / 1000)
        self.hub.sleep(self._way())
        if self.cable.is_cut:
            faults.played["answer lost in a cut"] += 1
            return self._nothing(timeout[1] - (self.hub.now_ms - sent) / 1000)
        return self._or_an_earlier(reply) if path == "/v1/pull" else reply

    def close(self) -> None:
        """As requests.Session.close."""

    def _way(self) -> int:
        if self.chance.random() < self.faults.slow:
            self.faults.played["slow way"] += 1
            return self.chance.randrange(1_000, 9_000)
        return self.chance.randrange(2, 120)

    def _nothing(self, seconds: float) -> Reply:
        self.hub.sleep(int(max(0.0, min(seconds, 30.0)) * 1000))
        if self.chance.random() < 0.5:
            raise requests.exceptions.ReadTimeout
        raise requests.exceptions.ConnectionError

    def _or_an_earlier(self, reply: Reply) -> Reply:
        """What a pull was answered, or what an earlier one was (sync-R10)."""
        earlier = self._earlier
        if reply.status_code == 200:
            self._earlier = reply
        if earlier is not None and self.chance.random() < self.faults.old_answer:
            self.faults.played["earlier answer repeated"] += 1
            # Its word on the time is not taken: over TLS nobody repeats an answer, and a repeated clock proves nothing.
            return earlier._replace(headers={k: v for k, v in earlier.headers.items() if k != "content-type"})
        return reply


def _forgotten(centre: Answers, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
    """The second of two: its answer reaches nobody."""
    centre.answer(method, path, headers, body)


WireOf = Callable[[Cable, Credentials | None], Wire]
"""A new way to the centre for whoever proves himself so."""


class WorldLine(Line):
    """The shipped line; only what carries its bytes is another."""

    def __init__(self, clock: Clock, known: Credentials | None, wire: Wire) -> None:
        self.address = "http://127.0.0.1"
        self.clock = clock
        self._known = known
        self._session: Any = wire
        self.anchor: Anchor | None = None
        self.head = None
        self._encodings = []
