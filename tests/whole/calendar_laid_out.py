"""Imported once by the process that centres are forked from: they find the shipped calendar indexed already."""

from __future__ import annotations

from pathlib import Path

from models.calendar import working_calendar
from models.reference_files import load_reference

working_calendar(load_reference(Path(__file__).parents[2] / "resources" / "reference").calendar)
