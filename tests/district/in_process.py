"""A centre asked inside this process: the shipped application with everything on its way, only the socket is left out. Cheap
enough for a state machine, which ends it, starts it anew and puts its disk back hundreds of times."""

from __future__ import annotations

import asyncio
import io
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import sqlalchemy
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from district import restored
from district.app import create_app
from district.centre import Centre
from district.keys import CentreKeys
from district.opening import open_centre
from models.blob_folder import BlobFolder
from tests.district.parties import CENTRE_KEY, HandClock, seeded
from tests.world.engines import opened

ADDRESS = "http://127.0.0.1"


class Fallen(BaseException):
    """The service ended at a commit."""


class InProcess:
    """A centre over a SQLite file copied from `mould`; sessions of requests that are `mounted` reach it at ADDRESS.
    `falls_at_commit`: it ends before the next commit, and is started again."""

    def __init__(self, folder: Path, mould: Path) -> None:
        self.clock = HandClock()
        self.folder = folder
        self.file = folder / "district.sqlite"
        self.blobs = BlobFolder(folder / "district.blobs")
        shutil.copyfile(mould, self.file)
        self._loop = asyncio.new_event_loop()
        self._starts = 0
        self.falls_at_commit = self._fell = False
        self.start()
        self._session = requests.Session()
        self.mounted(self._session)

    def start(self) -> None:
        """Begin to serve; what the database has forgotten is noticed now."""
        self._starts += 1
        keys, engine = CentreKeys(CENTRE_KEY), opened(self.file)
        self.centre: Centre = open_centre(engine, self.clock, seeded(self._starts), keys, self.blobs)
        sqlalchemy.event.listen(engine, "commit", self._may_fall)
        restored.look_for_restore(self.centre, self.folder)
        self._app = create_app(self.centre)

    def end(self, in_order: bool = True) -> None:
        """Serve no more; in order, it writes down how far it came."""
        if in_order:
            restored.watch_head(self.centre, self.folder)
        self.centre.engine.dispose()

    def restart(self, in_order: bool) -> None:
        """Ended, and started again."""
        self.end(in_order)
        self.start()

    def _may_fall(self, _connection: object) -> None:
        if self.falls_at_commit:
            self.falls_at_commit, self._fell = False, True
            raise Fallen

    def copied(self) -> Path:
        """A copy of the database as it is now."""
        self.restart(in_order=True)
        return Path(shutil.copyfile(self.file, self.folder / "copy.sqlite"))

    def put_back(self, copy: Path) -> None:
        """The copy takes the database's place, and the service is started with it."""
        self.end()
        for suffix in ("-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(copy, self.file)
        self.start()

    def close(self) -> None:
        """Nothing is left open."""
        self._session.close()
        self.centre.engine.dispose()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    # Asked

    def mounted(self, session: requests.Session) -> Way:
        """The session reaches this centre from now on; the way it does."""
        session.trust_env = False
        way = Way(self)
        session.mount("http://", way)
        return way

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """One question, as tests/district/parties.py asks them."""
        return self._session.request(method, ADDRESS + path, **options)

    def answered(
        self, request: requests.PreparedRequest, sent: bytes, hangs_up: bool = False
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Status, headers and body of what the application says. `hangs_up`: nothing comes after what was `sent`. A service
        that falls over it is started again, and nothing was answered."""
        try:
            return self._loop.run_until_complete(self._answered(request, sent, hangs_up))
        except BaseException as problem:
            if not self._fell:
                raise
            self._fell = False
            self.restart(in_order=False)
            raise requests.exceptions.ConnectionError from problem

    async def _answered(
        self, request: requests.PreparedRequest, sent: bytes, hangs_up: bool
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        parts = urlsplit(request.url or "")
        heads = {"host": parts.netloc, **request.headers}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "scheme": "http",
            "method": request.method,
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": [(name.lower().encode(), str(value).encode()) for name, value in heads.items()],
            "client": ("127.0.0.1", 9),
            "server": ("127.0.0.1", 80),
        }
        waiting: list[dict[str, Any]] = [{"type": "http.request", "body": sent, "more_body": hangs_up}]
        told: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if waiting:
                return waiting.pop()
            if not hangs_up:
                await asyncio.Event().wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            told.append(message)

        await self._app(scope, receive, send)  # type: ignore[arg-type]
        return told[0]["status"], list(told[0]["headers"]), b"".join(m.get("body", b"") for m in told[1:])


class Way(BaseAdapter):
    """What carries the bytes of a session there and back. `faults`: what befalls its next requests, one each: "" nothing; the
    line fails "before" the centre has got anything, "half" way, or "after" it has got and done everything."""

    def __init__(self, centre: InProcess) -> None:
        super().__init__()
        self._centre = centre
        self.faults: list[str] = []
        self.refused: list[str] = []
        """What the centre said no with, since somebody looked."""

    def send(self, request: requests.PreparedRequest, *_how: Any, **_else: Any) -> requests.Response:
        """As requests wants it of whoever carries its bytes."""
        body = request.body or b""
        sent = body.encode() if isinstance(body, str) else bytes(body)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "before":
            raise requests.exceptions.ConnectionError
        if fault == "half":
            sent = sent[: len(sent) // 2]
        status, heads, answered = self._centre.answered(request, sent, fault == "half")
        if status >= 400:
            self.refused.append(answered.decode("utf-8", "replace"))
        if fault:
            raise requests.exceptions.ReadTimeout
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = status, request, request.url or ""
        answer.headers = CaseInsensitiveDict({k.decode(): v.decode() for k, v in heads})
        answer.raw = HTTPResponse(
            io.BytesIO(b"" if request.method == "HEAD" else answered),
            answer.headers,
            status,
            preload_content=False,
            request_method=request.method,
        )
        return answer

    def close(self) -> None:
        """As requests wants it; there is nothing to close."""
