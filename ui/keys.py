"""Which key does what: every kind of act has one key for ever, whatever the case and the desk, so that fingers learn (D27).

A key has one meaning. Where several acts mean the same at different stages of a case (派发 and 改派, 核查 and 确认结案)
they share it; the states that allow them are apart, so that no two acts on offer ever ask for one key. What a desk does
every hour stands on a plain key, what it does now and then on Shift, what is rare on Ctrl+Shift, what is about time
on Ctrl. F11, F12, Ctrl+P and Ctrl+E are
the panel's own on every case (ui/panels/case_acts.py), Shift+F9, F11 and F12 the banner's; Shift+F10 opens a context menu.
"""

from __future__ import annotations

from types import MappingProxyType

ACTS_OF_KEY: dict[str, tuple[str, ...]] = {
    "F2": ("case.acknowledge",),
    "F3": ("case.arrive",),
    "F4": ("case.file", "case.review_self_handled"),  # take it in
    "F5": ("case.dispatch", "case.redispatch", "case.rule", "case.name_checker"),  # whom to send
    "F6": ("case.give_opinion",),
    "F7": ("case.feedback",),
    "F8": ("case.ask_supplement", "case.ask_return", "case.refuse_confirm", "case.refuse_ruling"),  # send it back
    "F9": ("case.check", "case.submit_check", "case.confirm"),  # pass it on towards its end
    "F10": ("case.log_call",),
    "Shift+F2": ("case.answer_return",),
    "Shift+F3": ("case.first_response",),
    "Shift+F4": ("case.decline",),
    "Shift+F5": ("case.ask_ruling",),
    "Shift+F6": ("case.add_co_handler",),
    "Shift+F7": ("case.note_progress",),
    "Shift+F8": ("case.handled",),
    "Ctrl+F2": ("case.answer_extension",),
    "Ctrl+F3": ("case.answer_suspension",),
    "Ctrl+F5": ("case.propose_time_ruling",),
    "Ctrl+F6": ("case.answer_time_ruling",),
    "Ctrl+F7": ("case.ask_extension",),
    "Ctrl+F8": ("case.ask_suspension",),
    "Ctrl+F9": ("case.end_suspension",),
    "Ctrl+Shift+F2": ("case.answer_void",),
    "Ctrl+Shift+F3": ("case.describe",),
    "Ctrl+Shift+F4": ("case.merge",),
    "Ctrl+Shift+F5": ("case.transfer_out",),
    "Ctrl+Shift+F6": ("case.withdraw_co_handler",),
    "Ctrl+Shift+F7": ("case.ratify",),
    "Ctrl+Shift+F8": ("case.ask_void",),
    "Ctrl+Shift+F9": ("case.note",),
    "Ctrl+Shift+F10": ("case.supplement",),
}

KEY_OF_ACT = MappingProxyType({kind: key for key, kinds in ACTS_OF_KEY.items() for kind in kinds})
"""The key of each kind of act; KeyError for a kind that no desk is ever offered."""
