"""Makes the tones of the alarms anew: python packaging/make_sounds.py. The same bytes on every machine.

yellow: two notes, rising. red: three short notes of one pitch and a long one above. line_lost: two notes, falling, lower than
the others. Each is known without looking up.
"""

from __future__ import annotations

import array
import math
import sys
import wave
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "sounds"
RATE_HERTZ = 16_000
LOUDNESS = 0.6
FADE_SECONDS = 0.012
REST = 0.0
TONES: dict[str, tuple[tuple[float, float], ...]] = {
    "yellow": ((659.25, 0.14), (REST, 0.04), (880.0, 0.22)),
    "red": ((987.77, 0.16), (REST, 0.07), (987.77, 0.16), (REST, 0.07), (987.77, 0.16), (REST, 0.07), (1318.5, 0.3)),
    "line_lost": ((392.0, 0.22), (REST, 0.05), (261.63, 0.4)),
}
"""Each tone's notes: hertz (REST is silence) and seconds."""


def samples(notes: tuple[tuple[float, float], ...]) -> array.array[int]:
    """16-bit samples; every note fades in and out, so that none clicks."""
    found = array.array("h")
    for hertz, seconds in notes:
        count = round(seconds * RATE_HERTZ)
        fade = FADE_SECONDS * RATE_HERTZ
        for number in range(count):
            edge = min(1.0, number / fade, (count - number) / fade)
            turn = 2 * math.pi * hertz * number / RATE_HERTZ
            shape = (math.sin(turn) + 0.3 * math.sin(2 * turn)) / 1.3
            found.append(round(32_767 * LOUDNESS * edge * shape))
    return found


def write(folder: Path) -> None:
    """Write every tone into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, notes in TONES.items():
        found = samples(notes)
        if sys.byteorder == "big":
            found.byteswap()
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HERTZ)
            file.writeframes(found.tobytes())


if __name__ == "__main__":
    write(FOLDER)
