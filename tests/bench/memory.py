"""How much memory a process has taken at most (Linux)."""

from __future__ import annotations

from pathlib import Path

_FORGET_THE_PEAK = "5"


def forget_peak(process: int) -> None:
    """From now on the peak is counted anew."""
    Path(f"/proc/{process}/clear_refs").write_text(_FORGET_THE_PEAK)


def peak_mb(process: int) -> float:
    """The most it has had in memory since then, in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1_000
