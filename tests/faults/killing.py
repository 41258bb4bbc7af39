"""kill -9 at random instants: of workstations, of the district's service, of PostgreSQL; and PostgreSQL put back to a base backup
that lacks its last commits."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from functools import partial

from tests.faults.database import Postgres
from tests.faults.scene import Scene

MEAN_SECONDS_BETWEEN_KILLS = 1.0
LONGEST_DOWN_SECONDS = 0.8
CHECKPOINT_SECONDS = 6.0
"""The district writes down how far it came every five seconds (district/restored.py)."""


WAYS = ("killed", "ended in order", "left running")
"""What becomes of the service when its database is put back."""


class Killer:
    """Ends processes one after the other and starts them again a moment later."""

    def __init__(self, scene: Scene, server: Postgres | None) -> None:
        self._scene, self._server, self._chance = scene, server, scene.chance
        self._later: list[tuple[float, Callable[[], object]]] = []

    def kill(self, count: int) -> None:
        """So many kills, each at a random instant."""
        done = 0
        while done < count:
            self._wait(self._chance.expovariate(1 / MEAN_SECONDS_BETWEEN_KILLS))
            done += self._one()
        self._wait(LONGEST_DOWN_SECONDS)
        self.mend()

    def _one(self) -> bool:
        """False when there was nobody to be killed just then."""
        scene, chance = self._scene, self._chance
        who = chance.random()
        if who < 0.15 and self._server is not None and self._server.is_up:
            how = chance.choice((self._server.kill, self._server.stop))
            how()
            scene.played["PostgreSQL killed" if how == self._server.kill else "PostgreSQL stopped at once"] += 1
            self._soon(self._server.start)
        elif who < 0.4 and scene.district.is_up:
            scene.district.kill()
            scene.played["district killed"] += 1
            self._soon(self._serve)
        else:
            up = [console for console in scene.consoles if console.is_up]
            if chance.random() < 0.7:  # else also in the middle of opening its store
                up = [console for console in up if console.stands() is not None] or up
            if not up:
                return False
            console = chance.choice(up)
            console.kill()
            scene.played["workstation killed"] += 1
            self._soon(partial(self._open, self._scene.consoles.index(console)))
        return True

    def _open(self, number: int) -> None:
        console = self._scene.consoles[number]
        if not console.is_up:
            console.kill()
            console.start()

    def _serve(self) -> None:
        """It does not serve without its database: whoever watches it tries again."""
        if not self._scene.district.is_up and not self._scene.district.start():
            self._scene.played["district did not start: its database was down"] += 1
            self._soon(self._serve)

    def _soon(self, what: Callable[[], object]) -> None:
        self._later.append((time.monotonic() + self._chance.uniform(0, LONGEST_DOWN_SECONDS), what))

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            due = [entry for entry in self._later if entry[0] <= now]
            self._later = [entry for entry in self._later if entry[0] > now]
            for _at, what in due:
                what()
            time.sleep(min(0.02, max(0.0, end - time.monotonic())))

    def mend(self) -> None:
        """What was to be started again is, now."""
        later, self._later = self._later, []
        for _at, what in later:
            what()
        if self._server is not None and not self._server.is_up:
            self._server.start()


def kill(scene: Scene, server: Postgres | None, count: int) -> None:
    """`count` kills."""
    Killer(scene, server).kill(count)


def put_back(scene: Scene, server: Postgres, count: int, ways: Sequence[str] = WAYS) -> None:
    """`count` times: a base backup while everybody works, some seconds of work, then the server ends and the backup stands in
    its place; the service is killed with it, ended in order before it, or goes on running."""
    chance = scene.chance
    for _ in range(count):
        time.sleep(chance.uniform(1, 3))
        server.base_backup()
        time.sleep(CHECKPOINT_SECONDS + chance.uniform(0, 2))
        how = chance.choice(ways)
        if how == "ended in order":
            scene.district.kill(signal.SIGTERM)
        server.kill()
        if how == "killed":
            scene.district.kill()
        server.put_back()
        scene.played[f"PostgreSQL put back to a base backup, service {how}"] += 1
        if how != "left running":
            assert scene.district.start(), "the district does not serve"
        time.sleep(chance.uniform(1, 3))
