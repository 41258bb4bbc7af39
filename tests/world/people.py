"""Who acts in a world: people at their desks, at random, mostly what the rule book offers them, now and then what it does not."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from sqlalchemy import select

from models import commands as c
from models.attachment import AttachmentKind
from models.case import Case
from models.clock import MINUTE_MS, Clock
from models.decide import allowed
from models.decide.spoken import spoken_for
from models.organisation import DISTRICT_CODE, OrganisationKind
from models.people import Role
from models.rules import Rules
from models.store import outbox
from models.store.case_table import case_row, get_case
from models.store.console_tables import outbox as table
from models.store.work import Work
from services import tray
from services.desk import Desk
from tests.models.desks_at_random import Offer, act_for, chosen
from tests.models.small_town import NOISE, STALLS, WASTE

if TYPE_CHECKING:
    from tests.invariants.at_rest import Seat as Workplace

T = TypeVar("T")
_SITTING = 5
"""Cases somebody looks at before he chooses one: the newest, so that desks meet on the same."""


class Seat(Protocol):
    """A workstation people sit at, simulated or a process; `act` and the others are True when the screen said: saved."""

    @property
    def is_up(self) -> bool: ...
    @property
    def rules(self) -> Rules | None: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def place(self) -> Workplace: ...
    def database(self, job: Callable[[Work], T]) -> T: ...
    def act(
        self, person: str, args: c.Args, case_id: str | None = None, requester: dict[str, str] | None = None
    ) -> bool: ...
    def undo(self, person: str, case_id: str) -> bool: ...
    def put_away(self, person: str, cmd_id: str) -> None: ...
    def hand_on(self, person: str, cmd_id: str, to: str) -> None: ...


@dataclass(frozen=True)
class Screen:
    """What somebody sees when he chooses an act (tests/models/desks_at_random.py)."""

    case: Case
    rules: Rules
    now_ms: int


class People:
    """Everybody of a world. `most_cases`: so many are reported at most, so that desks work on the same ones."""

    def __init__(self, chance: random.Random, most_cases: int) -> None:
        self._chance = chance
        self._most_cases = most_cases
        self._done: set[str] = set()
        self._accepted: dict[str, int] = {}
        self.reported = 0
        self.gestures = 0

    def gesture(self, console: Seat) -> None:
        """Somebody does one thing at this workstation, if its program runs and there is anything to do."""
        rules = console.rules
        if not console.is_up or rules is None or not rules.people_at(console.place.unit):
            return
        self.gestures += 1
        how = self._chance.random()
        if how < 0.08 and self._undo(console, rules):
            return
        if how < 0.13 and self._empty_tray(console, rules):
            return
        case_ids = self._cases(console)
        may = self.reported < self._most_cases and self._may_report(console, rules)
        if may and (not case_ids or self._chance.random() < 0.35):
            self._report(console, rules)
        elif case_ids:
            self._act(console, rules, case_ids)

    def photograph(self, console: Seat) -> None:
        """Somebody adds one of a few files to a case, if he has one on his screen: the same comes twice, and as another kind."""
        rules = console.rules
        case_ids = self._cases(console) if console.is_up and rules is not None else []
        if rules is not None and case_ids and rules.people_at(console.place.unit):
            self.gestures += 1
            which, kind = self._chance.randrange(5), self._chance.choice(tuple(AttachmentKind))
            told = c.Attach(f"{which:064x}", 1_000 + which, "image/jpeg", kind)
            console.act(self._person(console, rules), told, self._chance.choice(case_ids))

    def _person(self, console: Seat, rules: Rules) -> str:
        return self._chance.choice(rules.people_at(console.place.unit)).id

    def _cases(self, console: Seat) -> list[str]:
        newest = select(case_row.c.id).order_by(case_row.c.is_open.desc(), case_row.c.id.desc()).limit(_SITTING)
        return console.database(lambda work: [str(i) for i in work.connection.execute(newest).scalars()])

    # Reporting

    def _may_report(self, console: Seat, rules: Rules) -> bool:
        kind = rules.kind(console.place.unit)
        return kind in (OrganisationKind.SUB_CENTRE, OrganisationKind.STATION, OrganisationKind.DISTRICT_CENTRE)

    def _report(self, console: Seat, rules: Rules) -> None:
        unit, chance = console.place.unit, self._chance
        town = rules.town_of(unit) or chance.choice(rules.reference_towns())
        stations = [o.code for o in rules.stations(town)]
        channel = "hotline" if unit == DISTRICT_CODE else "grid"
        args = c.Report(
            number="",
            channel=channel,
            category=chance.choice((STALLS, NOISE, WASTE)),
            title=f"店外堆放{self.reported}",
            place="龙山路口",
            town=town,
            station=chance.choice(stations) if stations else "",
            emergency=chance.random() < 0.1,
            self_handled=channel == "grid" and chance.random() < 0.1,
        )
        requester = {"name": "某甲", "phone": "0559-0000997"} if chance.random() < 0.5 else None
        staff = rules.staff(unit)
        clerks = [p.id for p in staff if {Role.DUTY_CLERK, Role.GRID_MEMBER, Role.DISTRICT_INTAKE} & set(p.roles)]
        who = chance.choice(clerks or [p.id for p in staff])
        if console.act(who, args, None, requester):
            self.reported += 1

    # Acting on a case

    def _act(self, console: Seat, rules: Rules, case_ids: list[str]) -> None:
        chance = self._chance
        case_id = chance.choice(case_ids)
        case = console.database(lambda work: get_case(work.connection, case_id))
        if case is None:
            return
        found = offers(console, rules, case)
        if found:
            offer = chosen(found, self._done, self._accepted, chance.randrange(64), chance.randrange(1 << 16))
            self.goes_on(console, case, offer, [i for i in case_ids if i != case_id], chance)

    def goes_on(self, console: Seat, case: Case, offer: Offer, others: list[str], chance: random.Random) -> bool:
        """Somebody does what is offered him on the case that he sees; True when the screen said that it is saved. `others`: the
        cases it might be merged into."""
        rules = console.rules
        assert rules is not None
        screen = Screen(case, rules, console.clock.wall_ms())
        nameable = tuple(rules.organisations)
        args = act_for(offer, screen, chance.randrange(1 << 16), nameable, chance.choice(others) if others else "")
        if not console.act(offer.person, args, case.id):
            return False
        self._done.add(offer.kind)
        self._accepted[offer.kind] = self._accepted.get(offer.kind, 0) + 1
        return True

    # Beside the cases

    def _undo(self, console: Seat, rules: Rules) -> bool:
        waiting = select(table.c.actor, table.c.case_id).where(
            table.c.state == outbox.PENDING, table.c.retracted.is_(False), table.c.kind != outbox.RETRACT
        )
        found = console.database(lambda work: [(r.actor, r.case_id) for r in work.connection.execute(waiting)])
        if found:
            console.undo(*self._chance.choice(found))
        return bool(found)

    def _empty_tray(self, console: Seat, rules: Rules) -> bool:
        person = self._person(console, rules)
        desk = Desk(person, console.place.unit, console.place.device, console.place.slot)

        def look(work: Work) -> list[str]:
            return [item.cmd_id for item in tray.items(work, desk)]

        waiting = console.database(look)
        others = [found.id for found in rules.people_at(console.place.unit) if found.id != person]
        if waiting and others and self._chance.random() < HANDED_ON:
            console.hand_on(person, waiting[-1], self._chance.choice(others))
        elif waiting:
            console.put_away(person, waiting[-1])
        return bool(waiting)


HANDED_ON = 0.25
"""Of the entries somebody looks at, so many he hands to a colleague."""


def offers(console: Seat, rules: Rules, case: Case) -> list[Offer]:
    """What the rule book offers anybody at this workstation on the case, typed for units included."""
    unit = console.place.unit
    found: list[Offer] = []
    for person in rules.people_at(unit):
        actor = rules.actor(person.id, unit)
        if actor is None:
            continue
        found += [Offer(kind, person.id, unit) for kind in allowed(case, actor, rules, console.clock.wall_ms())]
        for duty in spoken_for(case, actor, rules):
            found += [Offer(kind, person.id, unit, duty.assignment) for kind in duty.kinds]
    return found


def pause_ms(chance: random.Random, mean_minutes: float) -> int:
    """How long until the next thing happens."""
    return int(chance.expovariate(1 / (mean_minutes * MINUTE_MS)))
