#!/usr/bin/env python3
"""Is an evidence file of a case intact? Needs Python 3.11 and `cryptography`, and nothing of the program that made it.

    python verify_evidence.py FILE [FILE ...] [--centre-key KEY]

KEY is the district centre's public key or its fingerprint, got from the centre and not with the file. Ends with 0: intact;
1: not, and the first thing that is not right is named; 2: no evidence file. Without KEY 0 means that it agrees with itself.
Several files are also held against each other.

核对案件证据包:0 完好;1 不完好,并指出第一处不对;2 不是证据包。公钥或指纹须另向区中心索取。
"""

from __future__ import annotations

import argparse
import base64
import binascii
import datetime
import hashlib
import json
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT, CENTRE_ITSELF, FIRST_LINK = "evidence-1", "D-centre", "0" * 64
ATTACHMENTS, READING = "attachments/", "reading/"
MANIFEST, SIGNATURE, ENTRIES, RECEIPTS = "manifest.json", "manifest.sig", "entries.jsonl", "receipts.jsonl"
DEVICES, NAMES, CHECKPOINTS = "devices.json", "names.json", "checkpoints.json"
ADDED = LIST, LIST_SIGNATURE, TIMELINE = "reading/reading.json", "reading/reading.sig", "reading/timeline.pdf"
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))
Member = tuple[str, bytes]
Told = dict[str, Any]


class WrongError(Exception):
    """The first thing that is not right: where, and what of it."""


class NoEvidenceError(Exception):
    """Something else."""


def must(fine: bool, where: str, what: str) -> None:
    """Or else: what is wrong, and where."""
    if not fine:
        raise WrongError(f"{where}: {what}")


def packed(members: list[Member]) -> bytes:
    """The one ZIP with these members: stored, undated, nothing optional."""
    files, listing, offset = b"", b"", 0
    for name, body in members:
        raw, sums = name.encode(), (zlib.crc32(body), len(body), len(body), len(name.encode()), 0)
        file = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 0, 0, 33, *sums) + raw + body
        head = struct.pack("<IHHHHHHIIIHH", 0x02014B50, 788, 20, 0, 0, 0, 33, *sums)
        listing += head + struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, offset) + raw
        files, offset = files + file, offset + len(file)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(members), len(members), len(listing), offset, 0)
    return files + listing + end


def taken_apart(raw: bytes) -> list[Member]:
    """The members as far as they can be found; whether the ZIP is as it should be is asked later (`check_zip`)."""
    members, at = [], 0
    while raw[at : at + 4] == b"PK\x03\x04" and at + 30 <= len(raw):
        size, length = struct.unpack_from("<IH", raw, at + 22)
        begin = at + 30 + length
        members.append((raw[at + 30 : begin].decode("ascii", "replace"), raw[begin : begin + size]))
        at = begin + size
    return members


def check_zip(raw: bytes, members: list[Member]) -> None:
    """The file is what comes out when its members are packed again: no byte is left that nobody looks at."""
    try:
        again = packed(members)
    except struct.error as error:
        raise WrongError("ZIP: 文件数或文件名过大 / more members, or a longer name, than a ZIP holds") from error
    if raw != again:
        differs = (n for n, (one, other) in enumerate(zip(raw, again, strict=False)) if one != other)
        place = next(differs, min(len(raw), len(again)))
        must(False, f"ZIP, {place}", "文件结构从此字节起被改动 / the ZIP itself differs from this byte on")
    must(len(dict(members)) == len(members), "ZIP", "有重名文件 / two members have one name")


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def is_that(body: bytes, told: Told) -> bool:
    return (len(body), sha256(body)) == (told["size"], told["sha256"])


def key_bytes(text: str, length: int = 32) -> bytes | None:
    """What unpadded URL-safe Base64 says, if it says it in its one spelling."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == length and base64.urlsafe_b64encode(raw).decode().rstrip("=") == text else None


def fingerprint(key: str) -> str:
    """As the centre and its consoles show it: SHA-256 of the key's bytes, in groups of four."""
    letters = sha256(key_bytes(key) or b"").upper()
    return " ".join(letters[n : n + 4] for n in range(0, 64, 4))


