"""Whoever changes an evidence file is caught: by one byte, by a missing act, by hashes made anew, by a key of his own (R78).

The files are made by the shipped centre; what is forged with them does not depend on the kind of its database."""

from __future__ import annotations

import functools
import importlib.util
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from models.evidence_file import (
    ATTACHMENTS,
    CHECKPOINTS,
    DEVICES,
    ENTRIES,
    MANIFEST,
    READING_LIST,
    READING_SIGNATURE,
    RECEIPTS,
    SIGNATURE,
    TIMELINE,
    EvidenceDevice,
    EvidenceEntry,
    Manifest,
    lines_of,
    read_evidence,
    sha256,
    sum_of,
)
from models.signing import ACT, EVIDENCE, RECEIPT, SigningKey, key_fingerprint, new_key
from models.stored_zip import pack, unpack
from models.wire import Malformed, Receipt, Receipted, chain_hash, decode, decode_any, encode, entry_link
from tests.district.evidence_parties import VERIFIER, closed_case, evidence_of, operator
from tests.district.parties import CENTRE_KEY, REPORT, District, open_district
from tests.models.small_town import TOWN

OWN_KEY = new_key(lambda count: b"f" * count)
"""A forger's."""
Parts = dict[str, bytes]


@pytest.fixture(scope="module")
def verifier() -> ModuleType:
    """The verifier's file as a module; each distinct signature is really verified once, however many copies carry it."""
    spec = importlib.util.spec_from_file_location("verify_evidence", VERIFIER)
    assert spec is not None and spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    found.is_signed = functools.cache(found.is_signed)  # type: ignore[attr-defined]
    return found


