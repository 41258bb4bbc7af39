"""What must hold when a district has come to rest (sync.md §4), checked by reading everything anew; what the parties say of
themselves is compared, never believed."""

from __future__ import annotations

from tests.invariants.at_rest import AtRest
from tests.invariants.attachments import files_are_there
from tests.invariants.desks import judged_as_they_sat
from tests.invariants.devices import chains_and_signatures
from tests.invariants.history import History, read
from tests.invariants.order import order_is_whole
from tests.invariants.owed_photographs import photographs_are_owed_or_there
from tests.invariants.received import received_in_time_or_said
from tests.invariants.recovered import decided_in_old_order
from tests.invariants.rejudged import judged_again
from tests.invariants.replayed import pushed_again
from tests.invariants.scopes import feeds_as_they_should_be
from tests.invariants.unseen import nothing_effective_undone, nothing_overwritten_unseen
from tests.invariants.workstations import workstations_agree


def check(rest: AtRest) -> History:
    """Every invariant; Violation names the first that does not hold. What was read is returned for counting."""
    history = read(rest)
    order_is_whole(rest, history)
    chains_and_signatures(rest, history)
    judged_again(rest, history)
    judged_as_they_sat(rest, history)
    nothing_overwritten_unseen(rest, history)
    nothing_effective_undone(rest, history)
    decided_in_old_order(rest, history)
    feeds_as_they_should_be(rest, history)
    received_in_time_or_said(rest, history)
    workstations_agree(rest, history)
    files_are_there(rest, history)
    photographs_are_owed_or_there(rest, history)
    pushed_again(rest, history)
    return history
