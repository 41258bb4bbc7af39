"""Reads the reference data of a district from its files (resources/reference; sources in SOURCES.md there).

The division list, the category directory and the calendar are facts with a source. Limits, rules and people are
演示数据: made by rule, deterministic, obviously fictional (D29).
"""

from __future__ import annotations

import csv
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from models.calendar import CalendarData
from models.category import Category, Channel, ResponsibilityRule
from models.deadline import Limit, LimitUnit
from models.organisation import DISTRICT_CODE, Organisation, OrganisationKind
from models.people import Person, Role
from models.policy_file import policy_of
from models.rota import Rota
from models.rules import Reference
from models.wire import Malformed, decode

EDITION = "GB/T 47678.5-2026"
LOCAL_EDITION = f"LOCAL-{DISTRICT_CODE}"
_KINDS = {"管理部件": "component", "管理事项": "matter"}
_SURNAMES = "甲乙丙丁戊己庚辛壬癸"
_GIVEN = "子丑寅卯辰巳午未申酉戌亥"


def load_reference(folder: Path) -> Reference:
    """The reference data in `folder`. Raises OSError or Malformed when a file is missing or wrong."""
    try:
        return _loaded(folder)
    except KeyError as error:
        raise Malformed(f"reference data: {error} is missing") from error
    except (AttributeError, IndexError, StopIteration, TypeError, ValueError) as error:
        raise Malformed(f"reference data: {error or 'a rule for every category is missing'}") from error


def _loaded(folder: Path) -> Reference:
    data = _toml(folder / "district.toml")
    organisations = _organisations(data, _rows(folder / "divisions.csv"))
    rules = _responsibilities(data)
    return Reference(
        version=data["version"],
        district_name=data["district_name"],
        organisations=organisations,
        people=_people(organisations),
        categories=_categories(data, _rows(folder / "categories.csv"), rules),
        channels=tuple(Channel(**row) for row in data["channels"]),
        responsibilities=tuple(rule for rule, _ in rules),
        calendar=_calendar(folder / "calendar.json"),
        policy=policy_of(_toml(folder / "policy.toml")),
        source=data["source"],
        station_rota=_rota(data["station_rota"], data["source"]),
    )


def _rota(row: dict[str, Any], source: str) -> Rota:
    first, hand_over = row["first_day"], row["hand_over"]
    return Rota(
        first_day=(first - date(1970, 1, 1)).days,
        turn_days=row["turn_days"],
        hand_over_minutes=hand_over.hour * 60 + hand_over.minute,
        roles=tuple(Role(role) for role in row["roles"]),
        source=source,
    )


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Malformed(f"{path.name}: {error}") from error


def _calendar(path: Path) -> CalendarData:
    try:
        return decode(path.read_bytes(), CalendarData)
    except Malformed as error:
        raise Malformed(f"{path.name}: {error.where}") from error