@pytest.fixture(scope="module")
def served(made_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[District]:
    copy = tmp_path_factory.mktemp("forged") / "district.sqlite"
    copy.write_bytes(made_file.read_bytes())
    with open_district(f"sqlite:///{copy}", made=True) as found:
        yield found


@pytest.fixture(scope="module")
def whole(served: District) -> bytes:
    """A case walked to its end."""
    return evidence_of(operator(served), closed_case(served)[0])


@pytest.fixture(scope="module")
def small(served: District) -> bytes:
    """A case just reported."""
    town = served.station(TOWN)
    case_id, _, _ = town.does("clerk", REPORT)
    town.sign_in("clerk")
    return evidence_of(town, case_id)


def complaint(verifier: ModuleType, raw: bytes, expected: str = CENTRE_KEY.public) -> str:
    """The first thing the verifier finds wrong; "" when the file is intact. Whatever it raises, it exits with 1 or 2."""
    try:
        verifier.Evidence(raw).check(expected)
    except verifier.NoEvidenceError:
        return "no evidence"
    except (verifier.WrongError, ValueError, TypeError, LookupError, RecursionError) as error:
        return str(error) or repr(error)
    return ""


# One byte


def test_any_flipped_byte_is_noticed(verifier: ModuleType, small: bytes) -> None:
    """Every byte of the file, those between the members included."""
    assert complaint(verifier, small) == ""
    for at in range(len(small)):
        raw = bytearray(small)
        raw[at] ^= 1 << at % 8
        assert complaint(verifier, bytes(raw)), f"byte {at}"


def test_a_flipped_byte_of_a_long_one_is_noticed_and_named(verifier: ModuleType, whole: bytes) -> None:
    """Some of each member."""
    at = 0
    for name, body in unpack(whole):
        begin = at + 30 + len(name)
        at = begin + len(body)
        for place in range(begin, at, max(1, len(body) // 9)):
            raw = bytearray(whole)
            raw[place] ^= 0x10
            assert name in complaint(verifier, bytes(raw)) or name in (MANIFEST, ENTRIES), f"byte {place}"
            assert complaint(verifier, bytes(raw)), f"byte {place}"


@pytest.mark.parametrize("change", [lambda raw: raw[:-1], lambda raw: raw + b"\0", lambda raw: raw[: len(raw) // 2]])
def test_cut_or_lengthened(verifier: ModuleType, whole: bytes, change: Callable[[bytes], bytes]) -> None:
    assert complaint(verifier, change(whole))
    with pytest.raises(Malformed):
        read_evidence(change(whole), CENTRE_KEY.public)


def test_a_zip_program_that_packs_it_again_is_noticed(verifier: ModuleType, whole: bytes, tmp_path: Path) -> None:
    """The same members, with dates and compression: nothing is lost, but it is not the file the centre made."""
    import zipfile

    file = tmp_path / "again.zip"
    with zipfile.ZipFile(file, "w") as made:
        for name, body in unpack(whole):
            made.writestr(name, body)
    assert complaint(verifier, file.read_bytes()).startswith("ZIP")


# Whoever changes what stands in it, and how far he goes


def _entries(parts: Parts) -> list[EvidenceEntry]:
    return [decode(line, EvidenceEntry) for line in parts[ENTRIES].splitlines()]


def _with(parts: Parts, entries: Sequence[EvidenceEntry]) -> Parts:
    return {**parts, ENTRIES: lines_of(entries)}


def _hashed_anew(parts: Parts) -> Parts:
    """Every hash, every link and every sum, as the centre would have made them: no signature."""
    manifest = decode(parts[MANIFEST], Manifest)
    entries, chains = [], {}
    for entry in _entries(parts):
        prev = str(decode_any(entry.body)["prev"])
        previous = chains.get(entry.gseq - 1, entry.previous)
        hash_ = chain_hash(prev, entry.body)
        chain = entry_link(previous, entry.gseq, hash_, entry.outcome, entry.effect.encode())
        chains[entry.gseq] = chain
        entries.append(msgspec.structs.replace(entry, previous=previous, hash=hash_, chain=chain))
    heads = [(g, chains.get(g, h)) for g, h in decode(parts[CHECKPOINTS], list[tuple[int, str]])]
    parts = {**_with(parts, entries), CHECKPOINTS: encode(heads)}
    return _summed_anew(parts, entries, chains.get(manifest.head_gseq, manifest.head_chain))


def _summed_anew(parts: Parts, entries: Sequence[EvidenceEntry], head: str = "") -> Parts:
    manifest = decode(parts[MANIFEST], Manifest)
    said = msgspec.structs.replace(
        manifest,
        head_chain=head or manifest.head_chain,
        entries=tuple((e.gseq, sha256(lines_of([e]))) for e in entries),
        members=tuple(sum_of(m.name, parts[m.name]) for m in manifest.members),
    )
    return {**parts, MANIFEST: encode(said)}


def _signed_anew(parts: Parts, key: SigningKey, acts_too: bool) -> Parts:
    """All the centre's signatures by another key; those of the workstations too, when told so, under keys of his own."""
    entries = _entries(parts)
    if acts_too:
        devices = decode(parts[DEVICES], list[EvidenceDevice])
        parts[DEVICES] = encode([msgspec.structs.replace(d, public_key=key.public) for d in devices])
        entries = [msgspec.structs.replace(e, alg="ed25519", sig=key.sign(ACT, e.hash)) for e in entries]
        parts = _with(parts, entries)
    receipts = []
    for entry in entries:
        body = decode_any(entry.body)
        if body["device"] != "D-centre":
            told = Receipted(body["device"], body["dseq"], entry.hash, entry.gseq, entry.chain, 1, entry.received_at)
            text = encode(told).decode()
            receipts.append(Receipt(text, key.sign(RECEIPT, text)))
    parts = _summed_anew({**parts, RECEIPTS: lines_of(receipts)}, entries)
    said = msgspec.structs.replace(decode(parts[MANIFEST], Manifest), centre_key=key.public)
    text = encode(said)
    return {**parts, MANIFEST: text, SIGNATURE: key.sign(EVIDENCE, text.decode()).encode()}


def _packed(parts: Parts) -> bytes:
    return pack(list(parts.items()))


def _other_words(parts: Parts) -> Parts:
    """What the squad said it had done, in other words."""
    entries = _entries(parts)
    told = [msgspec.structs.replace(e, body=e.body.replace("已清理", "没清理")) for e in entries]
    assert told != entries
    return _with(parts, told)


def _other_outcome(parts: Parts) -> Parts:
    first, *rest = _entries(parts)
    return _with(parts, [msgspec.structs.replace(first, outcome="merged"), *rest])


def _other_time(parts: Parts) -> Parts:
    *first, last = _entries(parts)
    return _with(parts, [*first, msgspec.structs.replace(last, lo=last.lo - 3_600_000)])


def _one_removed(parts: Parts) -> Parts:
    entries = _entries(parts)
    return _with(parts, [*entries[:4], *entries[5:]])


def _two_swapped(parts: Parts) -> Parts:
    entries = _entries(parts)
    return _with(parts, [*entries[:3], entries[4], entries[3], *entries[5:]])


CHANGES: dict[str, tuple[Callable[[Parts], Parts], str]] = {
    "other words": (_other_words, "body, hash"),
    "another outcome": (_other_outcome, "act 1 (gseq"),
    "another time": (_other_time, "is not the line the centre signed"),
    "an act removed": (_one_removed, "one is missing, or moved"),
    "two acts swapped": (_two_swapped, "one is missing, or moved"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_is_named(verifier: ModuleType, whole: bytes, change: str) -> None:
    spoil, named = CHANGES[change]
    raw = _packed(spoil(dict(unpack(whole))))
    assert named in complaint(verifier, raw)
    with pytest.raises(Malformed):
        read_evidence(raw, CENTRE_KEY.public)


@pytest.mark.parametrize("change", CHANGES)
def test_who_makes_every_hash_anew_is_caught_at_the_first_signature(
    verifier: ModuleType, whole: bytes, change: str
) -> None:
    raw = _packed(_hashed_anew(CHANGES[change][0](dict(unpack(whole)))))
    for expected in (CENTRE_KEY.public, ""):
        assert complaint(verifier, raw, expected).startswith(SIGNATURE)
    with pytest.raises(Malformed, match=SIGNATURE):
        read_evidence(raw, CENTRE_KEY.public)


def test_who_signs_with_a_key_of_his_own_for_the_centre_is_caught_at_the_first_act(
    verifier: ModuleType, whole: bytes
) -> None:
    """Even where nobody says which key is the centre's: the workstation's signature is not his to make."""
    raw = _packed(_signed_anew(_hashed_anew(_other_words(dict(unpack(whole)))), OWN_KEY, acts_too=False))
    found = complaint(verifier, raw, "")
    assert "case.feedback squad-officer sig" in found, found


def test_who_makes_up_all_keys_is_caught_by_the_key_of_the_centre_alone(verifier: ModuleType, whole: bytes) -> None:
    raw = _packed(_signed_anew(_hashed_anew(_other_words(dict(unpack(whole)))), OWN_KEY, acts_too=True))
    assert complaint(verifier, raw, "") == "", "it agrees with itself; that is all that can be said without the key"
    for expected in (CENTRE_KEY.public, key_fingerprint(CENTRE_KEY.public)):
        found = complaint(verifier, raw, expected)
        assert found.startswith(f"{MANIFEST} centre_key") and key_fingerprint(OWN_KEY.public) in found
    with pytest.raises(Malformed):
        read_evidence(raw, CENTRE_KEY.public)


def test_the_centre_itself_cannot_leave_an_act_out(verifier: ModuleType, whole: bytes) -> None:
    """It holds its key, but the case's versions are counted: an act that changed the case leaves a gap."""
    parts = _one_removed(dict(unpack(whole)))
    raw = _packed(_signed_anew(_summed_anew(parts, _entries(parts)), CENTRE_KEY, acts_too=False))
    assert "is not the next version" in complaint(verifier, raw)


# Two tellings of one order


def test_a_centre_that_tells_two_pasts_is_caught_by_two_files(verifier: ModuleType, whole: bytes, small: bytes) -> None:
    honest, other = verifier.Evidence(whole), verifier.Evidence(small)
    for found in (honest, other):
        found.check("")
    verifier.held_together([honest, other])
    parts = dict(unpack(whole))
    first, *rest = _entries(parts)
    told = [msgspec.structs.replace(first, outcome="merged"), *rest]
    twisted = verifier.Evidence(_packed(_signed_anew(_hashed_anew(_with(parts, told)), CENTRE_KEY, acts_too=False)))
    twisted.check(CENTRE_KEY.public)
    with pytest.raises(verifier.WrongError, match="two orders"):
        verifier.held_together([honest, twisted])


# What a person sees who runs it


def _verified(file: Path, raw: bytes) -> tuple[int, str]:
    """Its exit code and all that it prints."""
    file.write_bytes(raw)
    done = subprocess.run([sys.executable, "-I", str(VERIFIER), str(file)], capture_output=True, timeout=60)
    return done.returncode, (done.stdout + done.stderr).decode()


CLEARED = "\x1b[2J\x1b[H完好 / INTACT\r\n\x9b8m\u202e\u2066\u2028\u200b\x7f"
"""What clears a screen, says that all is well and hides what follows."""

SHOWN = r"\x1b[2J\x1b[H完好 / INTACT\r\n\x9b8m\u202e\u2066\u2028\u200b\x7f"


def _acted(parts: Parts, kind: str) -> Parts:
    first, *rest = _entries(parts)
    body = decode_any(first.body)
    body["args"]["type"] = kind
    return _with(parts, [msgspec.structs.replace(first, body=encode(body).decode()), *rest])


def test_foreign_text_moves_nothing_on_the_screen(whole: bytes, tmp_path: Path) -> None:
    parts = dict(unpack(whole))
    signed = _signed_anew(_acted(parts, CLEARED), OWN_KEY, acts_too=True)
    for raw, shown in ((signed, SHOWN), ({**parts, "\x1b[2J": b""}, r"\x1b[2J")):
        code, told = _verified(tmp_path / "evidence.zip", _packed(raw))
        assert code == 1 and told.startswith("不完好 / NOT INTACT: ") and shown in told, repr(told)
        assert told[:-1].isprintable() and told.endswith("\n")


def test_what_an_intact_file_says_moves_nothing_either(whole: bytes, tmp_path: Path) -> None:
    """Its centre may be anybody's, as long as nobody names the key."""
    parts = dict(unpack(whole))
    said = msgspec.structs.replace(decode(parts[MANIFEST], Manifest), made_by=CLEARED)
    text = encode(said)
    parts = {**parts, MANIFEST: text, SIGNATURE: CENTRE_KEY.sign(EVIDENCE, text.decode()).encode()}
    code, told = _verified(tmp_path / "evidence.zip", _packed(parts))
    lines = told[:-1].split("\n")
    assert code == 0 and all(line.isprintable() for line in lines) and f", {SHOWN}, " in lines[1], repr(told)
    assert lines[-1].startswith("前后一致") and len(lines) > 7, "its own lines stay lines"


def test_a_name_that_no_zip_can_hold_is_not_intact(whole: bytes, tmp_path: Path) -> None:
    """All of it signed, by a key of his own; the name is three times as long once it is read."""
    name = "\ufffd" * 30_000
    parts = {**_signed_anew(dict(unpack(whole)), OWN_KEY, acts_too=True), name: b""}
    manifest = decode(parts[MANIFEST], Manifest)
    text = encode(msgspec.structs.replace(manifest, members=(*manifest.members, sum_of(name, b""))))
    parts |= {MANIFEST: text, SIGNATURE: OWN_KEY.sign(EVIDENCE, text.decode()).encode()}
    raw = b""
    for named, body in parts.items():
        letters = named.encode("ascii", "replace").replace(b"?", b"\xff")
        sums = (len(body), len(body), len(letters), 0)
        raw += struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 0, 0, 33, 0, *sums) + letters + body
    code, told = _verified(tmp_path / "evidence.zip", raw)
    assert code == 1 and told.startswith("不完好 / NOT INTACT: ZIP") and told.count("\n") == 1, told[-300:]


# What stands beside the centre's members


def _with_member(parts: Parts, name: str, body: bytes) -> Parts:
    manifest = decode(parts[MANIFEST], Manifest)
    more = msgspec.structs.replace(manifest, members=(*manifest.members, sum_of(name, body)))
    text = encode(more)
    return {**parts, MANIFEST: text, SIGNATURE: CENTRE_KEY.sign(EVIDENCE, text.decode()).encode(), name: body}


def test_attachments_have_their_place_and_are_named_by_their_hash(verifier: ModuleType, whole: bytes) -> None:
    picture = b"a picture"
    parts = dict(unpack(whole))
    right = _with_member(parts, ATTACHMENTS + sha256(picture), picture)
    assert "no act added it" in complaint(verifier, _packed(right)), "those that were: test_evidence_attachments.py"
    assert "not named by its hash" in complaint(verifier, _packed(_with_member(parts, f"{ATTACHMENTS}x", picture)))
    assert "put in later" in complaint(verifier, _packed({**parts, ATTACHMENTS + sha256(picture): picture}))
    del right[ATTACHMENTS + sha256(picture)]
    assert "is missing" in complaint(verifier, _packed(right))


def test_what_has_no_list_is_not_taken_for_a_help_to_read(verifier: ModuleType, whole: bytes) -> None:
    parts = {**dict(unpack(whole)), TIMELINE: b"%PDF"}
    assert complaint(verifier, _packed(parts)).startswith(READING_LIST)
    assert complaint(verifier, _packed({**dict(unpack(whole)), READING_LIST: b"{}", READING_SIGNATURE: b""}))


def test_nothing_but_the_first_edition_of_the_format_is_read(verifier: ModuleType, whole: bytes) -> None:
    parts: dict[str, Any] = dict(unpack(whole))
    text = parts[MANIFEST].replace(b'"evidence-1"', b'"evidence-2"')
    raw = _packed({**parts, MANIFEST: text, SIGNATURE: CENTRE_KEY.sign(EVIDENCE, text.decode()).encode()})
    assert f"{MANIFEST} format" in complaint(verifier, raw)
    with pytest.raises(Malformed, match="format"):
        read_evidence(raw, CENTRE_KEY.public)


def test_half_a_letter_is_named_by_its_place(verifier: ModuleType) -> None:
    with pytest.raises(verifier.WrongError, match=r"entries\.jsonl 3: .* is no JSON"):
        verifier.as_json("entries.jsonl 3", '{"to": "\\ud83d"}')
