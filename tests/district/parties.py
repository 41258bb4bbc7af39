"""The parties of the district's tests: a small district on a hand-moved clock, workstations that speak its wire."""

from __future__ import annotations

import hashlib
import random
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import requests
import uvicorn
from requests import Response

from district import demo, devices, enrolment
from district.app import create_app
from district.audit import audit
from district.keys import CentreKeys
from district.opening import initialise, open_centre, open_database
from district.past import head_of
from district.serving import Server, listen
from models import commands as c
from models.attachment import AttachmentKind
from models.blob_folder import BlobFolder
from models.enrolment_code import EnrolmentCode
from models.evidence import Anchor, ClaimedTime
from models.ids import uuid7
from models.signing import ENROLMENT, RECEIPT, REPLACEMENT, SigningKey, is_signature, new_key
from models.wire import (
    GENESIS,
    PROTOCOL,
    UNSIGNED,
    FeedItem,
    PullReply,
    PushReply,
    Receipted,
    Sealed,
    decode,
    encode,
    join_lines,
    seal,
)
from tests.models import small_town
from tests.models.small_town import MARKET, START_MS, TOWN, VILLAGE

OPERATOR = "operator"
PASSWORD = demo.PASSWORD
DISTRICT = "341002"
REPORT = c.Report("", "grid", small_town.STALLS, "店外堆放", "龙山路口", TOWN, VILLAGE)


CENTRE_KEY = new_key(lambda count: b"c" * count)
"""Of all districts of a run: their databases are copies of one another."""


class HandClock:
    """A clock that moves when told to."""

    def __init__(self, now_ms: int = START_MS) -> None:
        self.now_ms = now_ms

    def wall_ms(self) -> int:
        return self.now_ms

    def mono_ms(self) -> int:
        return self.now_ms

    def boot_id(self) -> str:
        return "hand"


def seeded(seed: int) -> Callable[[int], bytes]:
    return random.Random(seed).randbytes


class District:
    """A district centre in this process: the shipped application over a real database, asked over a real socket."""

    def __init__(self, database_url: str, seed: int = 1, made: bool = False) -> None:
        self.url = database_url
        self.clock = HandClock()
        self.random_bytes = seeded(seed)
        self.engine = open_database(database_url)
        if not made:
            make(database_url, self.random_bytes)
        self.blobs = BlobFolder(Path(tempfile.mkdtemp(prefix="blobs")))
        self.centre = open_centre(self.engine, self.clock, self.random_bytes, CentreKeys(CENTRE_KEY), self.blobs)
        self._listener = listen("127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        app = create_app(self.centre)
        self.lanes = app.state.lanes
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=2)
        self._server = Server(config, self.centre, lambda: False)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._listener]})
        self._thread.start()
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        self._server.handle_exit(15, None)
        self._thread.join(20)
        assert not self._thread.is_alive()
        self._session.close()
        self._listener.close()
        self.engine.dispose()
        shutil.rmtree(self.blobs.folder)

    def ask(self, method: str, path: str, **options: Any) -> Response:
        return self._session.request(method, self.address + path, timeout=40, **options)

    def code(self, unit: str) -> EnrolmentCode:
        """A one-time code for a workstation of the unit."""
        centre = self.centre
        with centre.writing() as connection:
            told = (unit, "", OPERATOR, 10, "", centre.clock.wall_ms(), centre.random_bytes)
            return enrolment.make(connection, *told)[0]

    def station(self, unit: str, seed: int = 7) -> Station:
        """A workstation let in with a one-time code; it signs what it pushes."""
        secret = self.code(unit).secret
        key = new_key(random.Random(secret).randbytes)
        answer = self.ask("POST", "/v1/enrol", json=enrol_body(secret, key))
        assert answer.status_code == 201, answer.text
        found = answer.json()
        return Station(self.ask, self.clock, found["device"], found["token"], unit, seed, key)

    def again(self, former: Station, why: str = "chain_fork") -> Station:
        """The same workstation as another device, let in with a code that its former key has signed as well."""
        secret = self.code(former.unit).secret
        key = new_key(random.Random(secret).randbytes)
        assert former.key is not None
        proof = former.key.sign(REPLACEMENT, secret)
        body = {**enrol_body(secret, key), "replaces": former.device, "replaces_proof": proof, "why": why}
        answer = self.ask("POST", "/v1/enrol", json=body)
        assert answer.status_code == 201, answer.text
        found = answer.json()
        return Station(self.ask, self.clock, found["device"], found["token"], former.unit, 7, key)

    def old_station(self, unit: str, seed: int = 7, by: str = OPERATOR, label: str = "") -> Station:
        """A workstation registered before there were keys: it signs nothing."""
        token = self.centre.new_token()
        with self.centre.writing() as connection:
            told = (unit, label, by, token, self.clock.now_ms, self.centre.new_id)
            made = devices.register(connection, *told)
        return Station(self.ask, self.clock, made.id, token, unit, seed)

    def a_receipt(self) -> dict[str, str]:
        """What the centre would sign now for whoever handed something in."""
        with self.centre.reading() as connection:
            head = head_of(connection)
        said = encode(Receipted("D-x", 1, "0" * 64, head.gseq, head.chain, head.epoch, self.clock.now_ms)).decode()
        return {"body": said, "sig": CENTRE_KEY.sign(RECEIPT, said)}

    def audited(self) -> Any:
        with self.centre.reading() as connection:
            found = audit(connection)
        assert found.contradictions == []
        return found

    def rows(self, table: Any) -> list[Any]:
        with self.centre.reading() as connection:
            return sorted(tuple(row) for row in connection.execute(table.select()))


