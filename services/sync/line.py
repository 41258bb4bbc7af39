"""The line: the only speaker of requests (D24). Answers are values; every failure is Weather or Refused, never a hang."""

from __future__ import annotations

import http.client
import ssl
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter

from models.clock import Clock
from models.compressed import ENCODING, compressed, is_worth
from models.errors import Refused, Weather
from models.evidence import Anchor
from models.ids import new_token
from models.recovery import LostBody, Was
from models.signed_time import SignedTime
from models.signing import ENROLMENT, REPLACEMENT, SigningKey
from models.wire import (
    PROTOCOL,
    READINGS,
    Malformed,
    PastCases,
    PullReply,
    PullRequest,
    PushReply,
    Receipt,
    Sealed,
    SnapshotManifest,
    decode,
    decode_any,
    encode,
    join_lines,
)
from services.sync import trust
from services.sync.replies import Checkpointed, Hello, Registered, SessionOpened, StatusReply, Witnessed
from services.sync.time_anchor import reading

SERVICE = "joint-response-district"
TIMEOUT_SECONDS = 10.0
CONNECT_SECONDS = 3.0
SEARCH_SECONDS = EVIDENCE_SECONDS = 30.0
"""The centre looks far back, or gathers and signs, before it answers; nothing else waits for it."""

Value = TypeVar("Value")
_LONGEST_HELLO = 256 * 1024
_WAIT_IS_LONG = ("account_locked", "too_many_codes")
"""Refusals that only a quarter of an hour mends: a person is told, nothing is tried again by itself."""

_WITHOUT_WORDS = {401: "unknown_device", 403: "device_revoked", 404: "no_such_attachment", 503: "store_unavailable"}
"""What a HEAD is refused for: its answer has no body to say it in."""


class Credentials(msgspec.Struct, frozen=True):
    """What a workstation proves itself with. `key` is None when it was registered before there were keys: then it signs
    nothing, which the centre accepts on its own machine only."""

    device: str
    token: str
    key: SigningKey | None = None


def offered_authority(address: str) -> str:
    """Which certificate authority (PEM) whoever answers at an encrypted address says it has: the one question asked of
    somebody not proved. Worth nothing until it is compared with a one-time code (services/enrolment.py). Weather,
    Refused("not_our_server")."""
    parts = urlsplit(address)
    asked = http.client.HTTPSConnection(
        parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS, context=trust.nobody_yet()
    )
    try:
        asked.request("GET", "/v1/hello")
        return decode(asked.getresponse().read(_LONGEST_HELLO), Hello).authority
    except TimeoutError as error:
        raise Weather("line_silent") from error
    except (Malformed, ssl.SSLError, http.client.HTTPException) as error:
        raise Refused("not_our_server", address=address) from error
    except OSError as error:
        raise Weather("line_down", type(error).__name__) from error
    finally:
        asked.close()


class _Trusting(HTTPAdapter):
    """Speaks TLS with the trust it was given, and adds nobody: without this the library would trust every public
    authority beside ours."""

    def __init__(self, context: Any) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> Any:
        return super().init_poolmanager(*args, ssl_context=self._context, **options)

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {**pool, "ca_certs": None, "ca_cert_dir": None, "cert_reqs": None, "ssl_context": self._context}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        pass


