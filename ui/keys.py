"""Which F-key does what: the same act on the same key for ever, so that fingers learn (D27)."""

from __future__ import annotations

from collections.abc import Sequence

PREFERRED = {
    "case.acknowledge": "F2",
    "case.arrive": "F3",
    "case.file": "F4",
    "case.dispatch": "F5",
    "case.redispatch": "F5",
    "case.rule": "F5",
    "case.add_co_handler": "F6",
    "case.give_opinion": "F6",
    "case.ask_ruling": "F7",
    "case.feedback": "F7",
    "case.ask_supplement": "F8",
    "case.ask_return": "F8",
    "case.refuse_confirm": "F8",
    "case.confirm": "F9",
    "case.submit_check": "F9",
    "case.review_self_handled": "F9",
    "case.name_checker": "F4",
    "case.check": "F5",
    "case.answer_return": "F4",
    "case.answer_void": "F4",
    "case.log_call": "F10",
}
KEYS = tuple(f"F{n}" for n in range(2, 11))
"""F11 and F12 are the panel's own on every case: the card to read, and 代录."""


def keys_for(kinds: Sequence[str]) -> dict[str, str]:
    """A key for each act on offer: its own where free, else the next free one; those beyond F10 are in the palette."""
    given: dict[str, str] = {}
    for kind in kinds:
        key = PREFERRED.get(kind, "")
        if key and key not in given.values():
            given[kind] = key
    free = iter(k for k in KEYS if k not in given.values())
    for kind in kinds:
        if kind not in given:
            key = next(free, "")
            if key:
                given[kind] = key
    return given
