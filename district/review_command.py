"""What the command line does with acts that lie apart: list them, admit or decline."""

from __future__ import annotations

import argparse

from district import review
from district.centre import Centre
from district.commands import say
from district.device_commands import BY, local_minute, opened
from models.errors import Refused
from models.quarantine import Apart

ALL = "all"


def review_of(arguments: argparse.Namespace) -> None:
    """Without a decision: every act that is shown, one a line: number, hash, who, what, case, claimed, came in, whether it may
    be admitted, what was decided. With one: what it came to."""
    here = opened(arguments)
    try:
        found = _apart(here, arguments.device)
        words = arguments.admit or arguments.decline
        if words:
            _decide(here, found, words, arguments)
        else:
            _list(found)
    finally:
        here.engine.dispose()


def _apart(here: Centre, device: str) -> Apart:
    with here.reading() as connection:
        return review.apart(connection, device, here.clock.wall_ms())


def _list(found: Apart) -> None:
    for act in found.acts:
        state = "waits" if act.may_be_admitted else "waits, cannot be admitted"
        if act.decision and act.decided_at is not None:
            state = f"{act.decision} {local_minute(act.decided_at)} by {act.decided_by} ({act.reason})"
        what = act.outcome or "not in the order"
        if act.through:
            what = f"{what}, through {act.through}"
        signed = "signed" if act.is_signed else "signature wrong"
        joins = "joins" if act.joins else "no link"
        made, came = local_minute(act.made_at), local_minute(act.received_at)
        told = (str(act.dseq), act.hash[:12], act.actor, act.kind, act.case_number or act.case_id or "-", made, came)
        say("\t".join((*told, signed, joins, state, what)))
    say(f"{found.waiting} wait, {found.decided} decided")


def _decide(here: Centre, found: Apart, words: list[str], arguments: argparse.Namespace) -> None:
    admit = bool(arguments.admit)
    asked = review.Asked(found.device, _hashes(found, words, admit), admit, BY, arguments.reason)
    with here.reading() as connection:
        acts = review.read(connection, asked)
    with here.in_order() as journal:
        done = review.decide(journal, asked, acts)
    for cmd_id, outcome, code, gseq in done.known:
        say("\t".join((cmd_id, outcome, code or "-", str(gseq))))
    say(f"{done.decided} {'admitted' if admit else 'declined'}")


def _hashes(found: Apart, words: list[str], admit: bool) -> tuple[str, ...]:
    if words == [ALL]:
        return tuple(a.hash for a in found.acts if (a.may_be_admitted if admit else not a.decision))
    return tuple(_one(found, word) for word in words)


def _one(found: Apart, word: str) -> str:
    fitting = [act.hash for act in found.acts if act.hash.startswith(word)]
    if not fitting:
        raise Refused("no_such_act", act=word)
    if len(fitting) > 1:
        raise Refused("act_ambiguous", act=word)
    return fitting[0]