def is_signed(key: str, signature: str, purpose: str, text: str) -> bool:
    public, proof = key_bytes(key) or b"", key_bytes(signature, 64) or b""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(proof, f"{purpose}|{text}".encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def as_json(where: str, raw: bytes | str) -> Any:
    try:
        return json.loads(json.dumps(json.loads(raw), ensure_ascii=False).encode())  # half a letter (\ud83d) is none
    except (ValueError, RecursionError) as error:
        raise WrongError(f"{where}: 不是合格的 JSON / is no JSON") from error


def shape(where: str, value: Any, texts: str = "", numbers: str = "", lists: str = "", records: str = "") -> Told:
    """The value, a JSON object with at least these fields."""
    must(isinstance(value, dict), where, "不是合格的记录 / is no record")
    for kind, names in ((str, texts), (int, numbers), (list, lists), (dict, records)):
        for name in names.split():
            must(isinstance(value.get(name), kind), f"{where} {name}", "缺少或类型不对 / is missing or of another kind")
    return dict(value)


def as_list(where: str, raw: bytes) -> list[Any]:
    found = as_json(where, raw)
    must(isinstance(found, list), where, "不是合格的清单 / is no list")
    return list(found)


def minute(at_ms: int) -> str:
    try:
        return datetime.datetime.fromtimestamp(at_ms / 1000, SHANGHAI).strftime("%Y-%m-%d %H:%M:%S +08:00")
    except (ValueError, OverflowError, OSError):
        return str(at_ms)


class Evidence:
    """One file: read, then checked step by step. `heads`: what it says of the district's chain, by place."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.members = raw, taken_apart(raw)
        self.found = dict(self.members)
        if sum(mark.encode() in raw for mark in (f'"format":"{FORMAT}"', ENTRIES, SIGNATURE)) < 2:
            raise NoEvidenceError
        self.heads, self.manifest = {0: FIRST_LINK}, dict[str, Any]()
        self.devices, self.entries = dict[str, Told](), list[Told]()
        self.chains: dict[tuple[str, int], tuple[str, str]] = {}
        self.unsigned, self.notes, self.by_centre = list[str](), list[str](), 0

    def check(self, expected: str) -> None:
        """Everything, in the order in which it can be trusted. WrongError names the first thing that is not right."""
        self._manifest(expected)
        self._members()
        self._acts()
        self._receipts()
        self._heads()
        self._attachments()
        self._reading()
        check_zip(self.raw, self.members)

    # What the centre signed

    def _manifest(self, expected: str) -> None:
        must(MANIFEST in self.found, MANIFEST, "没有目录 / is missing")
        texts, numbers = "format case number made_by unit device head_chain centre_key", "whole made_at head_gseq"
        told = as_json(MANIFEST, self.found[MANIFEST])
        self.manifest = shape(MANIFEST, told, texts, numbers, "entries members")
        must(self.manifest["format"] == FORMAT, f"{MANIFEST} format", "不认识的格式 / is unknown to this program")
        key = self.manifest["centre_key"]
        letters = "".join(c for c in expected if c not in " :").upper()
        known = not expected or expected == key or letters == fingerprint(key).replace(" ", "")
        must(known, f"{MANIFEST} centre_key", f"不是所要的区中心 / is not the centre you named: {fingerprint(key)}")
        signature, text = self.found.get(SIGNATURE, b"").decode("ascii", "replace"), self.found[MANIFEST].decode()
        fine = is_signed(key, signature, "evidence", text)
        must(fine, SIGNATURE, "区中心对目录的签名不对 / the centre's signature over the manifest is wrong")

    def _members(self) -> None:
        listed: dict[str, Told] = {}
        for number, told in enumerate(self.manifest["members"]):
            listed[told["name"]] = shape(f"{MANIFEST} members {number}", told, "name sha256", "size")
        for name in (ENTRIES, RECEIPTS, DEVICES, NAMES, CHECKPOINTS):
            must(name in listed, name, "目录里没有 / is not in the manifest")
        stand = [name for name, _ in self.members]
        added = list(ADDED) if any(name.startswith(READING) for name in stand) else []
        for name, told in listed.items():
            must(name in self.found, name, "目录里有,文件里没有 / stands in the manifest and is missing")
            is_named = not name.startswith(ATTACHMENTS) or name == ATTACHMENTS + told["sha256"]
            must(is_named, name, "附件名不是其哈希 / is not named by its hash")
            fine = name == ENTRIES or is_that(self.found[name], told)  # acts come line by line: so it is said which
            must(fine, name, "内容与目录不符 / is not what the manifest says")
        for name in stand:
            fine = name in listed or name in (MANIFEST, SIGNATURE, *added)
            must(fine, name, "目录里没有,是后来放进来的 / is not in the manifest: it was put in later")
        for name in added:
            must(name in stand, name, "阅读件不全 / is missing from what was added for reading")
        order = [MANIFEST, SIGNATURE, *listed, *added]
        must(stand == order, "ZIP", "文件次序与目录不符 / the members stand in another order")

    # What was done

    def _acts(self) -> None:
        for number, told in enumerate(as_list(DEVICES, self.found[DEVICES])):
            found = shape(f"{DEVICES} {number}", told, "id unit slot public_key")
            self.devices[found["id"]] = found
        lines, wanted, version = self.found[ENTRIES].split(b"\n"), self.manifest["entries"], 0
        for number, (gseq, digest) in enumerate(wanted, start=1):
            where = f"第 {number} 项 / act {number} (gseq {gseq})"
            must(number < len(lines), where, "缺少此项 / is missing")
            entry, where = self._act(where, lines[number - 1], gseq)
            version = self._version(where, entry, version)
            fine = sha256(lines[number - 1] + b"\n") == digest
            must(fine, where, "此行(时间、理由等)不是区中心签过的 / is not the line the centre signed")
        fine = len(lines) == len(wanted) + 1 and not lines[-1]
        must(fine, ENTRIES, "多出目录没有的内容 / holds more than the manifest says")

    def _act(self, where: str, line: bytes, gseq: int) -> tuple[Told, str]:
        texts = "previous chain hash outcome effect body alg sig"
        entry = shape(where, as_json(where, line), texts, "gseq case_version received_at lo hi")
        moved = f"此处是第 {entry['gseq']} 号:有缺项或次序被改 / another act stands here: one is missing, or moved"
        must(entry["gseq"] == gseq, f"{where} gseq", moved)
        told = as_json(f"{where} body", entry["body"])
        body = shape(f"{where} body", told, "device prev actor cmd_id", "dseq", records="subject args")
        where = f"{where} {body['args'].get('type', '')} {body['actor']}"
        fine = body["subject"].get("id") == self.manifest["case"]
        must(fine, f"{where} subject", "是别的案件的 / is about another case")
        fine = sha256(f"{body['prev']}|{entry['body']}".encode()) == entry["hash"]
        must(fine, f"{where} body, hash", "操作原文与其哈希不符 / the act's text does not have its hash")
        self._signature(where, entry, body["device"])
        link = f"{entry['previous']}|{gseq}|{entry['hash']}|{entry['outcome']}|{entry['effect']}"
        fine = sha256(link.encode()) == entry["chain"]
        must(fine, f"{where} previous, outcome, effect, chain", "与全区顺序链不符 / does not fit the district's chain")
        self._head(f"{where} previous", gseq - 1, entry["previous"])
        self._head(f"{where} chain", gseq, entry["chain"])
        self._place(where, body, entry["hash"])
        self.entries.append({**entry, "told": body})
        return entry, where

    def _signature(self, where: str, entry: Told, device: str) -> None:
        must(device in self.devices, f"{where} device", f"没有工作机 / no such workstation: {device}")
        key = self.devices[device]["public_key"]
        if not key and (entry["alg"], entry["sig"]) == ("none", ""):
            if device == CENTRE_ITSELF:
                self.by_centre += 1
            else:
                self.unsigned.append(where)
            return
        fine = entry["alg"] == "ed25519" and is_signed(key, entry["sig"], "act", entry["hash"])
        must(fine, f"{where} sig", f"工作机 {device} 的签名不对 / the workstation's signature is wrong")

    def _version(self, where: str, entry: Told, before: int) -> int:
        if entry["effect"] == "null":
            return before
        effect = shape(f"{where} effect", as_json(f"{where} effect", entry["effect"]), "case", "version")
        fine = effect["case"] == self.manifest["case"] and effect["version"] == entry["case_version"] == before + 1
        must(fine, f"{where} effect", f"应是第 {before + 1} 版:有缺项 / is not the next version: an act is missing")
        return before + 1

    def _place(self, where: str, body: Told, digest: str) -> None:
        """Acts that stand side by side in the chain of one workstation fit each other."""
        device, dseq = body["device"], body["dseq"]
        before, after = self.chains.get((device, dseq - 1)), self.chains.get((device, dseq + 1))
        fine = (device, dseq) not in self.chains and (before is None or before[1] == body["prev"])
        fine = fine and (after is None or after[0] == digest)
        must(fine, f"{where} prev, dseq", "与该工作机自己的链不符 / does not fit the chain of its workstation")
        self.chains[(device, dseq)] = (body["prev"], digest)

    def _receipts(self) -> None:
        theirs = [entry for entry in self.entries if entry["told"]["device"] != CENTRE_ITSELF]
        lines = self.found[RECEIPTS].splitlines()
        must(len(lines) == len(theirs), RECEIPTS, "回执数目不对 / there is not one receipt for each act")
        for number, (line, entry) in enumerate(zip(lines, theirs, strict=True), start=1):
            where = f"{RECEIPTS} {number} (gseq {entry['gseq']})"
            said, body = self._receipt(where, as_json(where, line)), entry["told"]
            wanted = (body["device"], body["dseq"], entry["hash"], entry["gseq"], entry["chain"], entry["received_at"])
            fine = tuple(said[name] for name in ("device", "dseq", "hash", "gseq", "chain", "at")) == wanted
            must(fine, where, "不是这项操作的回执 / is not the receipt of that act")

    def _receipt(self, where: str, value: Any) -> Told:
        told = shape(where, value, "body sig")
        fine = is_signed(self.manifest["centre_key"], told["sig"], "receipt", told["body"])
        must(fine, f"{where} sig", "区中心的签名不对 / the centre's signature is wrong")
        return shape(where, as_json(where, told["body"]), "device hash chain", "dseq gseq at")

    # The order of the whole district

    def _head(self, where: str, gseq: int, chain: str) -> None:
        what = f"全区第 {gseq} 号有两种链值 / the district's chain has two values at place {gseq}"
        must(self.heads.setdefault(gseq, chain) == chain, where, what)

    def _heads(self) -> None:
        for gseq, chain in as_list(CHECKPOINTS, self.found[CHECKPOINTS]):
            self._head(f"{CHECKPOINTS} {gseq}", gseq, chain)
        self._head(f"{MANIFEST} head_chain", self.manifest["head_gseq"], self.manifest["head_chain"])

    def _attachments(self) -> None:
        named = {entry["told"]["args"].get("sha256") for entry in self.entries}
        here = [name for name in self.found if name.startswith(ATTACHMENTS)]
        for name in here:
            must(name.removeprefix(ATTACHMENTS) in named, name, "没有一项操作添加过它 / no act added it")
        self.notes.append(f"附件原件 / attachments: {len(here)} 个在内 / inside")
        self.notes += [f"不在内,另取后比对 / not inside, to compare: {d}" for d in self.manifest.get("left_out", [])]

    # What a workstation added for reading

    def _reading(self) -> None:
        if LIST not in self.found:
            return
        told = shape(LIST, as_json(LIST, self.found[LIST]), "manifest device printed_by", "printed_at", "files")
        fine = (told["device"], told["manifest"]) == (self.manifest["device"], sha256(self.found[MANIFEST]))
        must(fine, LIST, "不是与此目录配套的 / does not belong to this manifest")
        key = self.devices.get(told["device"], {}).get("public_key", "")
        must(bool(key), LIST, "没有能为它签名的工作机 / no workstation could sign it: it was put in later")
        signature = self.found[LIST_SIGNATURE].decode("ascii", "replace")
        fine = is_signed(key, signature, "reading", self.found[LIST].decode())
        must(fine, LIST_SIGNATURE, "工作机对阅读件的签名不对 / the workstation's signature is wrong")
        wanted = {"name": TIMELINE, "size": len(self.found[TIMELINE]), "sha256": sha256(self.found[TIMELINE])}
        must(told["files"] == [wanted], TIMELINE, "内容与清单不符 / is not what its list says")
        if told.get("receipt") is not None:
            said = self._receipt(f"{LIST} receipt", told["receipt"])
            self._head(f"{LIST} receipt", said["gseq"], said["chain"])
        by = "工作机签名 / signed by the workstation"
        self.notes.append(f"仅供阅读,区中心不作证 / for reading only, not vouched for: {TIMELINE} ({by})")


def say(text: str) -> None:
    """One line: what a file brings along that would move or hide what a screen shows is written as its number."""
    print("".join(c if c.isprintable() else ascii(c)[1:-1] for c in text))


def held_together(files: list[Evidence]) -> None:
    """Files of one centre must tell of one order."""
    first = files[0]
    for other in files[1:]:
        fine = other.manifest["centre_key"] == first.manifest["centre_key"]
        must(fine, "centre_key", "不是同一个区中心的 / the files are of two centres")
        both = sorted(first.heads.keys() & other.heads.keys() - {0})
        for gseq in both:
            what = "各文件说的全区顺序不是同一个 / the files tell of two orders of the district"
            must(first.heads[gseq] == other.heads[gseq], f"gseq {gseq}", what)
        say(f"互相对照:同一顺序,共比对 {len(both)} 处 / one order, compared at {len(both)} places")


def report(found: Evidence, expected: str) -> None:
    """What is proved, by whom, and what is not."""
    m, centre, unsigned = found.manifest, found.by_centre, len(found.unsigned)
    say(f"案件 / case: {m['number']} {m['case']}")
    say(f"制作 / made: {minute(m['made_at'])}, {m['made_by']}, {m['unit']} {m['device']}; gseq {m['head_gseq']}")
    reach = "区中心留存的全部操作 / all the centre keeps" if m["whole"] else "该单位可见的操作 / what that unit may see"
    say(f"范围 / reach: {reach}")
    say(f"操作 / acts: {len(found.entries)}; 区中心自己的 / the centre's own: {centre}")
    say(f"工作机签名 / signed by workstations: {len(found.entries) - centre - unsigned}")
    say(f"没有签名(旧版登记),只有区中心为证 / unsigned, only the centre vouches for them: {unsigned}")
    for line in (*found.unsigned, *found.notes):
        say(f"  {line}")
    say(f"区中心公钥指纹 / fingerprint of the centre's key: {fingerprint(m['centre_key'])}")
    if not expected:
        say("没有给出公钥:只证明文件前后一致;请核对指纹 / no key was named: the file agrees with itself, no more")


def main() -> int:
    """See the top."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", metavar="FILE", type=Path, nargs="+")
    parser.add_argument("--centre-key", default="", help="its public key or fingerprint / 区中心公钥或指纹")
    asked = parser.parse_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    checked: list[Evidence] = []
    try:
        for file in asked.files:
            checked.append(Evidence(file.read_bytes()))
            checked[-1].check(asked.centre_key)
            report(checked[-1], asked.centre_key)
        held_together(checked)
    except (NoEvidenceError, OSError) as error:
        say(f"不是证据包,或读不到 / no evidence file, or it cannot be read: {error!r}")
        return 2
    except (WrongError, ValueError, TypeError, LookupError, RecursionError) as error:
        say(f"不完好 / NOT INTACT: {error if isinstance(error, WrongError) else repr(error)}")
        return 1
    say("完好 / INTACT" if asked.centre_key else "前后一致,出自何处未证明 / CONSISTENT, ORIGIN NOT PROVED")
    return 0


if __name__ == "__main__":
    sys.exit(main())
