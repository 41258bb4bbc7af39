"""What people may rely on when others work on the same: no fact is overwritten unseen (§3.6), nothing that had taken effect is undone
after a restore (D3). Both by what was seen at the workstations, not by what acts or the centre say of it."""

from __future__ import annotations

from models.commands import Describe, Settle, Supplement
from models.describing import FACTS
from models.recovery import EFFECTIVE
from tests.invariants.at_rest import AtRest, must
from tests.invariants.history import History


def nothing_overwritten_unseen(rest: AtRest, history: History) -> None:
    """A correction that took effect replaced, in every fact that another workstation had set, what its clerk had on his screen."""
    seat_of = {device: console.name for console in rest.consoles for device in console.devices}
    of = {entry.command.cmd_id: entry.command for entry in history.entries}
    set_by: dict[tuple[str, str], str] = {}
    for entry in history.entries:
        args = entry.command.args
        command = of[args.cmd_id] if isinstance(args, Settle) and args.cmd_id in of else entry.command
        if entry.before is None or entry.after is None or not isinstance(command.args, Describe | Supplement):
            continue
        device = command.origin.device if command.origin is not None else command.device
        seat = seat_of.get(device, device)
        shown = rest.witness.screens.get(command.cmd_id)
        for fact in FACTS:
            was = getattr(entry.before, fact)
            if was == getattr(entry.after, fact):
                continue
            theirs = set_by.get((entry.after.id, fact), seat) != seat
            must(
                not theirs or shown is None or shown[fact] == was,
                "3.6",
                f"entry {entry.row.gseq}: {seat} overwrote {fact} {was!r:.40} of {set_by.get((entry.after.id, fact))}, "
                f"having seen {(shown or {}).get(fact, '')!r:.40}",
            )
            set_by[entry.after.id, fact] = seat


def nothing_effective_undone(rest: AtRest, history: History) -> None:
    """What a workstation knew to have taken effect when the centre was put back may come to something else since, as the acts
    of others do; but not because it was taken back."""
    for cmd_id, outcome in rest.witness.decided.items():
        if outcome in EFFECTIVE:
            now = history.outcomes.get(cmd_id, ("", "", 0))
            must(
                now[1] != "retracted", "D3", f"{cmd_id} had taken effect before the centre was put back, and was undone"
            )
