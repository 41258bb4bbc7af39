"""Handing acts in, against a plain list: whatever is pushed again, with a hole, as another past, badly signed or through another
chain, in any order, the order holds each act once, in the order of its workstation (sync-R2 … R4, R8; I2, I3, I4, I8, I21)."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from district.audit import audit
from district.journal import CENTRE_DEVICE
from district.store.tables import alias, device, log
from models import commands as c
from models.signing import new_key
from models.store.case_table import case_row
from models.store.rechain import place_again
from models.wire import GENESIS, PushReply, Sealed, decode_command, entry_link, seal
from tests.district.in_process import InProcess
from tests.district.parties import REPORT, Station
from tests.machines import has_not_failed, run
from tests.models.small_town import MARKET, TOWN, VILLAGE
from tests.world.town import SMALL, moulds

SEATS = ((TOWN, 0, "clerk"), (TOWN, 1, "clerk-2"), (VILLAGE, 0, "head"))
ACTS = (c.File(), c.Note("口头交办"), c.Decline("误报"), c.Dispatch(MARKET))
FOREIGN = new_key(lambda count: b"f" * count)


class Chain:
    """What is to be known of a workstation: the acts it made, and how many of them the centre has."""

    def __init__(self, station: Station, person: str) -> None:
        self.station, self.person = station, person
        self.acts: list[Sealed] = []
        self.arrived = 0

    def made(self, sealed: Sealed) -> None:
        self.acts.append(self.station.sealed(sealed))

    def hash_at(self, place: int) -> str:
        return self.acts[place - 1].hash if place else GENESIS


def id_of(sealed: Sealed) -> str:
    return decode_command(sealed.body).cmd_id


def taken_back_by(sealed: Sealed) -> str:
    args = decode_command(sealed.body).args
    return args.cmd_id if isinstance(args, c.Retract) else ""


class PushMachine(RuleBasedStateMachine):
    """`order` is the model: the ids in the order in which the centre took them."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="push-"))
        self.centre = InProcess(self.folder, moulds(SMALL).district)
        self.chains = [self._chain(unit, number, person) for unit, number, person in SEATS]
        self.order: list[str] = []
        self.cases: list[str] = []
        self.told: dict[str, tuple[str, str, int]] = {}

    def _chain(self, unit: str, number: int, person: str) -> Chain:
        place = moulds(SMALL).places[unit, number]
        known = (place.device, place.token, unit, number, place.key)
        return Chain(Station(self.centre.ask, self.centre.clock, *known), person)

    def teardown(self) -> None:
        if hasattr(self, "centre"):
            try:
                if has_not_failed():
                    self.everything_once_more()
                    with self.centre.centre.reading() as connection:
                        assert audit(connection).contradictions == []
            finally:
                self.centre.close()
                shutil.rmtree(self.folder)

    # Made at a workstation

    @rule(data=st.data(), kind=st.integers(-2, len(ACTS) - 1), number=st.integers(1, 3))
    def make(self, data: st.DataObject, kind: int, number: int) -> None:
        """Some acts: reports, or what follows on any case of anybody."""
        chain = data.draw(st.sampled_from(self.chains))
        for _ in range(number):
            self.centre.clock.now_ms += 1_000
            is_report = kind < 0 or not self.cases
            case_id = chain.station.new_id() if is_report else data.draw(st.sampled_from(self.cases))
            self.cases += [case_id] * is_report
            args = REPORT if is_report else ACTS[kind]
            chain.made(seal(chain.station.command(chain.person, args, case_id)))

    @precondition(lambda self: any(chain.acts for chain in self.chains))
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        chain = data.draw(st.sampled_from([chain for chain in self.chains if chain.acts]))
        target = decode_command(data.draw(st.sampled_from(chain.acts[-3:])).body)
        if isinstance(target.args, c.Retract):
            return  # nobody is offered that
        chain.made(seal(chain.station.command(chain.person, c.Retract(target.cmd_id), target.subject.id)))

    # Handed in

    @precondition(lambda self: any(chain.acts for chain in self.chains))
    @rule(data=st.data(), again=st.integers(0, 3), twice=st.booleans(), ahead=st.booleans())
    def push(self, data: st.DataObject, again: int, twice: bool, ahead: bool) -> None:
        """The next acts, after some the centre has; each perhaps twice; undos of them perhaps ahead of their place."""
        chain = data.draw(st.sampled_from([chain for chain in self.chains if chain.acts]))
        until = data.draw(st.integers(chain.arrived, len(chain.acts)))
        batch = chain.acts[max(0, chain.arrived - again) : until]
        ids = {id_of(one) for one in batch}
        undos = [one for one in chain.acts[until:] if taken_back_by(one) in ids] if ahead else []
        while undos[:1] == chain.acts[until : until + 1] != []:
            batch, undos, until = [*batch, undos[0]], undos[1:], until + 1  # it is the next one anyhow
        reply = self._pushed(chain, [one for one in batch for _ in range(1 + twice)] + undos)
        assert (reply.error, reply.want) == ("", 0)
        self._took(chain, until, reply)

    @precondition(lambda self: any(len(chain.acts) > chain.arrived + 1 for chain in self.chains))
    @rule(data=st.data(), again=st.integers(0, 2))
    def push_with_a_hole(self, data: st.DataObject, again: int) -> None:
        """What lies before the hole is taken, and the missing one is asked for."""
        chain = data.draw(st.sampled_from([k for k in self.chains if len(k.acts) > k.arrived + 1]))
        hole = data.draw(st.integers(chain.arrived, len(chain.acts) - 2))
        batch = chain.acts[max(0, chain.arrived - again) : hole]
        beyond = [one for one in chain.acts[hole + 1 :] if not taken_back_by(one)]
        reply = self._pushed(chain, batch + beyond)
        assert (reply.error, reply.want) == (("gap", hole + 1) if beyond else ("", 0))
        self._took(chain, hole, reply)

    @precondition(lambda self: any(chain.arrived for chain in self.chains))
    @rule(data=st.data(), same_id=st.booleans())
    def push_another_act_at_a_known_place(self, data: st.DataObject, same_id: bool) -> None:
        chain = data.draw(st.sampled_from([chain for chain in self.chains if chain.arrived]))
        place = data.draw(st.integers(1, chain.arrived))
        was = decode_command(chain.acts[place - 1].body)
        new_id = was.cmd_id if same_id else chain.station.new_id()
        other = seal(msgspec.structs.replace(was, cmd_id=new_id, args=c.Note("另一份"), actor="deputy"))
        reply = self._pushed(chain, [*chain.acts[max(0, place - 2) : place - 1], other, *chain.acts[place:]])
        assert reply.error == "fork"
        self._took(chain, chain.arrived, reply)

    @precondition(lambda self: any(len(chain.acts) > chain.arrived > 0 for chain in self.chains))
    @rule(data=st.data())
    def push_the_next_act_after_another_past(self, data: st.DataObject) -> None:
        chain = data.draw(st.sampled_from([k for k in self.chains if len(k.acts) > k.arrived > 0]))
        place = data.draw(st.integers(chain.arrived, len(chain.acts) - 1))
        prev = data.draw(
            st.sampled_from([GENESIS, *[one.hash for one in chain.acts if one.hash != chain.hash_at(place)]])
        )
        forked = seal(msgspec.structs.replace(decode_command(chain.acts[place].body), prev=prev))
        reply = self._pushed(chain, [*chain.acts[chain.arrived : place], forked])
        assert reply.error == "fork"
        self._took(chain, place, reply)

    @precondition(lambda self: any(len(chain.acts) > chain.arrived for chain in self.chains))
    @rule(data=st.data(), how=st.sampled_from(["none", "of another", "another text", "another device"]))
    def push_what_is_not_proved(self, data: st.DataObject, how: str) -> None:
        """The whole batch is refused, and nothing of it kept."""
        chain = data.draw(st.sampled_from([k for k in self.chains if len(k.acts) > k.arrived]))
        good = [chain.station.signed(one) for one in chain.acts[chain.arrived :]]
        bad = data.draw(st.integers(0, len(good) - 1))
        good[bad] = {
            "none": lambda one: msgspec.structs.replace(one, alg="none", sig=""),
            "of another": lambda one: FOREIGN.signed(msgspec.structs.replace(one, alg="none", sig="")),
            "another text": lambda one: msgspec.structs.replace(one, body=one.body.replace("test", "tost") + " "),
            "another device": lambda one: chain.station.signed(
                seal(msgspec.structs.replace(decode_command(one.body), device=self.chains[0].station.device + "x"))
            ),
        }[how](good[bad])
        before = self._state()
        station, key = chain.station, chain.station.key
        station.key = None  # as it is, not signed again
        answer = station.push_raw(good)
        station.key = key
        assert answer.status_code in (400, 403), answer.text
        assert self._state() == before

    @precondition(lambda self: len(self.chains) == len(SEATS) and any(chain.acts for chain in self.chains))
    @rule(data=st.data())
    def let_in_again(self, data: st.DataObject) -> None:
        """A workstation comes in as another device and gives everything it made a place in the new chain; the former chain
        goes on as well, as of a copy of its disk."""
        former = data.draw(st.sampled_from([chain for chain in self.chains if chain.acts]))
        new = self._chain(former.station.unit, 4, former.person)
        for one in former.acts:
            command = decode_command(one.body)
            told = (command, new.station.dseq + 1, new.station.head, new.station.device, one.hash)
            new.made(place_again(*told)[1])
        self.chains.append(new)

    @precondition(lambda self: len(self.order) > 4)
    @rule(in_order=st.booleans())
    def the_centre_starts_anew_and_everything_comes_once_more(self, in_order: bool) -> None:
        self.centre.restart(in_order)
        self.everything_once_more()

    def everything_once_more(self) -> None:
        """The whole past of every workstation: nothing moves (I21)."""
        before = self._state()
        for chain in self.chains:
            reply = self._pushed(chain, chain.acts[: chain.arrived])
            assert reply.error == ""
            self._took(chain, chain.arrived, reply)
        assert self._state() == before

    # How

    def _pushed(self, chain: Chain, batch: list[Sealed]) -> PushReply:
        self.centre.clock.now_ms += 1_000
        return chain.station.push(*batch)

    def _took(self, chain: Chain, until: int, reply: PushReply) -> None:
        """The centre's word on its head, and on each act: the same as ever."""
        fresh = [id_of(one) for one in chain.acts[chain.arrived : until]]
        self.order += [one for one in dict.fromkeys(fresh) if one not in self.order]
        chain.arrived = until
        assert (reply.head_dseq, reply.head_hash) == (until, chain.hash_at(until))
        for cmd_id, *told in reply.known:
            assert self.told.setdefault(cmd_id, tuple(told)) == tuple(told)  # type: ignore[arg-type]

    def _rows(self, table: Any) -> list[Any]:
        with self.centre.centre.reading() as connection:
            return list(connection.execute(table.select()))

    def _state(self) -> list[Any]:
        return [sorted(map(tuple, self._rows(table)), key=repr) for table in (log, alias, device, case_row)]

    # What must hold

    @invariant()
    def the_order_holds_each_act_once_in_its_order(self) -> None:
        if not hasattr(self, "centre"):
            return
        entries = sorted(self._rows(log), key=lambda row: int(row.gseq))
        assert [row.cmd_id for row in entries if row.device != CENTRE_DEVICE] == self.order
        chain = GENESIS
        for place, row in enumerate(entries, start=1):
            chain = entry_link(chain, place, row.hash, row.outcome, row.effect.encode())
            assert (row.gseq, row.chain) == (place, chain)
            told = (row.outcome, decoded_code(row.reason), row.gseq)
            assert self.told.get(row.cmd_id, told) == told

    @invariant()
    def every_chain_is_dense_and_its_own(self) -> None:
        if not hasattr(self, "centre"):
            return
        places = [(row.device, row.dseq, row.hash) for row in (*self._rows(log), *self._rows(alias))]
        mine = sorted(place for place in places if place[0] != CENTRE_DEVICE)
        assert mine == sorted(
            (chain.station.device, dseq, chain.hash_at(dseq))
            for chain in self.chains
            for dseq in range(1, chain.arrived + 1)
        )
        heads = {row.id: (row.head_dseq, row.head_hash) for row in self._rows(device)}
        for chain in self.chains:
            assert heads[chain.station.device] == (chain.arrived, chain.hash_at(chain.arrived))


def decoded_code(reason: str) -> str:
    found = msgspec.json.decode(reason) if reason else None
    return str(found["code"]) if found else ""


def test_each_act_once_whatever_is_pushed() -> None:
    run(PushMachine, examples=8, steps=30)
