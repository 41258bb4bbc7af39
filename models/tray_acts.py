"""Acts about an act that did not take effect (未生效操作, sync.md §3.8): somebody has seen it, or hands it to a colleague. They stand
beside the cases: their subject is that act, and they change no case."""

from __future__ import annotations

import msgspec

SUBJECT = "act"
"""The type of what they are about: the id of an act."""


class CloseEntry(msgspec.Struct, frozen=True, tag="tray.close", omit_defaults=True):
    """知道了: the act `cmd_id` came to this (`outcome`, and the `code` of its reason), and whoever signs this has seen it. Another
    verdict, after a centre was put back, is another entry."""

    cmd_id: str
    outcome: str
    code: str = ""

    @property
    def verdict(self) -> tuple[str, str]:
        """Names the entry: what the act had come to."""
        return self.outcome, self.code


class HandOn(msgspec.Struct, frozen=True, tag="tray.hand_on", omit_defaults=True):
    """转交: a colleague of the unit (`to`, a person's id) is to look at it; `note` says what for. The rest is what stood in the entry,
    for the unit's other workstations, which have not got the act: its kind, its case, by whom and when (ms UTC) it was made, what it
    came to, and the reason with its `args` and the act that was first (`by`)."""

    cmd_id: str
    outcome: str
    to: str
    note: str
    kind: str
    case: str
    maker: str
    made_at: int
    code: str = ""
    args: dict[str, str | int] = {}
    by: str = ""

    @property
    def verdict(self) -> tuple[str, str]:
        """Names the entry: what the act had come to."""
        return self.outcome, self.code


AboutTray = CloseEntry | HandOn
KINDS = frozenset(str(kind.__struct_config__.tag) for kind in (CloseEntry, HandOn))


class Told(msgspec.Struct, frozen=True):
    """What is known of an act that one of these names: whose unit made it, what it came to, and who closed that entry first."""

    unit: str
    outcome: str
    code: str = ""
    closed_by: str = ""