class Line:
    """One worker's connection to one centre. `anchor` is the last reading of the centre's clock; `authority` (PEM, or several) the
    only one it trusts under TLS: with none it refuses everybody."""

    def __init__(self, address: str, clock: Clock, known: Credentials | None = None, authority: str = "") -> None:
        self.address = address.rstrip("/")
        self.clock = clock
        self._known = known
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.mount("https://", _Trusting(trust.only(authority)))
        if known is not None:
            self._session.headers.update({"X-Device": known.device, "Authorization": f"Bearer {known.token}"})
        self._encodings: list[str] = []
        self.anchor: Anchor | None = None
        self.signed: tuple[str, SignedTime | None] = ("", None)
        self.head: tuple[int, str] | None = None
        """Number and hash where this device's chain ends at the centre, as last answered to a push over this line; None: to be asked."""

    @property
    def device(self) -> str:
        """As whom it asks; "" when it asks as nobody yet."""
        return self._known.device if self._known is not None else ""

    def close(self) -> None:
        """Give the connection up."""
        self._session.close()

    def mono_ms(self) -> int:
        """The counter by which this console says how long it has been running."""
        return self.clock.mono_ms()

    def boot_id(self) -> str:
        """Names the boot that the counter began with."""
        return self.clock.boot_id()

    # Calls

    def hello(self, nonce: str = "") -> Hello:
        """Who is there, and with a nonce what time it is, signed. Refused("not_our_server") or ("centre_older") when it is not for us. Whether it still
        `speaks_ours` is for the caller to ask: what is unsent may be handed in all the same."""
        answer = self._ask("GET", f"/v1/hello?nonce={nonce}" if nonce else "/v1/hello")
        try:
            found = decode(answer.content, Hello)
        except Malformed as error:
            raise self._stranger() from error
        if found.service != SERVICE:
            raise self._stranger()
        if found.protocol < PROTOCOL:
            raise Refused("centre_older", centre=found.protocol, console=PROTOCOL)
        self._encodings = found.encodings
        return found

    def time(self, nonce: str) -> SignedTime:
        """The centre's clock, signed for this nonce (services/sync/proved_time.py)."""
        return self._decoded(self._ask("GET", f"/v1/time?nonce={nonce}").content, SignedTime)

    def enrol(
        self, secret: str, key: SigningKey, unit: str, former: Credentials | None = None, why: str = ""
    ) -> Registered:
        """Come in with the secret of a one-time code, as a device that has this key; for this unit, or for whichever the
        code is for (""). `former`: what this workstation was until now; the centre takes that device out."""
        body = {"secret": secret, "public_key": key.public, "proof": key.sign(ENROLMENT, secret), "unit": unit}
        if former is not None and former.key is not None:
            body |= {"replaces": former.device, "replaces_proof": former.key.sign(REPLACEMENT, secret), "why": why}
        return self._value("POST", "/v1/enrol", Registered, body)

    def for_operator(self, method: str, path: str, kind: type[Value], session: str, body: object = None) -> Value:
        """What only a district operator's session may ask (services/sync/operator_calls.py)."""
        sent = None if body is None else encode(body)
        return self._decoded(self._ask(method, path, sent, headers={"X-Session": session}).content, kind)

    def sign_in(self, name: str, password: str) -> SessionOpened:
        """Open a session; what time it was then, `signed` says."""
        nonce = new_token()
        body = {"name": name, "password": password, "nonce": nonce}
        found = self._value("POST", "/v1/session", SessionOpened, body)
        self.signed = (nonce, found.time)
        return found

    def change_password(self, name: str, old: str, new: str) -> None:
        """Change one's own password."""
        self._ask("POST", "/v1/password", encode({"name": name, "old": old, "new": new}))

    def push(self, batch: list[Sealed], readings: tuple[Anchor, ...] = ()) -> PushReply:
        """Send acts in their order, each signed with this device's key; beside them readings of the centre's clock of their boots."""
        key = self._known.key if self._known is not None else None
        sent = batch if key is None else [key.signed(sealed) for sealed in batch]
        told = {READINGS: encode(readings).decode("ascii")} if readings else None
        answer = self._ask("POST", "/v1/push", join_lines(sent), media="application/x-ndjson", headers=told)
        return self._decoded(answer.content, PushReply)

    def carry(self, batch: list[Sealed]) -> PushReply:
        """Hand in acts of another workstation of the unit, as it signed them."""
        answer = self._ask("POST", "/v1/carried", join_lines(batch), media="application/x-ndjson")
        return self._decoded(answer.content, PushReply)

    def pull(self, request: PullRequest) -> PullReply:
        """The feed after a place; may take as long as it was told to wait."""
        answer = self._ask("POST", "/v1/pull", encode(request), timeout=request.wait_seconds + TIMEOUT_SECONDS)
        return self._decoded(answer.content, PullReply)

    def checkpoint(self, epoch: int, scope: str, place: tuple[int, str], steps: tuple[object, ...]) -> Checkpointed:
        """Tell where the feed ends here (number and chain), and how the wall clock was moved (models/wall_step.py); hear how far
        the centre's copies reach."""
        told = {"epoch": epoch, "heads": {scope: place}, "wall_steps": steps}
        return self._value("POST", "/v1/checkpoint", Checkpointed, told)

    def status(self, ids: list[str]) -> StatusReply:
        """What became of acts we are in doubt about."""
        return self._value("POST", "/v1/status", StatusReply, {"ids": ids})

    def witness(self, receipt: Receipt) -> int:
        """Show the newest receipt of this centre; the number of its history, a new one when it has forgotten what it had
        signed. Refused("no_such_call") by a centre that does not know the question yet."""
        return self._decoded(self._ask("POST", "/v1/witness", encode(receipt)).content, Witnessed).epoch

    def tell_lost(self, lost: list[Was]) -> None:
        """What the centre had said of acts it has lost, before they are handed in again. Refused("no_such_call") by an older
        centre."""
        self._ask("POST", "/v1/lost", encode(LostBody(lost)))

    def snapshot(self) -> SnapshotManifest:
        """A snapshot's description."""
        return self._decoded(self._ask("GET", "/v1/snapshot").content, SnapshotManifest)

    def snapshot_part(self, sha256: str) -> bytes:
        """One part of it."""
        return bytes(self._ask("GET", f"/v1/snapshot/{sha256}").content)

    def past_cases(self, words: str) -> PastCases:
        """Cases whose end is long past, by words of number, matter or place. Refused("no_such_call") by an older centre."""
        path = f"/v1/past-cases?words={quote(words)}"
        return self._decoded(self._ask("GET", path, timeout=SEARCH_SECONDS).content, PastCases)

    def reference(self) -> tuple[str, bytes]:
        """The reference data in force: its hash and its document."""
        answer = self._ask("GET", "/v1/reference")
        return answer.headers.get("x-reference", ""), bytes(answer.content)

    def put_personal(self, digest: str, record: bytes) -> None:
        """Hand in a requester's record."""
        self._ask("PUT", f"/v1/personal/{digest}", record)

    def get_personal(self, digest: str, case_id: str, session: str) -> dict[str, str]:
        """Read a requester's record; the centre records who read it."""
        answer = self._ask("GET", f"/v1/personal/{digest}?case={case_id}", headers={"X-Session": session})
        found = decode_any(answer.content)
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}

    def evidence(self, case_id: str, seen: int, session: str) -> bytes:
        """The evidence file of a case, with the head of the order at the place `seen` in it; the centre records who took
        it. Refused("no_such_case")."""
        path = f"/v1/evidence/{case_id}?seen={seen}"
        return bytes(self._ask("GET", path, timeout=EVIDENCE_SECONDS, headers={"X-Session": session}).content)

    def blob_stands(self, case_id: str, sha256: str) -> tuple[int, bool]:
        """How many bytes of a file of a case the centre has of this workstation, and whether the case has it whole."""
        return self._progress(self._ask("HEAD", f"/v1/cases/{case_id}/blobs/{sha256}"))

    def send_piece(self, case_id: str, sha256: str, offset: int, body: bytes) -> tuple[int, bool]:
        """Send the next bytes of a file; how it stands then."""
        headers = {"Upload-Offset": str(offset)}
        path = f"/v1/cases/{case_id}/blobs/{sha256}"
        return self._progress(self._ask("PATCH", path, body, media="application/offset+octet-stream", headers=headers))

    def fetch_piece(self, case_id: str, sha256: str, offset: int, size: int) -> bytes:
        """At most `size` bytes of a file, from a place."""
        headers = {"Range": f"bytes={offset}-{offset + size - 1}"}
        answer = self._ask("GET", f"/v1/cases/{case_id}/blobs/{sha256}", headers=headers)
        if answer.status_code != 206:
            raise self._stranger()
        return bytes(answer.content)

    # How

    def _progress(self, answer: requests.Response) -> tuple[int, bool]:
        offset = answer.headers.get("upload-offset", "")
        if not offset.isdigit():
            raise self._stranger()
        return int(offset), answer.headers.get("upload-complete") == "?1"

    def _value(self, method: str, path: str, kind: type[Value], body: dict[str, Any]) -> Value:
        return self._decoded(self._ask(method, path, encode(body)).content, kind)

    def _decoded(self, raw: bytes, kind: type[Value]) -> Value:
        try:
            return decode(raw, kind)
        except Malformed as error:
            raise Weather("answer_unreadable", error.where) from error

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        media: str = "application/json",
        timeout: float = TIMEOUT_SECONDS,
        headers: dict[str, str] | None = None,
    ) -> requests.Response:
        trust.is_encrypted(self.address)
        told = {"Content-Type": media, **(headers or {})}
        if body is not None and ENCODING in self._encodings and is_worth(media, body):
            body, told["Content-Encoding"] = compressed(body), ENCODING
        sent = self.clock.mono_ms()
        try:
            answer = self._session.request(
                method,
                self.address + path,
                data=body,
                headers=told,
                timeout=(CONNECT_SECONDS, timeout),
                allow_redirects=False,
            )
        except (
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            requests.exceptions.MissingSchema,
        ) as error:
            raise Refused("address_unusable", address=self.address) from error
        except requests.exceptions.SSLError as error:
            raise trust.refusal(error, self.address) or self._stranger() from error
        except requests.exceptions.Timeout as error:
            raise Weather("line_silent") from error
        except requests.exceptions.RequestException as error:
            raise Weather("line_down", type(error).__name__) from error
        self._read_clock(answer, sent)
        if answer.status_code >= 300:
            raise self._refusal(answer)
        return answer

    def _read_clock(self, answer: requests.Response, sent_mono_ms: int) -> None:
        head = answer.content[-4096:] if len(answer.content) <= 4096 else b""
        if not head or not answer.headers.get("content-type", "").startswith("application/json"):
            return
        try:
            found = decode_any(answer.content)
        except Malformed:
            return
        now = found.get("now_ms") if isinstance(found, dict) else None
        if type(now) is int and now > 0:
            self.anchor = reading(now, sent_mono_ms, self.clock.mono_ms(), self.clock.boot_id())

    def _refusal(self, answer: requests.Response) -> Refused | Weather:
        try:
            found = decode_any(answer.content)
        except Malformed:
            found = None
        code = found.get("error") if isinstance(found, dict) else None
        if answer.request.method == "HEAD":
            code = _WITHOUT_WORDS.get(answer.status_code)
        after = answer.headers.get("retry-after", "")
        wait = float(after) if after.isdigit() else None
        if not isinstance(code, str):
            return self._stranger(wait)
        if answer.status_code >= 500 or (answer.status_code in (408, 429) and code not in _WAIT_IS_LONG):
            return Weather(code, retry_after_seconds=wait)
        return Refused(code)

    def _stranger(self, retry_after_seconds: float | None = None) -> Refused | Weather:
        """Somebody else answered. At the first try the address is wrong; a workstation that has a centre has met a proxy
        or a sign-in page of the network on its way there, which passes."""
        if self._known is not None:
            return Weather("stranger_answered", retry_after_seconds=retry_after_seconds)
        return Refused("not_our_server", address=self.address)
