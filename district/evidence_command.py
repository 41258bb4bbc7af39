"""What the command line does with evidence: make the file of a case, list who took one."""

from __future__ import annotations

import argparse

from district import blobs, evidence, keys
from district.centre import Centre
from district.commands import clock_of, say
from district.device_commands import local_minute
from district.keys import CentreKeys
from district.opening import open_centre, open_database
from district.store import evidence as rows
from models.blob_folder import BlobFolder
from models.errors import Refused
from models.files import FOR_ITS_OWNER, write_whole
from models.organisation import DISTRICT_CODE
from models.signing import key_fingerprint
from models.store.case_table import get_case

BY = "command line"


def evidence_of(arguments: argparse.Namespace) -> None:
    """Everything the order holds on a case, signed, into a file; without a file: who took one before, and when.
    Refused("no_such_case"), ("case_ambiguous") for a number that several cases have, ("file_exists")."""
    folder = keys.folder_of(arguments.database, arguments.keys)
    engine = open_database(arguments.database)
    with engine.begin() as connection:
        signing = keys.key_for(connection, folder)
    lie = BlobFolder(blobs.folder_of(arguments.database, folder, arguments.blobs))
    here = open_centre(engine, clock_of(arguments.demo_clock), keys=CentreKeys(signing), blobs=lie)
    try:
        case_id = _case(here, arguments.case)
        if arguments.file is None:
            _list(here, case_id)
        else:
            _make(here, case_id, arguments)
    finally:
        engine.dispose()


def _case(here: Centre, named: str) -> str:
    with here.reading() as connection:
        found = [named] if get_case(connection, named) is not None else rows.cases_numbered(connection, named)
    if not found:
        raise Refused("no_such_case", case=named)
    if len(found) > 1:
        raise Refused("case_ambiguous", case=named, ids=", ".join(found))
    return found[0]


def _make(here: Centre, case_id: str, arguments: argparse.Namespace) -> None:
    if arguments.file.exists():
        raise Refused("file_exists", file=str(arguments.file))
    asked, now = evidence.Asked(case_id, BY, DISTRICT_CODE), here.clock.wall_ms()
    key = here.keys.signing
    with here.reading() as connection:
        made = evidence.make(connection, key, here.rules, here.blobs, asked, now)
    assert made is not None
    write_whole(arguments.file, made.raw, FOR_ITS_OWNER)
    with here.writing() as connection:
        evidence.record(connection, asked, made, now)
    say(f"{arguments.file}: {len(made.raw)} bytes, the order up to {made.head_gseq}")
    say(f"centre's key {key.public}, fingerprint {key_fingerprint(key.public)}")


def _list(here: Centre, case_id: str) -> None:
    with here.reading() as connection:
        found = rows.exports_of(connection, case_id)
    for row in found:
        at = local_minute(row.made_at)
        say("\t".join((at, row.person, row.unit, row.device or "-", str(row.head_gseq), row.sha256)))
