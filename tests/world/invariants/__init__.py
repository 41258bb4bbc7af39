"""What must hold when a world has come to rest (sync.md §4), checked by reading everything anew; what the parties say of
themselves is compared, never believed."""

from __future__ import annotations

from tests.world.invariants.devices import chains_and_signatures
from tests.world.invariants.history import History, read
from tests.world.invariants.order import order_is_whole
from tests.world.invariants.rejudged import judged_again
from tests.world.invariants.replayed import pushed_again
from tests.world.invariants.scopes import feeds_as_they_should_be
from tests.world.invariants.workstations import workstations_agree
from tests.world.world import World


def check(world: World) -> History:
    """Every invariant; Violation names the first that does not hold. What was read is returned for counting."""
    history = read(world)
    order_is_whole(world, history)
    chains_and_signatures(world, history)
    judged_again(world, history)
    feeds_as_they_should_be(world, history)
    workstations_agree(world, history)
    pushed_again(world, history)
    return history
