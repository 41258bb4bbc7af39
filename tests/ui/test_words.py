"""Every code has words, every act on offer has a form, and text is readable on its ground."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from models.attachment import AttachmentKind
from models.case import AssignmentRole, State, Verdict
from models.commands import Args
from models.decide import Outcome
from models.light import Light
from models.moves import TABLE
from models.policy import Stage
from models.views import CHIPS, LIGHTS, SILENT
from models.workstations import LET_IN_AGAIN
from services.sync.machine import Phase
from ui import forms, theme, words

ROOT = Path(__file__).parents[2]


def test_every_code_has_words() -> None:
    assert {s.value for s in State} == set(words.STATES)
    assert {s.value for s in Stage} == set(words.STAGES)
    assert {v.value for v in Light} == set(words.LIGHTS) == set(words.SHAPES)
    assert set(LIGHTS) - {v.value for v in Light} == set(words.ASKED_LIGHTS)
    assert {v.value for v in Verdict} == set(words.VERDICTS)
    assert {k.value for k in AttachmentKind} == set(words.ATTACHMENT_KINDS)
    assert {r.value for r in AssignmentRole} == set(words.ROLES)
    assert {o.value for o in Outcome} <= set(words.ACT_STATES)
    assert {p.value for p in Phase} | {SILENT} == set(words.LINES)
    assert set(CHIPS) == set(words.CHIPS)
    assert set(LET_IN_AGAIN) == set(words.REPLACED)
    kinds = {str(k.__struct_config__.tag) for k in Args.__args__}  # type: ignore[attr-defined]
    assert kinds <= set(words.ACTS)


def _codes() -> set[str]:
    """Every refusal the code can raise: first arguments of Refused, Rejected, Merged, Weather, Answer and reject()."""
    found: set[str] = set()
    raisers = {"Refused": 0, "Rejected": 0, "Merged": 0, "reject": 0, "Answer": 1}
    for folder in ("models", "services", "district", "desktop"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                place = raisers.get(name)
                if place is not None and len(node.args) > place:
                    value = node.args[place]
                    if isinstance(value, ast.Constant) and isinstance(value.value, str) and "_" in value.value:
                        found.add(value.value)
                if name == "Reason":
                    found.update(
                        k.value.value for k in node.keywords if k.arg == "code" and isinstance(k.value, ast.Constant)
                    )  # type: ignore[misc]
    return {code for code in found if code}


def test_every_refusal_has_words() -> None:
    missing = _codes() - set(words.REFUSALS)
    assert not missing, missing
    assert len(_codes()) > 60, "the scan still finds the codes"


@pytest.mark.parametrize("code", sorted(words.REFUSALS))
def test_every_refusal_can_be_said_without_arguments(code: str) -> None:
    assert "{" not in words.refusal(code, {}, {})


def test_every_act_of_the_menu_has_a_form() -> None:
    assert {m.kind for m in TABLE if m.menu} == set(forms.offered())


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("t", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_text_is_readable(t: theme.Tokens) -> None:
    for text in (t.text, t.quiet, t.red_text, t.yellow_text, t.green_text):
        for ground in (t.base, t.selected):
            assert contrast(text, ground) >= 4.5, (text, ground)
    assert contrast(t.on_header, t.header) >= 4.5
    assert contrast(t.on_accent, t.accent) >= 4.5
    assert contrast(t.on_yellow, t.yellow_fill) >= 4.5
    assert contrast(t.on_red, t.red_fill) >= 4.5