class Address:
    """The district, as a console of the whole-system tests (tests/whole/parties.py) asks a centre."""

    def __init__(self, district: District) -> None:
        self.district = district
        self.address = district.address

    def code(self, unit: str) -> str:
        return self.district.code(unit).shown()


def enrol_body(secret: str, key: SigningKey, unit: str = "") -> dict[str, str]:
    """What a workstation says to come in."""
    return {"secret": secret, "public_key": key.public, "proof": key.sign(ENROLMENT, secret), "unit": unit}


def make(database_url: str, random_bytes: Callable[[int], bytes], now_ms: int = START_MS) -> None:
    """A small district with an account for everybody."""
    engine = open_database(database_url)
    initialise(engine, small_town.reference(), OPERATOR, PASSWORD, now_ms, random_bytes)
    with engine.begin() as connection:
        demo.open_accounts(connection, small_town.reference())
    engine.dispose()


@contextmanager
def open_district(database_url: str, **options: Any) -> Iterator[District]:
    found = District(database_url, **options)
    try:
        yield found
    finally:
        found.close()


Ask = Callable[..., Response]


class Station:
    """A workstation: its token, its chain, and the calls it makes."""

    def __init__(
        self,
        ask: Ask,
        clock: HandClock,
        device: str,
        token: str,
        unit: str,
        seed: int = 7,
        key: SigningKey | None = None,
    ) -> None:
        self.key = key
        self.receipt: Receipted | None = None
        self._ask = ask
        self._clock = clock
        self._random = random.Random(f"{device}{seed}")
        self.device = device
        self.token = token
        self.unit = unit
        self.dseq = 0
        self.head = GENESIS
        self.session = ""

    @property
    def headers(self) -> dict[str, str]:
        found = {"X-Device": self.device, "Authorization": f"Bearer {self.token}"}
        return {**found, "X-Session": self.session} if self.session else found

    def ask(self, method: str, path: str, **options: Any) -> Response:
        headers = {**self.headers, **options.pop("headers", {})}
        return self._ask(method, path, headers=headers, **options)

    def now(self) -> int:
        return self._clock.wall_ms()

    def new_id(self) -> str:
        return uuid7(self._clock.wall_ms(), self._random.randbytes(10))

    def command(self, person: str, args: c.Args, case_id: str, **changes: Any) -> c.Command:
        """The next act of this workstation, made now by the centre's own clock (grade A)."""
        now = self._clock.wall_ms()
        made = c.Command(
            v=PROTOCOL,
            cmd_id=self.new_id(),
            device=self.device,
            dseq=self.dseq + 1,
            prev=self.head,
            actor=person,
            unit=self.unit,
            subject=c.Subject("case", case_id),
            args=args,
            time=ClaimedTime(now, "b", now, Anchor(now, now, 0, "b")),
        )
        return msgspec.structs.replace(made, **changes)

    def act(self, person: str, args: c.Args, case_id: str, **changes: Any) -> Sealed:
        """Seal the next act into the chain, without sending it."""
        return self.sealed(seal(self.command(person, args, case_id, **changes)))

    def sealed(self, found: Sealed) -> Sealed:
        self.dseq, self.head = self.dseq + 1, found.hash
        return found

    def push_raw(self, batch: list[Sealed]) -> Response:
        return self.ask("POST", "/v1/push", data=join_lines([self.signed(sealed) for sealed in batch]))

    def signed(self, sealed: Sealed) -> Sealed:
        """As it leaves this workstation."""
        return (
            self.key.signed(sealed) if self.key is not None and (sealed.alg, sealed.sig) == (UNSIGNED, "") else sealed
        )

    def push(self, *batch: Sealed) -> PushReply:
        """Push, check the receipt and keep it, as a console does; what was answered without it."""
        answer = self.push_raw(list(batch))
        assert answer.status_code == 200, answer.text
        reply = decode(answer.content, PushReply)
        if reply.receipt is not None:
            assert is_signature(CENTRE_KEY.public, reply.receipt.sig, RECEIPT, reply.receipt.body)
            self.receipt = decode(reply.receipt.body, Receipted)
            assert (self.receipt.device, self.receipt.dseq) == (self.device, reply.head_dseq)
        return msgspec.structs.replace(reply, receipt=None)

    def does(self, person: str, args: c.Args, case_id: str = "") -> tuple[str, str, str]:
        """Make an act and push it: (case id, outcome, code)."""
        case_id = case_id or self.new_id()
        reply = self.push(self.act(person, args, case_id))
        assert reply.error == "", reply
        return case_id, reply.known[0][1], reply.known[0][2]

    def pull_raw(self, sseq: int, wait_seconds: int = 0, limit: int = 500, **options: Any) -> Response:
        body = {"epoch": 1, "cursors": {self.unit: sseq}, "limit": limit, "wait_seconds": wait_seconds}
        return self.ask("POST", "/v1/pull", data=encode({**body, **options}))

    def page(self, sseq: int = 0, **options: Any) -> list[FeedItem]:
        """What one pull brings. That it has come the centre knows when the next one asks on from behind it."""
        answer = self.pull_raw(sseq, **options)
        assert answer.status_code == 200, answer.text
        return decode(answer.content, PullReply).items.get(self.unit, [])

    def pull(self, sseq: int = 0, **options: Any) -> list[FeedItem]:
        """What comes from there on, as a console asks for it: until nothing is new."""
        items, options = self.page(sseq, **options), {**options, "wait_seconds": 0}
        while more := self.page(items[-1].sseq if items else sseq, **options):
            items += more
        return items

    def attaches(self, person: str, body: bytes, case_id: str) -> str:
        """Add a file to a case and hand in its bytes at once; its hash."""
        sha256 = hashlib.sha256(body).hexdigest()
        known = self.does(person, c.Attach(sha256, len(body), "image/jpeg", AttachmentKind.NEAR), case_id)
        assert known[1] == "accepted", known
        assert self.hands_in(case_id, sha256, body).headers["upload-complete"] == "?1"
        return sha256

    def hands_in(self, case_id: str, sha256: str, body: bytes, offset: int = 0) -> Response:
        """The next bytes of a file."""
        headers = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
        return self.ask("PATCH", f"/v1/cases/{case_id}/blobs/{sha256}", data=body, headers=headers)

    def sign_in(self, person: str, password: str = PASSWORD) -> Response:
        answer = self.ask("POST", "/v1/session", json={"name": person, "password": password})
        if answer.status_code == 200:
            self.session = answer.json()["session"]
        return answer


def kinds(items: list[FeedItem]) -> list[tuple[str, str]]:
    """What a feed says: (mode, kind of act)."""
    return [(item.mode, decode(item.entry.body, dict)["args"]["type"]) for item in items]


def dispatched_case(town: Station, to: str = MARKET) -> str:
    """A case reported, filed and dispatched by the sub-centre."""
    case_id = town.new_id()
    acts = (REPORT, c.File(), c.Dispatch(to))
    reply = town.push(*[town.act("clerk", args, case_id) for args in acts])
    assert [k[1] for k in reply.known] == ["accepted"] * 3, reply
    return case_id
