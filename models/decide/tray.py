"""What an act about an act that did not take effect comes to (未生效操作, sync.md §3.8)."""

from __future__ import annotations

from models.decide.situation import Merged, Rejected
from models.rules import Rules
from models.tray_acts import AboutTray, HandOn, Told

UNDECIDED = "deferred"


def about_the_tray(args: AboutTray, subject: str, told: Told | None, unit: str, rules: Rules) -> None:
    """Returns when it is accepted; raises Rejected or Merged. `subject` is the act it says it is about, `told` what the centre has
    of that. Of another unit's act it is told no more than of one that does not exist. While the verdict is still to come (a centre
    was put back, and decides again) what was said about the former one stands: it may come to the same."""
    if told is None or told.unit != unit or subject != args.cmd_id:
        raise Rejected("unknown_act")
    if told.outcome == "accepted":
        raise Rejected("took_effect")
    if told.outcome != UNDECIDED and (told.outcome, told.code) != args.verdict:
        raise Rejected("verdict_changed")
    if isinstance(args, HandOn) and rules.actor(args.to, unit) is None:
        raise Rejected("not_a_colleague")
    if isinstance(args, HandOn) and not args.note.strip():
        raise Rejected("reason_missing")
    if told.closed_by:
        raise Merged("entry_closed", told.closed_by)
