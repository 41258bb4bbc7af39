"""The shipped program, `main.py run`; besides, it prints an act's id in the moment the screen is told of the act."""

from __future__ import annotations

import sys
from typing import Any

from desktop.commands import main
from services.cases import Acted
from ui.panels.case_panel import CasePanelWidget

_shown = CasePanelWidget._done


def _told(self: CasePanelWidget, acted: Acted, *rest: Any) -> None:
    print(acted.cmd_id, flush=True)
    _shown(self, acted, *rest)


CasePanelWidget._done = _told  # type: ignore[method-assign, assignment]

if __name__ == "__main__":
    sys.exit(main(["run"]))
