"""Rules taken away from the shipped code, and the machine that must miss each: quicker than a world, and for rules that a world
mends by itself (docs/world/README.md)."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis.stateful import RuleBasedStateMachine

from district.api import push
from district.journal import Journal
from models.blob_folder import BlobFolder
from models.store import blobs
from services.sync import uploads
from services.sync.uploads import Uploads
from tests.district.test_push_machine import PushMachine
from tests.machines import misses
from tests.services.test_feed_machine import FeedMachine
from tests.services.test_uploads_machine import UploadsMachine
from tests.world.mutants import (
    Patch,
    blind_feed,
    loose_cursor,
    no_dedup,
    no_rebase,
    rewritten,
    stale_reply,
    trusted_reply,
)
from tests.world.test_rules_alone import by_state


def no_hole_rule(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether the acts before this one are here; that its predecessor is another one is still seen (sync-R2)."""
    rewritten(patch, Journal, "push", ("if parsed.dseq > head.dseq + 1:", "if False:"))


def any_past(patch: pytest.MonkeyPatch) -> None:
    """Nobody looks whether an act follows the one before it (sync-R4)."""
    rewritten(patch, Journal, "push", ("if parsed.prev != head.hash:", "if False:"))


def any_known_place(patch: pytest.MonkeyPatch) -> None:
    """What stands at a place the centre has is taken for what it has there (sync-R4)."""
    patch.setattr(Journal, "_is_again", lambda self, parsed, seen: True)


def unproved(patch: pytest.MonkeyPatch) -> None:
    """No signature is looked at (I5)."""
    patch.setattr(push, "verify", lambda batch, public_key: None)


def no_place_for_what_is_known(patch: pytest.MonkeyPatch) -> None:
    """An act the order has from another chain gets no place in this one (sync-R3)."""
    patch.setattr(Journal, "_alias", lambda self, parsed, head, seen: seen.told_to(head.unit))


def unverified(patch: pytest.MonkeyPatch) -> None:
    """What came gets its name without a look at its hash (I17)."""
    rewritten(patch, BlobFolder, "finish", ("if digest_of(opened) != sha256:", "if False:"))


def anything_makes_room(patch: pytest.MonkeyPatch) -> None:
    """What waits to be sent is let go like everything else."""
    rewritten(patch, blobs, "longest_unused", ("(blob.c.state == WAITING) | ", ""))


def files_not_offered_again(patch: pytest.MonkeyPatch) -> None:
    """A centre that was put back is not asked which files it still has (sync-R6)."""
    patch.setattr(blobs, "offer_again", lambda connection: None)


def place_remembered(patch: pytest.MonkeyPatch) -> None:
    """Where an upload stands is remembered over a failure, not asked of the centre."""
    rewritten(patch, Uploads, "step", ("self._stands = None\n", "pass\n"))


def lost_is_tried_for_ever(patch: pytest.MonkeyPatch) -> None:
    """A file that lies here no more is not told to be missing."""
    patch.setattr(uploads, "_is_lost", lambda folder, held, code: False)


def added_again_unseen(patch: pytest.MonkeyPatch) -> None:
    """A file that was given up is not sent for an act that names it anew."""
    rewritten(patch, blobs, "_put", ("elif cmd_id:", "elif known == WAITING and cmd_id:"))


class Mutant(NamedTuple):
    """A broken rule, the machine that misses it, and within how many examples."""

    break_it: Patch
    machine: type[RuleBasedStateMachine]
    examples: int = 40


QUICK = [
    Mutant(no_hole_rule, PushMachine),
    Mutant(no_place_for_what_is_known, PushMachine),
    Mutant(no_dedup, PushMachine),
    Mutant(any_past, PushMachine),
    Mutant(any_known_place, PushMachine),
    Mutant(unproved, PushMachine),
    Mutant(stale_reply, FeedMachine),
    Mutant(loose_cursor, FeedMachine),
    Mutant(place_remembered, UploadsMachine),
]
LONG = [
    Mutant(no_rebase, FeedMachine),
    Mutant(blind_feed, FeedMachine),
    Mutant(trusted_reply, FeedMachine),
    Mutant(files_not_offered_again, UploadsMachine),
    Mutant(unverified, UploadsMachine),
    Mutant(anything_makes_room, UploadsMachine),
    Mutant(lost_is_tried_for_ever, UploadsMachine),
    Mutant(by_state, UploadsMachine),
    Mutant(added_again_unseen, UploadsMachine, examples=120),
]


@pytest.mark.parametrize(
    "mutant",
    [*QUICK, *(pytest.param(one, marks=pytest.mark.long) for one in LONG)],
    ids=[one.break_it.__name__ for one in (*QUICK, *LONG)],
)
def test_a_rule_taken_away_is_missed(mutant: Mutant) -> None:
    with pytest.MonkeyPatch.context() as patch:
        mutant.break_it(patch)
        misses(mutant.machine, mutant.examples, steps=30)