def _rows(path: Path) -> list[dict[str, str]]:
    """Excel puts a mark of its own before UTF-8, and writes GBK unless told otherwise."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    except UnicodeDecodeError as error:
        raise Malformed(f"{path.name}: not UTF-8") from error


def _organisations(data: dict[str, Any], divisions: list[dict[str, str]]) -> tuple[Organisation, ...]:
    kind = OrganisationKind
    found = [
        Organisation(DISTRICT_CODE, f"{data['district_name']}区中心", "区中心", kind.DISTRICT_CENTRE, rostered=True)
    ]
    for code, name in data["towns"].items():
        short = name.removesuffix("街道").removesuffix("镇") or name
        found.append(
            Organisation(
                code, f"{name}分中心", short, kind.SUB_CENTRE, DISTRICT_CODE, code, "sub_centre", rostered=True
            )
        )
        found.append(
            Organisation(
                f"{code}-squad", f"{short}城管执法中队", "城管中队", kind.SQUAD, code, code, "squad", rostered=True
            )
        )
        found.append(
            Organisation(f"{code}-market", f"{short}市场监管所", "市监所", kind.FIELD_OFFICE, code, code, "market")
        )
        found.append(
            Organisation(
                f"{code}-police", f"{short}派出所", "派出所", kind.FIELD_OFFICE, code, code, "police", rostered=True
            )
        )
        for row in divisions:
            if row["town_code"] == code and row["kind"] in ("居", "村"):
                short_name = row["name"].removesuffix("居委会").removesuffix("村委会")
                found.append(
                    Organisation(row["code"], f"{short_name}工作站", short_name, kind.STATION, code, code, "station")
                )
    wide = {"liaised": True, "rostered": False}
    for row in data["departments"]:
        found.append(Organisation(short_name=row["name"], kind=kind.DEPARTMENT, parent=DISTRICT_CODE, **row))
    for row in data["contractors"]:
        found.append(
            Organisation(short_name=row["name"], kind=kind.CONTRACTOR, parent=DISTRICT_CODE, **{**wide, **row})
        )
    return tuple(_with_phone(o, n) for n, o in enumerate(found))


def _with_phone(organisation: Organisation, number: int) -> Organisation:
    from msgspec.structs import replace

    return replace(organisation, duty_phone=f"0559-0000{number:03d}")


def _responsibilities(data: dict[str, Any]) -> list[tuple[ResponsibilityRule, Limit]]:
    rules = []
    for row in data["rules"]:
        limit = Limit(row["limit"][0], LimitUnit(row["limit"][1]))
        for code in row["codes"]:
            local = code[:1] == "9" and code[:2] in ("97", "98", "99")
            prefix = f"{LOCAL_EDITION}/matter/{code}" if local else f"{EDITION}/matter/{code}"
            if not code:
                prefix = ""
            rule = ResponsibilityRule(
                prefix, row["lead"], tuple(row.get("co", ())), row.get("town_has_function", True), data["source"]
            )
            rules.append((rule, limit))
    return rules


def _categories(
    data: dict[str, Any], rows: list[dict[str, str]], rules: list[tuple[ResponsibilityRule, Limit]]
) -> tuple[Category, ...]:
    longest_first = sorted(rules, key=lambda pair: -len(pair[0].key_prefix))

    def limit_of(key: str) -> Limit:
        return next(limit for rule, limit in longest_first if key.startswith(rule.key_prefix))

    found = []
    for row in rows:
        key = f"{EDITION}/{_KINDS[row['kind']]}/{row['code']}"
        found.append(Category(key, row["name"], row["class"], limit_of(key), data["source"]))
    for row in data["local_categories"]:
        key = f"{LOCAL_EDITION}/matter/{row['code']}"
        found.append(Category(key, row["name"], row["main_class"], limit_of(key), data["source"]))
    return tuple(found)


_DESKS: dict[OrganisationKind, tuple[tuple[str, str, tuple[Role, ...]], ...]] = {
    OrganisationKind.DISTRICT_CENTRE: (
        ("operator-1", "值班长", (Role.DISTRICT_OPERATOR,)),
        ("operator-2", "值班长", (Role.DISTRICT_OPERATOR,)),
        ("intake-1", "受理员", (Role.DISTRICT_INTAKE,)),
        ("intake-2", "受理员", (Role.DISTRICT_INTAKE,)),
    ),
    OrganisationKind.SUB_CENTRE: (
        ("clerk-1", "值班员", (Role.DUTY_CLERK,)),
        ("clerk-2", "值班员", (Role.DUTY_CLERK, Role.CONFIRMER)),
        ("clerk-3", "值班员", (Role.DUTY_CLERK,)),
        ("confirmer", "确认岗", (Role.CONFIRMER,)),
        ("deputy", "专职副主任", (Role.DEPUTY_DIRECTOR, Role.CONFIRMER)),
    ),
    OrganisationKind.STATION: (
        ("head", "站长", (Role.STATION_HEAD,)),
        ("vice", "副站长", (Role.STATION_DEPUTY,)),
        ("member-1", "网格员", (Role.GRID_MEMBER,)),
        ("member-2", "网格员", (Role.GRID_MEMBER,)),
    ),
}
_OFFICE_DESKS = (
    ("leader", "负责人", (Role.UNIT_LEADER, Role.UNIT_OFFICER)),
    ("officer-1", "经办人", (Role.UNIT_OFFICER,)),
    ("officer-2", "经办人", (Role.UNIT_OFFICER,)),
)


def _people(organisations: tuple[Organisation, ...]) -> tuple[Person, ...]:
    found: list[Person] = []
    for organisation in organisations:
        for desk, title, roles in _DESKS.get(organisation.kind, _OFFICE_DESKS):
            number = len(found)
            name = _SURNAMES[number % 10] + _GIVEN[number // 10 % 12] + _GIVEN[number // 120 % 12]
            seconded = organisation.function == "market" and desk == "leader"
            found.append(
                Person(
                    id=f"{organisation.code}-{desk}",
                    name=name,
                    unit=organisation.code,
                    roles=roles,
                    phone=f"0559-0000{number % 1000:03d}",
                    title=title,
                    seconded_to=(organisation.town or "",) if seconded else (),
                )
            )
    return tuple(found)
