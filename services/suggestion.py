"""Whom to dispatch to: counted from cases, and said as n of m; the responsibility rule speaks when no case does (D29)."""

from __future__ import annotations

from collections import Counter

from models.case import Case
from models.clock import DAY_MS
from models.organisation import OrganisationKind
from models.store.case_lists import leads_of_alike
from models.store.work import Work
from models.views import Suggestion

WINDOW_DAYS = 90


def suggest(work: Work, case: Case) -> Suggestion | None:
    """The unit most cases of this category went to from this town in the last 90 days, or the rule's unit.

    A station answers for its own place: "the station" is counted as one function, whichever village it is. At the district's desk all
    that went to the town's units went to the town: it is the town it hands the case to.
    """
    rules = work.rules
    rule = rules.responsibility(case.category)
    co = tuple(u.code for f in (rule.co if rule else ()) if (u := rules.unit_for(f, case.town, case.station)))
    lead_by_rule = rules.unit_for(rule.lead, case.town, case.station) if rule else None
    named = tuple(dict.fromkeys((*((lead_by_rule.code,) if lead_by_rule else ()), *co)))
    needs_ruling = rule is not None and not rule.town_has_function and bool(rule.co)
    since = work.present().shown_at - WINDOW_DAYS * DAY_MS
    counted: Counter[str] = Counter()
    for lead in leads_of_alike(work.connection, case, since):
        own_place = rules.kind(lead) is OrganisationKind.STATION
        of_town = case.level != case.town and rules.town_of(lead) == case.town
        counted[case.town if of_town else "station" if own_place else lead] += 1
    for unit, agreeing in counted.most_common():
        code = case.station if unit == "station" else unit
        if rules.may_name(case.level, code):
            name = rules.organisations[code].name
            return Suggestion(code, name, agreeing, counted.total(), False, co, needs_ruling, named)
    if lead_by_rule is None or not rules.may_name(case.level, lead_by_rule.code):
        return Suggestion("", "", 0, counted.total(), True, co, needs_ruling, named) if needs_ruling else None
    return Suggestion(lead_by_rule.code, lead_by_rule.name, 0, counted.total(), True, co, needs_ruling, named)
