"""When the district's authority gives way to the next one (sync.md §3.9: the pin and a spare one).

A workstation that holds two pins goes on without being enrolled anew when the key of the first is lost, or was seen by somebody. Whoever
has that key can stand in the centre's place until then, so he must not be able to choose what is trusted after it: the next authority
is heard of once, while none is known, and takes over only where the centre shows a certificate of it.
"""

from __future__ import annotations

from msgspec.structs import replace

from models.store.identity import Identity
from models.store.work import Work
from services.sync.line import Line
from services.sync.replies import Hello


def trusted(identity: Identity) -> str:
    """The authorities (PEM) whose certificates are good on this workstation's line; "" on a line within this machine."""
    return "\n".join(filter(None, (identity.authority, identity.next_authority)))


def followed(line: Line, said: Hello, known: Identity) -> Identity | None:
    """Whom this workstation trusts after this greeting, where that has changed. Asks once more, of the next authority alone, when the
    centre says that it has taken over: Weather and Refused as of any question."""
    if not known.authority:
        return None
    if said.authority == known.authority:
        is_news = bool(said.next_authority) and not known.next_authority
        return replace(known, next_authority=said.next_authority) if is_news else None
    if said.authority != known.next_authority:
        return None
    proof = Line(line.address, line.clock, None, known.next_authority)
    try:
        shown = proof.hello()
    finally:
        proof.close()
    return replace(known, authority=known.next_authority, next_authority=shown.next_authority)


def keep(work: Work, identity: Identity) -> None:
    """It trusts these from now on."""
    work.write_meta("authority", identity.authority)
    work.write_meta("next_authority", identity.next_authority)
    work.commit()
