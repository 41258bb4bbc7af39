"""`python -m district recovery`: how far a restored district is with its past; `--end` waits for nobody any more."""

from __future__ import annotations

import argparse

from district import recovery
from district.commands import clock_of, say
from district.device_commands import BY, local_minute
from district.opening import open_centre, open_database
from district.recovered import recovered
from models.errors import Refused


def recovery_of(arguments: argparse.Namespace) -> None:
    """Who is missing, how many acts wait, every act that came to something else than before, and whom the copy had trusted
    again."""
    if arguments.end and not arguments.reason.strip():
        raise Refused("reason_missing")
    here = open_centre(open_database(arguments.database), clock_of(arguments.demo_clock))
    try:
        if arguments.end:
            recovery.end_now(here, BY, arguments.reason.strip())
        with here.reading() as connection:
            found = recovered(connection, here.clock.wall_ms())
            ended = recovery.ended_early(connection)
    finally:
        here.engine.dispose()
    for one in found.differences:
        who = (one.unit, one.slot, one.actor, one.kind, one.case_number or one.case_id)
        was, now = (f"{outcome} {code}".strip() for outcome, code in ((one.was, one.was_code), (one.now, one.now_code)))
        clock = (f"{one.stage} clock: was {one.was_clock or 'not told'}, now {one.now_clock or 'not judged'}",)
        say("\t".join((*who, f"was {was}", f"now {now}", *(clock if one.stage else ()))))
    for missing in found.missing:
        say(f"missing: {missing.unit} {missing.slot} ({missing.device}): {missing.has_dseq} of {missing.had_dseq} acts")
    for out in found.revoked_again:
        who_did = f"{local_minute(out.at)} by {out.by} ({out.reason})"
        say(f"revoked again in epoch {out.epoch}: {out.unit} {out.slot} ({out.device}), as revoked {who_did}")
    for early in ended:
        say(f"epoch {early.epoch}: ended {local_minute(early.at_ms)} by {early.by} ({early.reason})")
    state = f"waits until {local_minute(found.ends_at)} at most" if found.ends_at is not None else "waits for nobody"
    counted = (
        f"{found.offered} acts offered again, {found.back} decided, {found.differing} differ, {found.waiting} wait; "
        f"{found.of_clocks} differ by a clock only, the clocks of {found.uncompared} could not be compared"
    )
    say(f"epoch {found.epoch}: {state}; {counted}")
