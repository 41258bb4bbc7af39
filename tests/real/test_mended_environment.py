"""What Qt is told of input methods, for what a desktop tells its programs (desktop.md §3d); test_input_method.py types."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop.input_method import mend

IBUS = {"QT_IM_MODULE": "ibus"}
PORTAL = IBUS | {"IBUS_USE_PORTAL": "1"}


@pytest.fixture
def with_daemon(tmp_path: Path) -> str:
    """A place with an ibus daemon in it."""
    daemon = tmp_path / "ibus-daemon"
    daemon.touch(mode=0o755)
    return str(tmp_path)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux is mended")
@pytest.mark.parametrize(
    ("told", "alone", "beside"),
    [
        ({}, PORTAL, IBUS),
        ({"QT_IM_MODULE": "fcitx"}, PORTAL, IBUS),
        ({"QT_IM_MODULE": "xim"}, PORTAL, IBUS),
        ({"QT_IM_MODULE": "ibus"}, PORTAL, IBUS),
        ({"QT_IM_MODULES": "wayland;fcitx;ibus", "QT_IM_MODULE": "fcitx"}, PORTAL, IBUS),
        ({"QT_IM_MODULE": "compose"}, {"QT_IM_MODULE": "compose"}, {"QT_IM_MODULE": "compose"}),
    ],
)
def test_qt_is_sent_to_ibus_and_to_the_portal_where_no_ibus_daemon_is_installed(
    told: dict[str, str], alone: dict[str, str], beside: dict[str, str], with_daemon: str
) -> None:
    for path, expected in (("/nonexistent", alone), (with_daemon, beside)):
        environment = {"PATH": path} | told
        mend(environment)
        assert environment == {"PATH": path} | expected
