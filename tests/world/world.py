"""One world from its seed: units, workstations, people and faults; played, healed, settled (sync.md §5)."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pytest

from district import snapshots
from district.api import pull
from district.centre import Centre
from models import retention
from models.clock import DAY_MS, HOUR_MS, MINUTE_MS, Clock
from models.rules import Rules
from services import enrolment
from services.sync import carrying, machine, unsent, uploads
from services.sync.line import Credentials
from tests.world import centre as centres
from tests.world import door, faults, town
from tests.world.centre import WorldCentre
from tests.world.console import WorldConsole
from tests.world.correcting import Correctors
from tests.world.diligent import Diligent
from tests.world.engines import rules_of
from tests.world.enrolling import Operators, lines_for_codes
from tests.world.handover import Couriers, sealed_quickly
from tests.world.hub import Hub
from tests.world.line import Cable, Wire, WorldLine
from tests.world.outages import Outages
from tests.world.people import People, pause_ms
from tests.world.remembering import remember
from tests.world.reviewing import Reviewers
from tests.world.roles import Personnel
from tests.world.stolen import Thieves
from tests.world.thick_files import ThickFiles
from tests.world.town import Place, Shape
from tests.world.undoing import Repentant
from tests.world.witness import Witness

SETTLE_MS = 3 * HOUR_MS
"""After everything is healed, so long at most until all is quiet (I19)."""
LATEST_BELL_MS = 2 * MINUTE_MS
"""What the centre settles in the last moment is heard of by then (its slowest bell rings within a minute)."""
MOST_BELLS = 30
"""So often at most something more may come of it."""


class World:
    """Everything there is, for one seed."""

    def __init__(self, seed: int, shape: Shape, folder: Path, force: Mapping[str, float]) -> None:
        self.seed, self.shape = seed, shape
        chance = self.chance = random.Random(f"{seed} {shape.units}x{shape.consoles}")
        self.hub, self.witness = Hub(shape.begins_ms), Witness()
        self.faults = faults.drawn(chance)
        self.seldom = random.Random(f"{seed} {shape.units}x{shape.consoles} seldom")
        faults.gestures_drawn(self.faults, self.seldom)
        for name, value in force.items():
            setattr(self.faults, name, value)
        moulds = town.moulds(shape)
        self.reference = moulds.reference
        self.units = town.units_of(shape, chance)
        self.centre = WorldCentre(self.hub, chance, self.faults, folder, moulds.district)
        self.witness.feeds = self.centre
        self.operators = Operators(self.hub, chance, self.faults, self.centre)
        self.hours = self.faults.hours
        self.consoles = [self._console(folder, unit, number) for unit in self.units for number in range(shape.consoles)]
        for console in self.consoles:
            if chance.random() < 0.4:  # switched off at first, some for the whole day
                console.stop()
                self.hub.after(int(chance.choice((1, 6, 99)) * HOUR_MS * chance.random()), console.switch_on)
        late = [chance.choice(self.units) for _ in range(self.faults.late_workstations)]
        for number, unit in enumerate(late, start=shape.consoles):
            new = self._console(folder, unit, number)
            self.consoles.append(new)
            new.stop()
            self.hub.after(int(self.hours * HOUR_MS * chance.uniform(0, 0.7)), new.switch_on)
        self.couriers = Couriers(self.hub, chance, self.faults, self.witness, self.consoles)
        self.personnel = Personnel(self.hub, self.seldom, self.faults, self.centre)
        self.repentant = Repentant(self.hub, self.seldom, self.faults, self.witness, self.consoles)
        self.centre.before_put_back = self.repentant.before_put_back
        self.correctors = Correctors(self.hub, self.seldom, self.faults, self.consoles)
        self.reviewers = Reviewers(self.hub, chance, self.faults, self.centre)
        self.people = People(chance, most_cases=chance.randint(2, 5) * max(1, shape.units // 4))
        self.acts = chance.randint(8, 24) * max(1, shape.units // 5)
        self._worlds_that_reading_found(seed)

    def _worlds_that_reading_found(self, seed: int) -> None:
        """Gestures with chances of their own, so that a world in which none is played is the one it was before."""
        seen = (self.couriers, self.reviewers, self._acts_at)
        of = (self.hub, random.Random(f"{seed} thick files"), self.faults, self.consoles)
        self.thick_files = ThickFiles(*of, *seen)
        alone = (self.hub, random.Random(f"{seed} outages"), self.faults, self.consoles, self._acts_at)
        self.outages = Outages(*alone)
        among = (self.witness, self.centre, self.consoles, self._acts_at)
        self.thieves = Thieves(self.hub, random.Random(f"{seed} thieves"), self.faults, *among)
        by_plan = random.Random(f"{seed} diligent")
        self.diligent = Diligent(self.hub, by_plan, self.faults, self.consoles, self.people, self.shape.acts_an_hour)
        if self.thieves.thefts:
            self.couriers.may_die = False  # a copy is put back
        first = self.centre.before_put_back

        def before_put_back() -> None:
            first()
            remember(self.centre, self.consoles, self.witness.outside)

        self.centre.before_put_back = before_put_back

    def _console(self, folder: Path, unit: str, number: int) -> WorldConsole:
        moulds = town.moulds(self.shape)

        def wire(cable: Cable, known: Credentials | None) -> Wire:
            return Wire(self.hub, self.chance, self.faults, self.centre, cable, known)

        is_new = number >= self.shape.consoles
        mould = moulds.empty if is_new else moulds.console(unit, number)
        place = Place(unit, number, "", "", "", None) if is_new else moulds.places[unit, number]
        seen = (self.witness, self.operators)
        return WorldConsole(self.hub, self.chance, self.faults, folder, mould, place, wire, *seen)

    def way_in(self, clock: Clock) -> WorldLine:
        """The line of the workstation that has this clock, as nobody in particular."""
        console = next(console for console in self.consoles if console.clock is clock)
        return WorldLine(clock, None, Wire(self.hub, self.chance, self.faults, self.centre, console.cable, None))

    # As the checks read it (tests/invariants/at_rest.py)

    @property
    def rules(self) -> Rules:
        """The rules of the whole run."""
        return rules_of(self.reference)

    @property
    def now_ms(self) -> int:
        """The present (ms UTC)."""
        return self.hub.now_ms

    @property
    def district(self) -> Centre:
        """The shipped centre."""
        found = self.centre.centre
        assert isinstance(found, Centre)
        return found

    # Playing

    def play(self) -> None:
        """Let it happen: people act and everything fails that its seed says."""
        end_ms = self.hub.now_ms + int(self.hours * HOUR_MS)
        self._people_act(end_ms)
        self._things_fail(end_ms)
        self.hub.run(end_ms)

    def _people_act(self, end_ms: int) -> None:
        length = end_ms - self.hub.now_ms
        for _ in range(self.acts):
            at = int(length * self.chance.random())
            for burst in range(self.chance.choice((1, 1, 2, 3))):
                self.hub.after(at + burst * self.chance.randrange(200, 90_000), self._somebody_acts)

    def _somebody_acts(self) -> None:
        up = [console for console in self.consoles if console.is_up]
        alone = [console for console in up if console.cable.is_cut]
        if up:
            self._acts_at(self.chance.choice(alone if alone and self.chance.random() < 0.5 else up))

    def _acts_at(self, console: WorldConsole) -> None:
        if console.is_falling:
            return
        if self.chance.random() < 0.05:
            console.ask_for_older()
        elif self.chance.random() < 0.12:
            self.people.photograph(console)
        else:
            self.people.gesture(console)

    def _things_fail(self, end_ms: int) -> None:
        played, f, chance = self.faults, self.faults, self.chance
        for console in self.consoles:
            self._again(f.cut_hours, end_ms, partial(self._cut, console))
            self._again(f.crash_hours, end_ms, console.crash)
            self._again(f.reboot_hours, end_ms, lambda it=console: it.reboot(pause_ms(chance, 20)))
            self._again(f.wall_step_hours, end_ms, partial(self._step_wall, console))
            self._again(f.drill_hours, end_ms, partial(self._drill, console))
        self._again(f.centre_crash_hours, end_ms, lambda: self.centre.crash(pause_ms(chance, 15)))
        self._again(f.old_program_hours, end_ms, lambda: self.centre.run_old_program(not self.centre.is_old))
        length = end_ms - self.hub.now_ms
        for _ in range(played.restores_centre):
            first = chance.random() * 0.8
            self.hub.after(int(length * first), self.centre.copy)
            back = self.centre.aim if chance.random() < 0.5 else self.centre.put_copy_back
            self.hub.after(int(length * chance.uniform(first, 1)), back)
        for _ in range(played.restores_disk):
            first = chance.random() * 0.7
            last = int(length * chance.uniform(0.05, 0.9 - first))
            self.hub.after(int(length * first), partial(self._image, last))

        for _ in range(played.handovers):
            self.hub.after(int(length * chance.random() * 0.8), partial(self.couriers.cut_off, self._acts_at))

        for _ in range(played.revocations):
            self.hub.after(int(length * chance.random() * 0.8), self._take_out)

        self.thick_files.begin(end_ms)
        self.thieves.begin(end_ms)
        self.outages.begin(end_ms)
        self.diligent.begin(self.hours, end_ms)
        self._seldom_done(length)

    def _seldom_done(self, length: int) -> None:
        """What people do now and then (tests/world/faults.py gestures_drawn)."""
        f, chance = self.faults, self.seldom
        for _ in range(f.desk_changes):
            self.hub.after(int(length * chance.random() * 0.8), self._change_a_desk)
        for _ in range(f.corrections):
            self.hub.after(int(length * chance.random()), self.correctors.meet)
        if f.restores_centre or f.copy_at_record:
            for _ in range(f.late_undos):
                self.hub.after(int(length * chance.random()), partial(self.repentant.in_haste, self._acts_at))

    def _change_a_desk(self) -> None:
        up = [console for console in self.consoles if console.is_up and console.rules is not None]
        if up:
            self.personnel.change(self.seldom.choice(up), self._acts_at)

    def _take_out(self) -> None:
        up = [console for console in self.consoles if console.is_up and console.place.device]
        if up:
            self.reviewers.take_out(self.chance.choice(up), self._acts_at)

    def _image(self, until_ms: int) -> None:
        """An image of the busiest workstation's disk, put back later; then people go on working on it."""
        up = [console for console in self.consoles if console.is_up]
        console = max(up, key=self.witness.length_of, default=None)
        if console is not None:
            console.take_image()
            self.hub.after(until_ms, console.put_image_back)
            for _ in range(6):
                when = int(until_ms * self.chance.uniform(0.1, 1)) if self.chance.random() < 0.5 else until_ms
                self.hub.after(when + pause_ms(self.chance, 10), partial(self._acts_at, console))

    def _again(self, mean_hours: float, end_ms: int, what: object) -> None:
        """Something that happens every so many hours on average, until the end."""
        if not mean_hours:
            return

        def once() -> None:
            what()  # type: ignore[operator]
            later()

        def later() -> None:
            pause = pause_ms(self.chance, mean_hours * 60)
            if self.hub.now_ms + pause < end_ms:
                self.hub.after(pause, once)

        later()

    def _cut(self, console: WorldConsole) -> None:
        self.faults.played["line cut"] += 1
        console.cable.cut(pause_ms(self.chance, self.chance.choice((4, 40, 150))))

    def _step_wall(self, console: WorldConsole) -> None:
        self.faults.played["wall clock moved"] += 1
        console.clock.step_wall()

    def _drill(self, console: WorldConsole) -> None:
        self.faults.played["line switched off for a drill"] += 1
        console.work_offline(True)
        self.hub.after(pause_ms(self.chance, 30), partial(console.work_offline, False))

    # Healing

    def heal(self) -> None:
        """Everything works again; nobody acts any more; until it is quiet, within the bound."""
        self.faults.heal()
        self.hub.after(0, self._all_well)
        self.hub.run(self.hub.now_ms + SETTLE_MS)
        for _ in range(MOST_BELLS):
            heard = self.centre.newest()
            self.hub.run(self.hub.now_ms + LATEST_BELL_MS)
            if self.centre.newest() == heard:
                break
        self.thieves.at_rest()

    def _all_well(self) -> None:
        if self.centre.app is None:
            self.centre.start()
        self.centre.run_old_program(False)
        self.operators.hurry()
        self.couriers.at_last()
        self.thieves.at_last()
        for console in self.consoles:
            console.cable.cut_until_ms = console.cable.hands_in_nothing_until_ms = 0
            if not console.is_up:
                console.start()
            console.work_offline(False)
            console.take(machine.TimerFired())

    def close(self) -> None:
        """The end of it."""
        self.hub.close()
        for console in (*self.consoles, *self.thieves.stolen):
            console.is_up = False
            console.engine.dispose()
        if self.centre.app is not None:
            self.centre.centre.engine.dispose()


