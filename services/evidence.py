"""The evidence file of a case on the console: asked of the centre, checked, made readable, packed again (R78).

The centre makes and signs it (district/evidence.py). Nothing is shown or kept before it fits the centre's key and the newest
receipt this workstation holds."""

from __future__ import annotations

from typing import Any

import msgspec

from models.case import Case, Step
from models.errors import Refused
from models.evidence import Grade, Moment
from models.evidence_file import (
    MANIFEST,
    READING_LIST,
    READING_SIGNATURE,
    TIMELINE,
    Evidence,
    EvidenceEntry,
    ReadingList,
    read_evidence,
    sha256,
    sum_of,
)
from models.evolve import apply_effect
from models.owed_evidence import clocks_shown
from models.people import CENTRE_DEVICE, DISTRICT_ITSELF
from models.signing import READING, SigningKey, key_fingerprint
from models.store.work import Work
from models.stored_zip import pack
from models.timeline import Timeline, TimelineAct
from models.wire import Effect, Malformed, Reason, Receipt, Receipted, decode, decode_any, encode
from services.desk import Desk
from services.receipts import newest_signed
from services.spared import Spared, spared
from services.sync.line import Line

MARK_LETTERS = 12


class Wanted(msgspec.Struct, frozen=True):
    """A case whose evidence is wanted, and what the answer must fit: the key the centre is known by here, and the newest
    receipt, if there is one."""

    case_id: str
    centre_key: str
    receipt: Receipt | None


def wanted(work: Work, case_id: str) -> Wanted:
    """Refused("centre_key_unknown") for a store of the time before keys: it cannot check what it is given."""
    key = work.read_meta("centre_key")
    if not key:
        raise Refused("centre_key_unknown")
    return Wanted(case_id, key, newest_signed(work))


def fetch(line: Line, asked: Wanted, session: str) -> Evidence:
    """Ask the centre, which records who took it, and check the answer. Weather; Refused("session_expired"),
    ("no_such_case"), ("evidence_wrong"), ("evidence_of_other_order") when it does not contain what a receipt says."""
    said = decode(asked.receipt.body, Receipted) if asked.receipt is not None else None
    raw = line.evidence(asked.case_id, said.gseq if said is not None else 0, session)
    try:
        found = read_evidence(raw, asked.centre_key)
    except Malformed as error:
        raise Refused("evidence_wrong", where=error.where) from error
    if found.manifest.case != asked.case_id:
        raise Refused("evidence_wrong", where="case")
    if said is not None and said.epoch == found.manifest.epoch and found.heads.get(said.gseq) != said.chain:
        raise Refused("evidence_of_other_order")
    return found


def packed(found: Evidence, asked: Wanted, desk: Desk, printed_at: int, pdf: bytes, key: SigningKey | None) -> bytes:
    """The file with the timeline beside it, signed by this workstation. Its newest receipt goes with it, if it is of the same
    history of the district. Refused("centre_key_unknown") without a key, as of the time before keys: no verifier takes what
    nobody signed."""
    if key is None:
        raise Refused("centre_key_unknown")
    manifest = sha256(dict(found.members)[MANIFEST])
    receipt = asked.receipt
    if receipt is not None and decode(receipt.body, Receipted).epoch != found.manifest.epoch:
        receipt = None
    said = ReadingList(manifest, desk.device, desk.person, printed_at, (sum_of(TIMELINE, pdf),), receipt)
    text = encode(said)
    signature = key.sign(READING, text.decode()).encode()
    return pack([*found.members, (READING_LIST, text), (READING_SIGNATURE, signature), (TIMELINE, pdf)])


# The timeline


def timeline(work: Work, desk: Desk, found: Evidence) -> Timeline:
    """What happened, act by act, from what the centre's signature covers; as this workstation's names have it."""
    rules, manifest = work.rules, found.manifest
    case = _case(found.entries)
    spare = spared(work, case)
    names = {code: o.name for code, o in rules.organisations.items()} | {p.id: p.name for p in rules.people.values()}
    steps = {step.cmd_id: step for step in case.history}
    operator, category = rules.people.get(desk.person), rules.categories.get(case.category)
    return Timeline(
        number=case.number,
        title=spare(case.title),
        place=spare(case.place),
        category_name=category.name if category else "",
        town_name=names.get(case.town, case.town),
        state=case.state.value,
        whole=manifest.whole,
        clocks=tuple((clock, names.get(clock.owner, clock.owner)) for clock in clocks_shown(case)),
        acts=tuple(_act(entry, steps, names, spare) for entry in found.entries),
        names=names,
        made_at=manifest.made_at,
        head_gseq=manifest.head_gseq,
        manifest=sha256(dict(found.members)[MANIFEST]),
        fingerprint=key_fingerprint(manifest.centre_key),
        source=rules.reference.source,
        operator_name=operator.name if operator else "",
        printed_at=work.present().shown_at,
    )


def _case(entries: tuple[EvidenceEntry, ...]) -> Case:
    case: Case | None = None
    for entry in entries:
        if entry.effect != "null":
            case = apply_effect(case, decode(entry.effect, Effect))
    if case is None:
        raise Refused("evidence_wrong", where="effect")
    return case


def _act(entry: EvidenceEntry, steps: dict[str, Step], names: dict[str, str], spare: Spared) -> TimelineAct:
    body: dict[str, Any] = decode_any(entry.body)
    step = steps.get(body["cmd_id"])
    by_centre = body["device"] == CENTRE_DEVICE
    person = step.actor if step is not None and by_centre else body["actor"]
    person = "" if person == DISTRICT_ITSELF else str(person)
    return TimelineAct(
        gseq=entry.gseq,
        kind=str(body["args"].get("type", "")),
        at=Moment(entry.lo, entry.hi, Grade(entry.grade)),
        received_at=entry.received_at,
        unit_name=names.get(body["unit"], body["unit"]),
        person_name=names.get(person, person),
        on_behalf_name=names.get(step.on_behalf, step.on_behalf) if step else "",
        to_name=names.get(step.to, "") if step else "",
        result=step.result if step else "",
        note=spare(step.note) if step else "",
        outcome=entry.outcome,
        reason=_reason(entry, spare),
        signed="centre" if by_centre else "device" if entry.sig else "none",
        mark=entry.hash[:MARK_LETTERS],
    )


def _reason(entry: EvidenceEntry, spare: Spared) -> Reason | None:
    """A refusal may quote what was typed, also what stands in the case no longer (field_changed)."""
    reason: Reason | None = decode(entry.reason, Reason | None)  # type: ignore[arg-type]
    if reason is None:
        return None
    told = {name: spare(value) if isinstance(value, str) else value for name, value in reason.args.items()}
    return msgspec.structs.replace(reason, args=told)
