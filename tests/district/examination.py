"""Asks a district everything its own OpenAPI document offers, as one role after the other, and writes down what it said.

First comes the request that is right in everything; then, unless that was turned away for who asks, by Schemathesis the
boundaries of what the document allows, right and wrong, and methods it does not know; then requests made up from the
document, into which names of real things are mixed. Every answer is held against the document.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any
from unittest import SkipTest

import msgspec
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import CHECKS, CheckFunction, load_all_checks
from schemathesis.core.errors import SerializationNotPossible
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from district import accounts, demo, devices
from models import commands as c
from models.signing import new_key
from models.wire import personal_hash
from tests.district.fits_document import fits
from tests.district.generated_acts import Act, Stage, batches, cases_in_every_state, sealed
from tests.district.parties import DISTRICT, OPERATOR, PASSWORD, REPORT, District, Station, enrol_body
from tests.district.test_check_review import checked_twice
from tests.models.small_town import DEPARTMENT, MARKET, OTHER_TOWN, TOWN, VILLAGE

SEED = 20260113
CARRIED = "POST /v1/carried"
PUSH, PERSONAL, NEGATIVE = "POST /v1/push", "PUT /v1/personal/{digest}", "negative_data_rejection"
JSON, NDJSON, ZIP = "application/json", "application/x-ndjson", "application/zip"
PART = "application/offset+octet-stream"
BLOBS = "/v1/cases/{case}/blobs/{sha256}"
PHOTO = b"a photograph" * 99
NEW_PASSWORD = "another-secret"
RECORD = json.dumps({"salt": "s", "name": "某甲", "phone": "0559-0000999"}).encode()
DIGEST = personal_hash("s", RECORD)
STEP_MS = 61_000
"""Between two requests, so that accounts that wrong passwords locked open again."""

NOBODY, FORGER = "nobody", "a forger of the sub-centre's token"
ROLES = {
    NOBODY: ("", ""),
    FORGER: (TOWN, "clerk"),
    "the sub-centre's workstation": (TOWN, ""),
    "an office's workstation": (MARKET, ""),
    "a station's workstation": (VILLAGE, ""),
    "a department's workstation": (DEPARTMENT, ""),
    "another sub-centre's workstation": (OTHER_TOWN, ""),
    "a clerk of the sub-centre": (TOWN, "clerk"),
    "an officer of an office": (MARKET, "market-officer"),
    "a station's deputy head": (VILLAGE, "vice"),
    "an officer of a department": (DEPARTMENT, "water-officer"),
    "the district's intake": (DISTRICT, "intake"),
    "a district operator": (DISTRICT, OPERATOR),
}
_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    NEGATIVE,
    "unsupported_method",
    "allow_header_conformance",
)
ACTS_FOR_ONE = 7
"""For one made-up body of a push, so many of real acts: those are the ones that reach the rule book."""

Words = dict[str, list[Any]]
Operation = APIOperation[Any, Any, Any, Any]


@schemathesis.serializer(NDJSON)
def as_lines(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """A body of lines; what is no list at all goes out as the one line it is."""
    lines = value if isinstance(value, list) else [value]
    return b"".join(json.dumps(line, default=str).encode() + b"\n" for line in lines)


@schemathesis.serializer(PART)
def as_bytes(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """The next bytes of a file."""
    return value if isinstance(value, bytes) else json.dumps(value, default=str).encode()


class Findings(msgspec.Struct):
    """What one role was answered: statuses by operation, how many of those answers were to made-up requests, outcomes of
    its acts, and what was wrong, each once."""

    answers: dict[str, Counter[int]] = {}
    made_up: Counter[str] = msgspec.field(default_factory=Counter)
    outcomes: Counter[str] = msgspec.field(default_factory=Counter)
    complaints: dict[str, str] = {}


class Examination:
    """Of one district that serves, by its own document; of one path of it alone, if told so."""

    def __init__(self, district: District, examples: int, only: str = "") -> None:
        self.document = district.ask("GET", "/openapi.json").json()
        if only:
            self.document["paths"] = {only: self.document["paths"][only]}
        self.operations = {
            f"{method.upper()} {path}": operation
            for path, operations in self.document["paths"].items()
            for method, operation in operations.items()
        }
        self.findings: dict[str, Findings] = {}
        self._district = district
        self._examples = examples
        self._session = requests.Session()
        self._session.trust_env = False
        self._town, self._market, self._village = (district.station(unit) for unit in (TOWN, MARKET, VILLAGE))
        assert self._town.ask("PUT", f"/v1/personal/{DIGEST}", data=RECORD).status_code == 200
        self._named, _, _ = self._town.does("clerk", msgspec.structs.replace(REPORT, personal=DIGEST))
        self._photo = self._town.attaches("clerk", PHOTO, self._named)
        self._stages: list[Stage] = []
        _, self._refused_check = checked_twice(district)
        self._given_up, self._apart = self._revoked(district.old_station(VILLAGE))
        load_all_checks()
        self._checks = [*CHECKS.get_by_names(_CHECKS), fits(self.document)]

    def close(self) -> None:
        self._session.close()

    def ask_as(self, role: str) -> Findings:
        """Everything, as this role; once."""
        if role not in self.findings:
            self.findings[role] = self._asked_as(role)
        return self.findings[role]

    def never_done(self) -> set[str]:
        """Operations nobody was ever answered with success so far, only refusals."""
        done = {o for found in self.findings.values() for o, statuses in found.answers.items() if min(statuses) < 300}
        return set(self.operations) - done

    def _asked_as(self, role: str) -> Findings:
        station = self._station(role)
        self._stages = cases_in_every_state(self._town, self._market, self._village)
        # Who has no credentials has them made up, too; the others' own are not to be disturbed.
        schema = self._schema(role == NOBODY)
        found = Findings()
        for result in schema.get_all_operations():
            if not isinstance(result, Ok):
                found.complaints[str(result.err())] = "no operation"
                continue
            operation = result.ok()
            self._sign_in(station, ROLES[role][1])
            words = self._words(station)
            if operation.label.endswith(BLOBS):
                words = {**words, "sha256": [self._photo], "case": [self._named]}
            self._ask(station, self._straight(station, operation, words), found)
            is_shut_out = set(found.answers.get(operation.label, {})) <= {401, 403}
            for case in [] if is_shut_out else self._boundaries(schema, operation):
                self._ask(station, case, found)
            self._made_up(role, station, operation, words, found, is_shut_out)
        return found

    @cache  # noqa: B019  one examination lives as long as its test
    def _schema(self, made_up_credentials: bool) -> schemathesis.BaseSchema:
        """Made once for all roles: what it has learned of an operation, it need not learn again."""
        settled = {"seed": SEED, "generation": {"with-security-parameters": made_up_credentials}}
        schema = schemathesis.openapi.from_dict(self.document, config=schemathesis.Config.from_dict(settled))
        schema.validate()
        return schema

    def _boundaries(self, schema: schemathesis.BaseSchema, operation: Operation) -> Iterator[Case[Any]]:
        modes, settled = list(GenerationMode), schema.config.generation
        return schema.iter_coverage_cases(operation, generation_modes=modes, generation_config=settled)

    # Who asks

    def _revoked(self, station: Station) -> tuple[str, list[str]]:
        """A workstation that was taken out, and the hashes of what it handed in since."""
        with self._district.centre.writing() as connection:
            devices.revoke(connection, station.device, "somebody else", "遗失", self._district.clock.now_ms)
        late = [station.act("vice", c.Note("封存"), self._named) for _ in range(3)]
        assert station.push(*late).error == "revoked"
        return station.device, [sealed.hash for sealed in late]

    def _station(self, role: str) -> Station:
        if role == NOBODY:
            return Station(self._district.ask, self._district.clock, "", "", TOWN)
        unit = ROLES[role][0]
        found = self._district.station(unit)
        if role == FORGER:
            found.token = "forged"
        return found

    def _sign_in(self, station: Station, person: str) -> None:
        """After setting right what was done to accounts before: passwords, locks and sessions are played with, too."""
        centre = self._district.centre
        with centre.writing() as connection:
            demo.open_accounts(connection, centre.rules.reference)
            if person:
                station.session = centre.new_token()
                opened = (person, station.device, station.unit, station.session, centre.clock.wall_ms())
                accounts.open_session(connection, *opened)

    # What is asked

    def _straight(self, station: Station, operation: Operation, words: Words) -> Case[Any]:
        """The request in which everything is as it should be, as far as the role allows: the first of every word."""
        case: Case[Any] = operation.Case(path_parameters={}, query={}, headers={})
        if operation.label == PUSH:
            note = Act(words["actor"][0], self._stages[1].case_id, {"type": "case.note", "note": "好"}, None)
            case = operation.Case(body=sealed(station, [note]), media_type=NDJSON)
        elif operation.label == CARRIED:
            maker = self._district.station(station.unit)
            note = Act(words["actor"][0], self._stages[1].case_id, {"type": "case.note", "note": "代报"}, None)
            case = operation.Case(body=sealed(maker, [note]), media_type=NDJSON)
        elif operation.label == "POST /v1/witness":
            case = operation.Case(body=self._district.a_receipt(), media_type=JSON)
        elif operation.label == f"PATCH {BLOBS}":
            case = operation.Case(body=PHOTO, media_type=PART)
        elif operation.label == PERSONAL:
            case = operation.Case(body=json.loads(RECORD), media_type=JSON)
        elif operation.body:
            case = operation.Case(body={}, media_type=JSON)
        for holder, names in _named(operation, case):
            if operation.label != PERSONAL or holder is not case.body:
                holder.update({name: words[name][0] for name in names & set(words)})
        return case

    def _made_up(
        self, role: str, station: Station, operation: Operation, words: Words, found: Findings, is_shut_out: bool
    ) -> None:
        @seed(SEED + list(ROLES).index(role))
        @settings(
            max_examples=_examples(operation, self._examples, is_shut_out),
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(data=st.data())
        def run(data: st.DataObject) -> None:
            is_mixed = True
            if operation.label == PUSH and data.draw(st.integers(0, ACTS_FOR_ONE)):
                lines = sealed(station, data.draw(batches(self._stages, words["actor"])))
                case = operation.Case(body=lines, media_type=NDJSON)
            else:
                case, is_mixed = data.draw(_requests(operation, words))
            found.made_up[operation.label] += self._ask(station, case, found, is_mixed)

        try:
            run()
        except (Unsatisfiable, SkipTest, SerializationNotPossible) as error:
            found.complaints[operation.label] = f"nothing could be made up: {error}"

    def _words(self, station: Station) -> Words:
        """Names of real things, by the parameter or field that may name them."""
        unit, part = station.unit, "0" * 64
        taken = station.ask("GET", "/v1/snapshot")
        if taken.status_code == 200 and taken.json()["parts"]:
            part = taken.json()["parts"][0]["sha256"]
        chain = [item.scope_chain for item in self._town.page(limit=2)]
        edition = self._district.centre.reference_name
        staff = [p.id for p in self._district.centre.rules.people.values() if p.unit == unit]
        comes_in = enrol_body(self._district.code(unit).secret, new_key())
        return {
            "admit": [True, False],
            "actor": [*staff, *staff, "clerk", "nobody", "district-centre"],
            "case": [self._named, self._named, self._stages[1].case_id],
            "before": ["9" * 13, "0", "x"],
            "cmd_id": [self._refused_check, "nothing"],
            "decision": ["stands", "recheck"],
            "cursors": [{unit: 0}, {unit: 1, "reference": 0}, {}, {unit: (1 << 53) - 1}, {unit: -1}, {TOWN: 0}],
            "device": [self._given_up, self._given_up, "D-centre", "D-nobody"],
            "digest": [DIGEST],
            "epoch": [1, 1, 1, 1, 1, 2],
            "hashes": [self._apart[:1], self._apart[:2], self._apart[2:], ["0" * 64]],
            "heads": [{unit: [1, chain[0]], "reference": [1, ""]}, {TOWN: [2, chain[1]]}, {unit: [1 << 60, "x"]}],
            "ids": [self._stages[-1].cmd_ids, [""]],
            "name": [*staff, *staff, "clerk-2", "nobody"],
            "new": [NEW_PASSWORD, PASSWORD, PASSWORD, "short"],
            "nonce": ["一", "\x00"],
            "old": [PASSWORD, PASSWORD, NEW_PASSWORD],
            "operator": [OPERATOR, OPERATOR, OPERATOR, "clerk"],
            "label": ["一号机"],
            "password": [PASSWORD, PASSWORD, PASSWORD, NEW_PASSWORD],
            "proof": [comes_in["proof"]],
            "public_key": [comes_in["public_key"]],
            "reason": ["遗失"],
            "Range": ["bytes=0-9", "bytes=-9", "bytes=9-", "bytes=9-3", "bytes=-", "lines=1"],
            "reference_version": [edition],
            "scope": [unit, TOWN],
            "seen": ["3", "0", "x"],
            "secret": [comes_in["secret"], comes_in["secret"], "0000000000"],
            "sha256": [part],
            "Upload-Offset": ["0", "12"],
            "unit": [unit, unit, unit, "nowhere"],
            "valid_minutes": [10, 1],
            "version": ["", edition],
            "wait_seconds": [0, 1],
        }

    # What is answered

    def _ask(self, station: Station, case: Case[Any], found: Findings, is_mixed: bool = False) -> bool:
        """False when there was no answer. `is_mixed`: with real names in it, so that what was made up wrong may be right
        again."""
        self._district.clock.now_ms += STEP_MS
        label = case.operation.label
        try:
            answer = case.call(base_url=self._district.address, session=self._session, headers=station.headers)
        except (requests.RequestException, SerializationNotPossible) as error:
            found.complaints[f"{label}: {type(error).__name__}"] = f"{case!r}\n{error}"
            return False
        if case.method == case.operation.method.upper():
            found.answers.setdefault(label, Counter())[answer.status_code] += 1
        if label == PUSH and answer.status_code == 200:
            reply = answer.json()
            station.dseq, station.head = reply["head_dseq"], reply["head_hash"]
            found.outcomes.update(known[1] for known in reply.get("known", []))
        checks = [check for check in self._checks if not (is_mixed and check.__name__ == NEGATIVE)]
        for failure in _failures(station, case, answer, checks):
            key = f"{label} {answer.status_code}: {failure.title}"
            found.complaints.setdefault(key, f"{failure.message}\n{case!r}\n{answer.text[:500]}")
        return True


def _failures(station: Station, case: Case[Any], answer: Response, checks: list[CheckFunction]) -> Iterator[Failure]:
    try:
        case.validate_response(answer, checks=checks, headers=station.headers)
    except FailureGroup as group:
        yield from (failure for failure in group.exceptions if isinstance(failure, Failure))


@st.composite
def _requests(draw: st.DrawFn, operation: Operation, words: Words) -> tuple[Case[Any], bool]:
    """A request by the document, right or wrong; in most of them real names stand where names are asked for, which the
    second value says."""
    how = draw(st.sampled_from(("right", "wrong", "some real", "all real", "all real", "all real")))
    mode = GenerationMode.NEGATIVE if how == "wrong" else GenerationMode.POSITIVE
    case = draw(operation.as_strategy(generation_mode=mode))
    if how in ("right", "wrong"):
        return case, False
    for holder, names in _named(operation, case):
        for name in sorted(names & set(words)):
            if how == "all real" or draw(st.booleans()):
                holder[name] = draw(st.sampled_from(words[name]))
    if operation.label == PERSONAL and isinstance(case.body, dict) and draw(st.booleans()):
        case.path_parameters["digest"] = personal_hash(str(case.body.get("salt")), json.dumps(case.body).encode())
    return case, True


def _examples(operation: Operation, examples: int, is_shut_out: bool) -> int:
    """Fewer where even the request that is right in everything is turned away for who asks, more where the whole rule book is
    behind the answer."""
    if is_shut_out:
        return max(1, examples // 3)
    return examples * 5 if operation.label == PUSH else examples


def _named(operation: Operation, case: Case[Any]) -> Iterator[tuple[Any, set[str]]]:
    """The places of a request that carry names, each with the names the document knows there."""
    yield case.path_parameters, {p.name for p in operation.path_parameters}
    yield case.query, {p.name for p in operation.query}
    yield case.headers, {p.name for p in operation.headers}
    if isinstance(case.body, dict):
        for body in operation.body:
            yield case.body, set(_followed(body.optimized_schema).get("properties", {}))


def _followed(schema: dict[str, Any]) -> dict[str, Any]:
    """A body made of other things that are described elsewhere in the document comes as a bundle of them."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return dict(schema["x-bundled"][name]) if name else schema
