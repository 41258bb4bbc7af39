"""A person's desktop session with a real keyring: gnome-keyring-daemon on a private D-Bus."""

from __future__ import annotations

from tests.real.session_bus import SessionBus

PASSWORD = "sign-in of the desktop"


class DesktopSession(SessionBus):
    """Bus and keyring daemon; each call of `start` is one signing-in to the desktop, `end` the signing-out."""

    def start(self, *, unlocked: bool, display: str = "") -> None:
        """With `unlocked`, the keyring is opened by the desktop's password, as a signing-in does; else it stays shut,
        as after an automatic one. With a `display`, the daemon may ask the person."""
        if display:
            self.environment["DISPLAY"] = display
        self.begin_bus()
        way = "--unlock" if unlocked else "--start"
        daemon = self.begin("gnome-keyring-daemon", "--foreground", way, "--components=secrets")
        assert daemon.stdin is not None
        with daemon.stdin:
            daemon.stdin.write(PASSWORD.encode() if unlocked else b"")
        self.until_owned("org.freedesktop.secrets")
