"""One call of services/secrets.py in a process of its own: `store` or `read`; or `open`, the store as the program opens it,
with its key where it is kept; or `again`: `store`, when the standard input says so, after having looked for a keyring before. Answered as
one line of JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from desktop.station import Station
from desktop.workers import within
from models.clock import SystemClock
from models.errors import Refused
from services.secrets import Secrets
from services.vault import Vault


def main(folder: str, address: str, verb: str, name: str = "", secret: str = "") -> None:
    secrets = Secrets(Path(folder), address, Vault(within))
    began, value, refused = time.monotonic(), "", ""
    try:
        match verb:
            case "open":
                station = Station(Path(folder), address, SystemClock(), secrets)
                value = station.kept().store
                station.engine.dispose()
            case "read":
                value = secrets.read(name)
            case "again":
                secrets.keep_safely(name, secret)
                print("looked", flush=True)
                sys.stdin.readline()
                secrets.store(name, secret)
            case _:
                secrets.store(name, secret)
    except Refused as error:
        refused = error.code
    seconds = time.monotonic() - began
    print(json.dumps({"value": value, "plain": secrets.plain, "refused": refused, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