@contextmanager
def world(
    seed: int,
    shape: Shape = town.SMALL,
    force: Mapping[str, float] = MappingProxyType({}),
    break_it: Callable[[pytest.MonkeyPatch], None] | None = None,
) -> Iterator[World]:
    """A world, in a folder of its own, until it is closed. `force`: faults it has whatever its seed says; `break_it`: a
    mutant of the shipped code that it runs on (tests/world/mutants.py)."""
    folder = Path(tempfile.mkdtemp(prefix="world-", dir=town.ROOM))
    with pytest.MonkeyPatch.context() as patch:
        door.driven_by_hand(patch)
        sealed_quickly(patch)
        _in_small_pieces(patch, random.Random(seed))
        if break_it is not None:
            break_it(patch)
        made: list[World] = []
        patch.setattr(enrolment, "Line", lines_for_codes(lambda clock: made[0].way_in(clock)))
        centres.reads_by_program(patch, lambda: made[0].centre if made else None)
        try:
            found = World(seed, shape, folder, force)
            made.append(found)
            yield found
        finally:
            if made:
                made[0].close()
            shutil.rmtree(folder, ignore_errors=True)


def _in_small_pieces(patch: pytest.MonkeyPatch, chance: random.Random) -> None:
    """Batches, pages and parts so small that even a world of few acts needs several; cases long past within hours."""
    batch = chance.choice((2, 3, 200))
    for handing_in in (unsent, carrying):
        patch.setattr(handing_in, "BATCH", batch)
    patch.setattr(pull, "MAX_ITEMS", chance.choice((2, 7, 1_000)))
    patch.setattr(uploads, "SMALLEST", smallest := chance.choice((60, 400, 16_384)))
    patch.setattr(uploads, "LARGEST", 4 * smallest)
    patch.setattr(snapshots, "CASES_A_PART", chance.choice((1, 2, 1_000)))
    kept = chance.choice((90 * DAY_MS, 3 * HOUR_MS, 20 * MINUTE_MS))
    patch.setattr(retention, "KEPT_MS", kept)
    patch.setattr(retention, "SURELY_HELD_MS", kept * 9 // 10)


__all__ = ["MINUTE_MS", "World", "world"]
