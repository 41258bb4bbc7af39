"""A line that misbehaves, on loopback: what comes to its port goes on to another, until it is cut, stalls, or loses an answer."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PIECE = 16 * 1024
END_SECONDS = 10


class BadLine:
    """A proxy for one port. Each connection lives for a random number of bytes sent, `mean_bytes` on average; then, in turn,
    it is reset, or it is reset after the request has gone through and before its answer came back. One connection, the first
    from number `stalls` on, falls silent instead and stays open. `sent` counts the bytes that came from the console, `received` those that went to it."""

    def __init__(self, port: int, mean_bytes: int, seed: int, stalls: int = 0) -> None:
        self._to = port
        self._mean = mean_bytes
        self._chance = random.Random(seed)
        self._stalls = stalls
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.sent = 0
        self.received = 0
        self.connections = 0
        self.cuts = {"reset": 0, "answer lost": 0, "stall": 0}

    async def _begin(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        number, lives_for = self.connections, self._chance.randrange(2 * self._mean)
        with contextlib.suppress(OSError, asyncio.CancelledError):
            there, out = await asyncio.open_connection("127.0.0.1", self._to)
            back = asyncio.ensure_future(self._copy(there, writer))
            try:
                with contextlib.suppress(OSError):
                    await self._forward(reader, out, back, number, lives_for)
            finally:
                back.cancel()
                out.transport.abort()
                await asyncio.gather(back, return_exceptions=True)
        writer.transport.abort()
        self._tasks.discard(task)

    async def _forward(
        self,
        reader: asyncio.StreamReader,
        out: asyncio.StreamWriter,
        back: asyncio.Future[None],
        number: int,
        lives_for: int,
    ) -> None:
        while piece := await reader.read(PIECE):
            self.sent += len(piece)
            lives_for -= len(piece)
            if lives_for > 0:
                out.write(piece)
                await out.drain()
                continue
            if self._stalls and number >= self._stalls and not self.cuts["stall"]:
                self.cuts["stall"] += 1
                await asyncio.sleep(600)  # until the console has had enough, or the test is over
            elif number % 2:
                self.cuts["answer lost"] += 1
                back.cancel()
                out.write(piece)
                await out.drain()
                while len(piece := await asyncio.wait_for(reader.read(PIECE), 0.3)):
                    self.sent += len(piece)
                    out.write(piece)
            else:
                self.cuts["reset"] += 1
            return

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(PIECE):
                self.received += len(piece)
                writer.write(piece)
                await writer.drain()
        writer.close()

    async def _end(self) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, "a task of a loop that is closed speaks up in some later test"


@contextmanager
def bad_line(port: int, mean_bytes: int, seed: int, stalls: int = 0) -> Iterator[BadLine]:
    """A bad line to a port of this machine, in a thread of its own."""
    line = BadLine(port, mean_bytes, seed, stalls)
    loop = line._loop
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(line._begin(), loop).result(END_SECONDS)
    try:
        yield line
    finally:
        asyncio.run_coroutine_threadsafe(line._end(), loop).result(END_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(END_SECONDS)
        loop.close()
