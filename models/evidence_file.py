"""What an evidence file of a case holds (R78, sync.md §3.9): written by the centre, checked by anybody who has its key.

A ZIP (models/stored_zip.py). The manifest names every member with its hash and every entry with the hash of its line; the
centre's signature over the manifest (purpose "evidence") covers them all. Behind these members the workstation it was made
for may put three others for reading, under `reading/`, which it signs itself: the centre's signature does not cover them.

packaging/verify_evidence.py reads the same format and shares no code with this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from models.signing import EVIDENCE, RECEIPT, is_signature, is_signed
from models.stored_zip import Member, unpack
from models.wire import GENESIS, Malformed, Receipt, Sealed, chain_hash, decode, decode_any, encode

FORMAT = "evidence-1"
MANIFEST, SIGNATURE, READ_ME = "manifest.json", "manifest.sig", "read-me.txt"
ENTRIES, RECEIPTS = "entries.jsonl", "receipts.jsonl"
DEVICES, NAMES, CHECKPOINTS = "devices.json", "names.json", "checkpoints.json"
ATTACHMENTS, READING = "attachments/", "reading/"
"""Folders. What lies under `attachments/` is named by its SHA-256 and stands in the manifest like every member."""

READING_LIST, READING_SIGNATURE, TIMELINE = "reading/reading.json", "reading/reading.sig", "reading/timeline.pdf"


class EvidenceEntry(msgspec.Struct, frozen=True):
    """One entry of the district's order, with all it takes to recompute its link: `chain` is sha256(previous | gseq | hash |
    outcome | effect), `hash` sha256(the body's "prev" | body). `effect` and `reason` are the JSON texts as kept. `lo`, `hi`
    (ms UTC) bound the instant of the act, `grade` says how they are known; neither they nor `reason`, `rules` and
    `received_at` are in the chain: the centre's signature alone vouches for them."""

    gseq: int
    previous: str
    chain: str
    hash: str
    outcome: str
    effect: str
    body: str
    alg: str
    sig: str
    reason: str
    case_version: int
    rules: str
    received_at: int
    lo: int
    hi: int
    grade: str


class EvidenceDevice(msgspec.Struct, frozen=True):
    """A workstation that made an act of the case, or asked for the file: its unit, its letter there, the key it signs with
    ("": registered before there were keys, or the centre's own). Instants in ms UTC."""

    id: str
    unit: str
    slot: str
    public_key: str
    registered_at: int
    revoked_at: int | None


class EvidenceNames(msgspec.Struct, frozen=True):
    """Names of the units and the staff that occur, by the reference data in force when the file was made."""

    units: dict[str, str]
    people: dict[str, str]


class MemberSum(msgspec.Struct, frozen=True):
    """A member of the file: its size in bytes and its SHA-256."""

    name: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What the file is, of which case, made when (`made_at`, ms UTC by the centre), for whom, where the district's order
    ended then. `device` is "" when it was made on the command line.

    `whole`: everything the order holds on the case, as the district sees it. Otherwise what the unit may see: what other
    units tried in vain is not in it. `entries` lists (gseq, SHA-256 of the line); `left_out` the
    attachments the case has that are not in the file, by hash."""

    format: str
    about: str
    district: str
    case: str
    number: str
    whole: bool
    made_at: int
    made_by: str
    unit: str
    device: str
    epoch: int
    head_gseq: int
    head_chain: str
    centre_key: str
    entries: tuple[tuple[int, str], ...]
    members: tuple[MemberSum, ...]
    left_out: tuple[str, ...] = ()


ABOUT = (
    "Evidence of one case. Acts as signed by workstations, verdicts as chained and signed by the district centre. Holds no"
    " requester's record: acts carry its salted hash only. What somebody typed into an act stands as it was signed."
)


class ReadingList(msgspec.Struct, frozen=True):
    """What a workstation put beside the centre's members for reading, signed with its own key: its files, who printed it and
    when (ms UTC), the newest receipt it holds, and the manifest it goes with, by hash."""

    manifest: str
    device: str
    printed_by: str
    printed_at: int
    files: tuple[MemberSum, ...]
    receipt: Receipt | None = None


class Evidence(msgspec.Struct, frozen=True):
    """A file that was read and found to hold together."""

    manifest: Manifest
    entries: tuple[EvidenceEntry, ...]
    devices: tuple[EvidenceDevice, ...]
    heads: dict[int, str]
    members: tuple[Member, ...]


def sum_of(name: str, body: bytes) -> MemberSum:
    """As the manifest names a member."""
    return MemberSum(name, len(body), sha256(body))


def sha256(body: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def lines_of(values: Iterable[object]) -> bytes:
    """One value a line, each line ended."""
    return b"".join(encode(value) + b"\n" for value in values)


def read_evidence(raw: bytes, centre_key: str) -> Evidence:
    """Read a file fresh from the centre and check it against the key the centre is known by: its signature, every member,
    every act's hash, signature and link. Malformed names the first thing that is not right.

    The stand-alone verifier says more; this is what a workstation must know before it shows a file to anybody."""
    members = unpack(raw)
    found = dict(members)
    manifest = decode(_member(found, MANIFEST), Manifest)
    signature = _member(found, SIGNATURE).decode("ascii", "replace")
    if manifest.format != FORMAT:
        raise Malformed("format")
    if manifest.centre_key != centre_key or not is_signature(
        centre_key, signature, EVIDENCE, found[MANIFEST].decode("utf-8", "replace")
    ):
        raise Malformed(SIGNATURE)
    listed = {m.name: m for m in manifest.members}
    if list(found) != [MANIFEST, SIGNATURE, *listed]:
        raise Malformed("members")
    for name, wanted in listed.items():
        if sum_of(name, found[name]) != wanted:
            raise Malformed(name)
    entries = tuple(decode(line, EvidenceEntry) for line in _member(found, ENTRIES).splitlines())
    devices = tuple(decode(_member(found, DEVICES), list[EvidenceDevice]))
    heads = dict(decode(_member(found, CHECKPOINTS), list[tuple[int, str]]))
    _check_entries(entries, {d.id: d for d in devices})
    _check_receipts(found, manifest)
    return Evidence(manifest, entries, devices, heads, tuple(members))


def _member(found: Mapping[str, bytes], name: str) -> bytes:
    if name not in found:
        raise Malformed(name)
    return found[name]


def _check_entries(entries: tuple[EvidenceEntry, ...], devices: Mapping[str, EvidenceDevice]) -> None:
    version = 0
    for entry in entries:
        where = f"{ENTRIES} {entry.gseq}"
        plain = decode_any(entry.body)
        device = devices.get(str(plain.get("device"))) if isinstance(plain, dict) else None
        if device is None or chain_hash(str(plain.get("prev", GENESIS)), entry.body) != entry.hash:
            raise Malformed(f"{where} hash")
        if not is_signed(Sealed(entry.body, entry.hash, entry.alg, entry.sig), device.public_key):
            raise Malformed(f"{where} sig")
        if chain_hash(entry.previous, str(entry.gseq), entry.hash, entry.outcome, entry.effect) != entry.chain:
            raise Malformed(f"{where} chain")
        if entry.effect != "null":
            version += 1
            if entry.case_version != version:
                raise Malformed(f"{where} case_version")


def _check_receipts(found: Mapping[str, bytes], manifest: Manifest) -> None:
    for line in _member(found, RECEIPTS).splitlines():
        receipt = decode(line, Receipt)
        if not is_signature(manifest.centre_key, receipt.sig, RECEIPT, receipt.body):
            raise Malformed(RECEIPTS)
