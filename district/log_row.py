"""An entry of the order as a row of the log."""

from __future__ import annotations

from district.judge import Judgement
from district.parsing import Parsed
from models.evidence import Moment
from models.tray_acts import SUBJECT
from models.wire import Entry, encode


def log_row(parsed: Parsed, entry: Entry, judgement: Judgement, at: Moment) -> dict[str, object]:
    """What is stored of it: the act as it came, and what it came to. An act about another act is found by that one's id."""
    return {
        "gseq": entry.gseq,
        "cmd_id": parsed.cmd_id,
        "device": parsed.device,
        "dseq": parsed.dseq,
        "case_id": parsed.subject.id if parsed.subject.type in ("case", SUBJECT) else "",
        "kind": parsed.kind,
        "actor": parsed.actor,
        "body": parsed.sealed.body,
        "hash": parsed.sealed.hash,
        "alg": parsed.sealed.alg,
        "sig": parsed.sealed.sig,
        "outcome": entry.outcome,
        "reason": encode(judgement.reason).decode(),
        "effect": judgement.effect.decode(),
        "case_version": entry.case_version,
        "rules": entry.rules,
        "received_at": entry.received_at,
        "lo": at.lo,
        "hi": at.hi,
        "grade": at.grade.value,
        "chain": entry.chain,
    }


def feed_row(scope: str, sseq: int, gseq: int, mode: str, document: bytes | None, chain: str) -> dict[str, object]:
    """The columns of an entry's row in one feed; `document` is the case where the mode carries it whole."""
    return {"scope": scope, "sseq": sseq, "gseq": gseq, "mode": mode, "document": document, "chain": chain}
