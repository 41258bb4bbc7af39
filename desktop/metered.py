"""Whether this machine's line is paid for by what goes over it (按流量计费), as the system says: photographs and files wait then, acts
do not. Where the system cannot tell, nothing waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtNetwork import QNetworkInformation


class Reading(NamedTuple):
    """What the system says of the line: whether it is metered, and what it is (a name; "" where it cannot say)."""

    is_metered: bool = False
    medium: str = ""


class MeteredLine:
    """One for the machine. `look` on the screen's thread, `holds_files` on any."""

    def __init__(self, ask: Callable[[], Reading] = Reading) -> None:
        self.ask = ask
        self._reading = Reading()
        self._anyway = False

    def look(self) -> None:
        """Ask again. Who has said 仍要上传 has said it of the line as it was."""
        found = self.ask()
        if found != self._reading:
            self._reading, self._anyway = found, False

    def send_anyway(self) -> None:
        """仍要上传: until the line is another, or the program ends."""
        self._anyway = True

    @property
    def holds_files(self) -> bool:
        """True while photographs and files wait."""
        return self._reading.is_metered and not self._anyway


THE_LINE = MeteredLine()
"""This machine's; until it is told whom to ask, it is not metered."""


def ask_the_system(line: MeteredLine = THE_LINE) -> bool:
    """From now on the system is asked, if it can say; whether it can. Once, when the program runs with its windows."""
    features = QNetworkInformation.Feature
    if not QNetworkInformation.loadBackendByFeatures(features.Metered):
        return False
    told = QNetworkInformation.instance()
    names_medium = told.supports(features.TransportMedium)
    line.ask = lambda: Reading(told.isMetered(), told.transportMedium().name if names_medium else "")
    return True
