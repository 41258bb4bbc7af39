"""Who there is: the organisations of one district and how they stand to each other (plan §二, R2, R10–R14)."""

from __future__ import annotations

from enum import Enum

import msgspec


class OrganisationKind(str, Enum):
    """What an organisation is. A field office (派出机构) is an organisation; a seconded officer is a person."""

    DISTRICT_CENTRE = "district_centre"
    SUB_CENTRE = "sub_centre"
    STATION = "station"
    DEPARTMENT = "department"
    FIELD_OFFICE = "field_office"
    SQUAD = "squad"
    CONTRACTOR = "contractor"


class Organisation(msgspec.Struct, frozen=True):
    """One unit. `town` is the sub-centre whose area it serves (its own code for a sub-centre), None district-wide.

    `rostered` means somebody answers at night, so its clocks run round the clock (practice.md §3). `function` names
    what the unit is for, e.g. "market" or "police"; the responsibility rules speak of functions, not of codes. `liaised`
    marks a district-wide unit that named a contact for the sub-centres (三(四), R29): they may dispatch to it directly.
    """

    code: str
    name: str
    short_name: str
    kind: OrganisationKind
    parent: str | None = None
    town: str | None = None
    function: str = ""
    duty_phone: str = ""
    rostered: bool = False
    liaised: bool = False
    pinyin_initials: str = ""


DISTRICT_CODE = "341002"
"""Code of the district centre and of the feed scope that sees the whole district."""
