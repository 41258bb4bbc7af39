"""Who may sign in: first passwords, wrong ones, resets, disabling, moving (sync.md §3.9, issue "The district centre")."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from argon2 import extract_parameters

from district import accounts, demo, reference
from district.store.tables import account, personal_read, session
from models import commands as c
from models.evidence import ClaimedTime
from models.rules import Rules
from tests.district.parties import PASSWORD, REPORT, District
from tests.models import small_town
from tests.models.small_town import MARKET, TOWN, VILLAGE

NEW = "another-secret"


def _give(district: District, person: str, password: str) -> None:
    hashed = accounts.hash_password(password)
    with district.centre.writing() as connection:
        accounts.change_password(connection, person, hashed, must_change=True)


def test_a_first_password_opens_nothing_but_its_own_change(district: District) -> None:
    _give(district, "clerk", "first-secret")
    town = district.station(TOWN)
    opened = town.sign_in("clerk", "first-secret").json()
    assert opened["must_change"] is True and opened["session"] == ""
    change = {"name": "clerk", "old": "first-secret", "new": NEW}
    assert town.ask("POST", "/v1/password", json=change).status_code == 200
    opened = town.sign_in("clerk", NEW).json()
    assert opened["must_change"] is False and len(opened["session"]) >= 43
    assert town.sign_in("clerk", "first-secret").status_code == 403


@pytest.mark.parametrize("bad", ["short", "clerk", "x" * 201, "first-secret"])
def test_weak_passwords_are_refused(district: District, bad: str) -> None:
    _give(district, "clerk", "first-secret")
    town = district.station(TOWN)
    answer = town.ask("POST", "/v1/password", json={"name": "clerk", "old": "first-secret", "new": bad})
    assert (answer.status_code, answer.json()["error"]) == (400, "password_too_weak")


def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour(district: District) -> None:
    town = district.station(TOWN)
    codes = [town.sign_in("clerk", "wrong").json()["error"] for _ in range(5)]
    assert codes == ["wrong_password"] * 4 + ["account_locked"]
    answer = town.sign_in("clerk", PASSWORD)
    assert (answer.status_code, answer.json()["error"]) == (429, "account_locked")
    assert int(answer.headers["retry-after"]) == 15 * 60
    district.clock.now_ms += accounts.LOCK_MS + 1
    assert town.sign_in("clerk").status_code == 200


def test_a_right_password_clears_the_count(district: District) -> None:
    town = district.station(TOWN)
    for _ in range(3):
        assert [town.sign_in("clerk", "wrong").json()["error"] for _ in range(4)] == ["wrong_password"] * 4
        assert town.sign_in("clerk").status_code == 200


def test_a_reset_unlocks_ends_sessions_and_must_be_changed(district: District) -> None:
    town = district.station(TOWN)
    town.sign_in("clerk")
    assert _is_signed_in(town)
    for _ in range(5):
        town.ask("POST", "/v1/session", json={"name": "clerk", "password": "wrong"})
    _give(district, "clerk", "reset-secret")
    assert not _is_signed_in(town)
    assert town.sign_in("clerk", "reset-secret").json()["must_change"] is True


def test_a_session_ends_by_itself_and_belongs_to_its_workstation(district: District) -> None:
    town, other = district.station(TOWN), district.station(TOWN)
    town.sign_in("clerk")
    other.session = town.session
    assert _is_signed_in(town) and not _is_signed_in(other)
    district.clock.now_ms += accounts.SESSION_MS
    assert not _is_signed_in(town)
    town.sign_in("clerk-2")
    assert len(district.rows(session)) == 1, "expired sessions are forgotten"


def test_nobody_signs_in_at_a_desk_that_is_not_his(district: District) -> None:
    village = district.station(VILLAGE)
    assert village.sign_in("clerk").json()["error"] == "not_at_this_desk"
    assert village.sign_in("vice").status_code == 200
    town = district.station(TOWN)
    assert town.sign_in("market-deputy").status_code == 200, "seconded to the sub-centre"
    assert town.sign_in("nobody").json()["error"] == "wrong_password"


@pytest.mark.parametrize("path", ["/v1/session", "/v1/password"])
def test_nobody_locks_an_account_from_a_workstation_where_it_has_no_desk(district: District, path: str) -> None:
    village, town = district.station(VILLAGE), district.station(TOWN)
    guess = {"name": "clerk", "password": "wrong", "old": "wrong", "new": NEW}
    said = {village.ask("POST", path, json=guess).json()["error"] for _ in range(accounts.MAX_FAILURES + 1)}
    assert said == {"not_at_this_desk"}
    assert town.sign_in("clerk").status_code == 200, "the clerk works on"


@pytest.mark.parametrize("way", ["sign in", "change"])
@pytest.mark.parametrize("what", ["reset", "disabled"])
def test_a_password_replaced_while_it_is_verified_opens_nothing(
    district: District, monkeypatch: pytest.MonkeyPatch, way: str, what: str
) -> None:
    """Verifying takes its time, and so does the queue of the writers behind it."""
    town, verify = district.station(TOWN), accounts.verify

    def slow(stored: str, password: str) -> bool:
        found = verify(stored, password)
        monkeypatch.undo()
        if what == "reset":
            _give(district, "clerk", "reset-secret")
        else:
            with district.centre.writing() as connection:
                accounts.set_disabled(connection, "clerk", district.clock.now_ms)
        return found

    monkeypatch.setattr(accounts, "verify", slow)
    if way == "sign in":
        assert town.sign_in("clerk").status_code == 403
    else:
        change = {"name": "clerk", "old": PASSWORD, "new": NEW}
        assert town.ask("POST", "/v1/password", json=change).status_code == 403
    assert district.rows(session) == []
    if what == "reset":
        assert town.sign_in("clerk", "reset-secret").json()["must_change"] is True, "the reset stands"


def test_a_reset_while_a_new_password_is_hashed_stands(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    town, hash_password = district.station(TOWN), accounts.hash_password

    def slow(*told: Any) -> str:
        monkeypatch.undo()
        _give(district, "clerk", "reset-secret")
        return hash_password(*told)

    monkeypatch.setattr(accounts, "hash_password", slow)
    change = {"name": "clerk", "old": PASSWORD, "new": NEW}
    assert town.ask("POST", "/v1/password", json=change).status_code == 403
    assert town.sign_in("clerk", "reset-secret").json()["must_change"] is True


def test_a_disabled_account_signs_in_nowhere_but_its_earlier_acts_still_arrive(district: District) -> None:
    town = district.station(TOWN)
    early = town.act("clerk", REPORT, town.new_id())
    district.clock.now_ms += 60_000
    with district.centre.writing() as connection:
        assert accounts.set_disabled(connection, "clerk", district.clock.now_ms)
    district.clock.now_ms += 60_000
    late = town.act("clerk", REPORT, town.new_id())
    assert [k[1:3] for k in town.push(early, late).known] == [("accepted", ""), ("rejected", "actor_disabled")]
    assert town.sign_in("clerk").json()["error"] == "account_disabled"
    assert town.sign_in("clerk", "wrong").json()["error"] == "wrong_password", "a stranger learns nothing"
    with district.centre.writing() as connection:
        accounts.set_disabled(connection, "clerk", None)
    assert town.sign_in("clerk").status_code == 200


def test_disabled_once_more_he_is_still_disabled_since_the_first_time(district: District) -> None:
    town = district.station(TOWN)
    acts = []
    for _ in range(2):
        with district.centre.writing() as connection:
            assert accounts.set_disabled(connection, "clerk", district.clock.now_ms)
        district.clock.now_ms += 60_000
        acts.append(town.act("clerk", REPORT, town.new_id()))
    with district.centre.writing() as connection:
        assert not accounts.set_disabled(connection, "nobody", district.clock.now_ms)
    assert [k[1:3] for k in town.push(*acts).known] == [("rejected", "actor_disabled")] * 2


def test_a_moved_person_acts_at_the_new_desk_and_the_old_acts_still_count(district: District) -> None:
    town, market = district.station(TOWN), district.station(MARKET)
    early = town.act("clerk", REPORT, town.new_id())
    district.clock.now_ms += 60_000
    known = district.centre.rules.people["clerk"]
    moved = msgspec.structs.replace(known, unit=MARKET, roles=small_town.reference().people[11].roles)
    with district.centre.in_order() as journal:
        connection = journal.source.connection  # type: ignore[attr-defined]
        edition = reference.with_person(district.centre.rules.reference, moved)
        reference.publish(connection, journal, edition)
    district.clock.now_ms += 60_000
    late = town.act("clerk", REPORT, town.new_id())
    doubtful = town.act("clerk", REPORT, town.new_id(), time=ClaimedTime(1, "other boot", 1))
    verdicts = [k[1:3] for k in town.push(early, late, doubtful).known]
    assert verdicts == [("accepted", ""), ("rejected", "not_at_this_desk"), ("rejected", "not_at_this_desk")]
    assert market.sign_in("clerk").status_code == 200 and town.sign_in("clerk").status_code == 403
    assert district.centre.rules.reference.version == "test-1+1"


def test_passwords_are_kept_as_argon2id_and_tokens_as_hashes(district: District) -> None:
    _give(district, "clerk", "first-secret")
    town = district.station(TOWN)
    town.sign_in("clerk-2")
    rows = {row[0]: row for row in district.rows(account)}
    found = re.fullmatch(r"\$argon2id\$v=19\$m=(\d+),t=(\d+),p=\d+\$.*", rows["clerk"][1])
    assert found is not None and int(found[1]) >= 19 * 1024 and int(found[2]) >= 2
    kept = str([district.rows(table) for table in (account, session, personal_read)])
    assert town.session not in kept and town.token not in kept and "first-secret" not in kept


def test_demo_accounts_share_one_marked_hash_and_an_honest_change_takes_the_mark_away(district: District) -> None:
    rows = [row for row in district.rows(account) if row[6]]
    assert len(rows) == len(small_town.reference().people)
    assert len({row[1] for row in rows}) == 1
    town = district.station(TOWN)
    town.ask("POST", "/v1/password", json={"name": "clerk", "old": PASSWORD, "new": NEW})
    mine = next(row for row in district.rows(account) if row[0] == "clerk")
    assert mine[6] is False and mine[1] != rows[0][1]
    with district.centre.reading() as connection:
        assert demo.is_demo(connection)


def test_a_seconded_person_may_sit_down_but_not_decide(district: District) -> None:
    town = district.station(TOWN)
    case_id, _, _ = town.does("clerk", REPORT)
    assert town.does("market-deputy", c.Note("会商"), case_id)[1] == "accepted"
    assert town.does("market-deputy", c.File(), case_id)[1:] == ("rejected", "seconded_may_not")


def test_the_rules_name_the_edition_they_came_from(district: District) -> None:
    assert isinstance(district.centre.rules, Rules)
    with pytest.raises(Exception, match="unknown_unit"):
        person = msgspec.structs.replace(district.centre.rules.people["clerk"], unit="nowhere")
        reference.with_person(district.centre.rules.reference, person)


def _is_signed_in(station: object) -> bool:
    answer = station.ask("GET", f"/v1/personal/{'0' * 64}")  # type: ignore[attr-defined]
    return answer.status_code == 404


def test_an_unknown_name_costs_as_much_as_a_wrong_password() -> None:
    real = accounts.hash_password(PASSWORD)
    assert not accounts.verify("", PASSWORD)
    assert extract_parameters(accounts._of_nobody()) == extract_parameters(real)
    assert len(accounts._of_nobody()) == len(real)
