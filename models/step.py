"""What stands in the history of a case."""

from __future__ import annotations

import msgspec

from models.evidence import Moment

KEPT_ONLY = ("merged", "late_history", "not_credited")
"""Results of an act that stands in the history and moved nothing: a second word, one that came too late, one of somebody
who has checked the round."""


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the history: which act, who, for whom, when, and its readable details.

    `capacity` "seconded" is printed; `on_behalf` names the person whose words were typed (代录); `note` is what the
    actor wrote (never personal data of a requester, D2). A `result` of KEPT_ONLY marks a testimony kept without effect. `device`:
    the workstation it was made on, "" where an older version wrote it.
    """

    cmd_id: str
    kind: str
    actor: str
    unit: str
    at: Moment
    to: str = ""
    note: str = ""
    result: str = ""
    capacity: str = ""
    on_behalf: str = ""
    claimed_at: int | None = None
    ratified: bool | None = None
    device: str = ""
