"""Which program was played: for what is recorded."""

from __future__ import annotations

import subprocess
from pathlib import Path


def program() -> str:
    """The commit this program is of, short; "" where it is not known."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(asked, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return found.stdout.strip()
