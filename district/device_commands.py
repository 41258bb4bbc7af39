"""What the command line does with workstations: a one-time code, the list, taking one out."""

from __future__ import annotations

import argparse
import datetime

from district import certificates, devices, enrolment, keys
from district.centre import Centre
from district.commands import clock_of, say
from district.opening import open_centre, open_database
from models.clock import SHANGHAI
from models.enrolment_code import fingerprint, pin_of
from models.errors import Refused
from models.workstations import MOST_MINUTES

BY = "command line"


def enrol(arguments: argparse.Namespace) -> None:
    """A one-time code for a workstation of a unit: the first line is to be read out to whoever stands before it."""
    here = opened(arguments)
    if arguments.unit not in here.rules.organisations:
        raise Refused("unknown_unit", unit=arguments.unit)
    if not 1 <= arguments.valid_minutes <= MOST_MINUTES:
        raise Refused("minutes_out_of_range", most=MOST_MINUTES)
    der = b""
    if not arguments.loopback:
        folder = keys.folder_of(arguments.database, arguments.keys)
        der = certificates.authority_bytes(certificates.authority_of(folder))
    told = (arguments.unit, arguments.label, BY, arguments.valid_minutes, pin_of(der) if der else "")
    with here.writing() as connection:
        code, expires = enrolment.make(connection, *told, here.clock.wall_ms(), here.random_bytes)
    here.engine.dispose()
    say(code.shown())
    name = here.rules.organisations[arguments.unit].name
    say(f"for one workstation of {arguments.unit} {name}, until {local_minute(expires)}")
    if der:
        say(f"authority {fingerprint(der)}")


def listed(arguments: argparse.Namespace) -> None:
    """Every workstation, one a line: id, unit, letter, acts, when heard of, key, state, label."""
    here = opened(arguments)
    with here.reading() as connection:
        found = devices.listed(connection)
    here.engine.dispose()
    for row in found:
        heard = local_minute(row.heard_at) if row.heard_at is not None else "-"
        state = "in use"
        if row.revoked_at is not None:
            state = f"revoked {local_minute(row.revoked_at)} by {row.revoked_by} ({row.reason}), {row.quarantined} kept apart, {row.to_review} to review"
        if row.stepped_at is not None:
            moved = f"{row.stepped_ms / 1000:+.0f} s on {local_minute(row.stepped_at)}"
            state = f"{state}; clock moved {row.wall_steps} times, last {moved}"
        key = "signs" if row.has_key else "no key"
        say("\t".join((row.id, row.unit, row.slot, str(row.acts), heard, key, state, row.label)))


def revoke(arguments: argparse.Namespace) -> None:
    """Take a workstation out: what it still hands in is kept apart, judged by nobody."""
    here = opened(arguments)
    now = here.clock.wall_ms()
    with here.writing() as connection:
        done = devices.revoke(connection, arguments.device, BY, arguments.reason, now)
    here.engine.dispose()
    say("revoked" if done else "it was revoked before")


def opened(arguments: argparse.Namespace) -> Centre:
    """The centre over the database that was named."""
    return open_centre(open_database(arguments.database), clock_of(arguments.demo_clock))


def local_minute(at_ms: int) -> str:
    """As the command line prints an instant."""
    return datetime.datetime.fromtimestamp(at_ms / 1000, SHANGHAI).strftime("%Y-%m-%d %H:%M")
