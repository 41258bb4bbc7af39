"""Frozen rows that screens read. No screen ever sees a database object (house.md §4.1)."""

from __future__ import annotations

import msgspec

from models.attachment import Attachment
from models.case import Case, Step
from models.decide.spoken import SpokenFor
from models.delivery import Delay
from models.light import Light
from models.line_state import SILENT as SILENT
from models.line_state import CarriedFor as CarriedFor
from models.line_state import Kept as Kept
from models.line_state import LineState as LineState
from models.owner_workstation import AtAnother
from models.row import CaseRow


class QueueQuery(msgspec.Struct, frozen=True):
    """What the queue shows. `chip` is one of CHIPS; what a figure counts narrows it (from the alerts page, the roster and
    the head): `unit` and `stage` of the clock due first, `station` of the place, `light` of LIGHTS.

    `day` (YYYY-MM-DD): handled and closed on that local day. With a `promise` (a stage) instead: cases with a clock of
    that stage judged on that day or the `days` - 1 before; `verdict` "on_time", "late" or "evidence_owed", "" for the first two. `sort` is a column
    of SORTS. Equal queries are equal values, so an answer can be matched to its question.
    """

    chip: str = "open"
    text: str = ""
    unit: str = ""
    stage: str = ""
    station: str = ""
    light: str = ""
    day: str = ""
    days: int = 1
    promise: str = ""
    verdict: str = ""
    sort: str = "due"
    descending: bool = False
    group_by_unit: bool = False


CHIPS = (
    "open",
    "mine",
    "to_file",
    "to_dispatch",
    "with_units",
    "suspended",
    "to_check",
    "to_confirm",
    "overdue",
    "doubtful",
    "evidence_owed",
    "unsent",
    "closed",
    "all",
)
"""Filter chips of the queue, in their order on screen. `mine`: the next step is this unit's; `suspended`: 挂账 lasts;
`doubtful`: some clock stopped in a doubtful time, to be ruled on; `evidence_owed`: some photograph is owed; `all`: whatever its state."""

RARE_CHIPS = ("evidence_owed",)
"""Those that are shown only while they hold something."""

LIGHTS = ("red", "yellow", "green", "doubtful", "running", "late")
"""How the cases of a query shine: by the clock due first; "running": some clock runs; "late": some clock ended late
(曾超时)."""

SORTS = ("due", "stage", "title", "station", "lead", "channel", "number", "reported", "next")
"""Columns the queue sorts by. "due" puts running clocks first, earliest due first."""


class QueueRow(msgspec.Struct, frozen=True):
    """One line of the queue: the stored row, the names to print, and whether an act on it is still unsent."""

    row: CaseRow
    category_name: str
    station_name: str
    lead_name: str
    channel_name: str
    next_unit_name: str
    unsent: bool
    group: str = ""


class QueueGroup(msgspec.Struct, frozen=True):
    """The cases of one responsible unit (the lead; "" while nobody has the case) within a query's answer."""

    unit: str
    name: str
    count: int
    red: int
    yellow: int


class QueuePage(msgspec.Struct, frozen=True):
    """Rows `offset` … `offset + len(rows) - 1` of a query's answer; `total` is the true count at that moment.

    `groups` in their order when the query groups by unit; `unit_name` of the unit or station it is narrowed to.
    `last_key` is where the next page begins: what the last row is ordered by.
    """

    query: QueueQuery
    offset: int
    total: int
    rows: tuple[QueueRow, ...]
    groups: tuple[QueueGroup, ...] = ()
    unit_name: str = ""
    last_key: tuple[str | int, ...] = ()


class QueueCounts(msgspec.Struct, frozen=True):
    """Live figures: how many cases each chip holds, and the lights of the open ones. `doubtful`: 时间待认定.

    `next_change_at` (ms UTC): up to then no figure changes by the mere passing of a known time; None when no light turns.
    """

    chips: dict[str, int]
    red: int
    yellow: int
    green: int
    open_cases: int
    all_cases: int
    doubtful: int = 0
    next_change_at: int | None = None


class Suggestion(msgspec.Struct, frozen=True):
    """The unit to dispatch to, counted from cases: `agreeing` of `similar` went there in the last 90 days; `by_rule`
    when no case speaks yet and the responsibility rule does (演示数据). `named`: all the rule names, its lead first, also those whom
    only the district may name."""

    unit: str
    unit_name: str
    agreeing: int
    similar: int
    by_rule: bool
    co: tuple[str, ...] = ()
    needs_ruling: bool = False
    named: tuple[str, ...] = ()


class ActState(msgspec.Struct, frozen=True):
    """What became of an own act: state "saved" 已存本机·待上报, "sent" 已上报·待回执, or its outcome, with the reason;
    "evidence_owed" for an accepted one whose file, or the photograph of the duty it met, is awaited."""

    cmd_id: str
    state: str
    code: str = ""
    args: dict[str, str | int] = {}


class CaseBrief(msgspec.Struct, frozen=True):
    """A case in one line, to recognise it by: when it may be the same problem, or was looked for by number."""

    id: str
    number: str
    title: str
    place: str
    category_name: str
    station_name: str
    state: str
    is_open: bool
    reported_at: int


class Contact(msgspec.Struct, frozen=True):
    """Whom to ask for at a unit about one case. `part`: "handler" who acted on it last, "on_duty", "leader"."""

    name: str
    phone: str
    part: str


class AttachmentView(msgspec.Struct, frozen=True):
    """A photograph or file of a case on this workstation: `percent` of an own one that is still being sent, None for any
    other; `is_here` when its bytes are."""

    attachment: Attachment
    percent: int | None
    is_here: bool


class CasePanel(msgspec.Struct, frozen=True):
    """Everything the case panel shows: the case itself, the names it mentions, what this person may do now, what
    became of own acts, and the suggestion when it waits for dispatch. `names` maps codes and person ids to names;
    `phones` maps units and staff to duty phones; `staff` maps units to the ids of their people. `spoken` is what may be
    typed for units that reported by telephone (代录), `to_ratify` the acts that wait for this unit's 追认; `similar` are
    open cases that may be the same problem; `neighbours` are units whose people may check in the station's place;
    `asked_at` is the present the panel was read in. `may_read_requester`: a record of who asked exists, and this person may
    read it here (models/personal_access.py). `delays`: by clock, what lay between sending and telling, where it is worth a
    word. `contacts` maps each unit that has the case to whom to ask for there. `attachments`: oldest first.
    `at_another`: the case is with another workstation of this unit, None when it is not, or nobody knows."""

    case: Case
    row: CaseRow
    names: dict[str, str]
    phones: dict[str, str]
    allowed: tuple[str, ...]
    acts: dict[str, ActState]
    suggestion: Suggestion | None
    assignable: tuple[str, ...]
    category_name: str
    undoable: str = ""
    staff: dict[str, tuple[str, ...]] = {}
    spoken: tuple[SpokenFor, ...] = ()
    to_ratify: tuple[str, ...] = ()
    similar: tuple[CaseBrief, ...] = ()
    neighbours: tuple[str, ...] = ()
    ring_again_minutes: int = 0
    asked_at: int = 0
    may_read_requester: bool = False
    contacts: dict[str, Contact] = {}
    delays: dict[str, Delay] = {}
    attachments: tuple[AttachmentView, ...] = ()
    at_another: AtAnother | None = None


class TrayItem(msgspec.Struct, frozen=True):
    """An own act that did not take effect (未生效操作): what it was, when, why not, what may be done instead. `by`: the id of who
    made it, when it was carried here for another workstation. `to`: the name of the unit it named; `first`: the act that was first,
    if it is on record here; `to_call_off`: that unit was rung, and does not have the case. `handed_to`: the id of the colleague it
    lies with, since when (ms UTC), by whom, with what word; `is_elsewhere`: of another workstation of the unit."""

    cmd_id: str
    case_id: str
    case_number: str
    kind: str
    made_at: int
    code: str = ""
    args: dict[str, str | int] = {}
    allowed: tuple[str, ...] = ()
    names: dict[str, str] = {}
    by: str = ""
    to: str = ""
    first: Step | None = None
    to_call_off: bool = False
    handed_to: str = ""
    handed_by: str = ""
    handed_at: int = 0
    note: str = ""
    is_elsewhere: bool = False


class StationRow(msgspec.Struct, frozen=True):
    """One village workstation on the roster: who runs it, who is on today, the last call, and what it has in hand.

    `red` and `yellow` are lights of the open cases of its place, whoever owes the move; `own_red` and `own_yellow` of
    those whose clock due first is the station's own. `on_duty_title`: what who is on duty is at the station."""

    code: str
    name: str
    head: str
    deputy: str
    members: tuple[str, ...]
    on_duty: str
    on_duty_title: str
    phone: str
    last_call_at: int | None
    last_call_result: str
    open_cases: int
    red: int
    yellow: int
    own_red: int = 0
    own_yellow: int = 0


class StationCase(msgspec.Struct, frozen=True):
    """A case that a station may be rung about or sent: what, where, its state, the clock due first, and what may be done.
    `elsewhere` when it is neither of the station's place nor in its hands (外村); `station_name` is then whose place it is.
    `provisional`: the due time is 暂定. `at_another`: as in CasePanel.
    """

    id: str
    number: str
    title: str
    place: str
    state: str
    due_at: int | None
    yellow_at: int | None
    stage: str
    may_call: bool
    may_dispatch: bool
    elsewhere: bool = False
    station_name: str = ""
    provisional: bool = False
    at_another: AtAnother | None = None


class MatrixCell(msgspec.Struct, frozen=True):
    """Open cases of one unit in one stage, by light."""

    unit: str
    unit_name: str
    stage: str
    count: int
    worst: Light


class ColourChange(msgspec.Struct, frozen=True):
    """A clock that turns yellow or red within the next two hours: whose, of which stage. `possibly`: in a doubtful time, it
    may have turned already."""

    case_id: str
    title: str
    at: int
    to: Light
    unit_name: str
    stage: str
    possibly: bool = False


class DayFigures(msgspec.Struct, frozen=True):
    """One local day: closed, closed late, and the three promises by the day their clock stopped: for each stage the case
    of every clock met, missed, doubtful or 待补证据 (a case stands twice where two of its clocks were)."""

    day: str
    closed: int
    closed_late: int
    met: dict[str, tuple[str, ...]]
    missed: dict[str, tuple[str, ...]]
    doubtful: dict[str, tuple[str, ...]]
    owed: dict[str, tuple[str, ...]]


class DutyLine(msgspec.Struct, frozen=True):
    """One case a unit owes a move on; `stage`, `due_at` and `yellow_at` are of the clock of that move. A move without a
    clock of its own (签收) says since when the unit knows: `since_at`, and how (`since_kind`: "delivered", "notified");
    None while it has not been told; of a photograph that is owed when its duty was met, and the stage of that. 追认 is due without a
    stage or a yellow. `provisional`: the due time is 暂定."""

    case_id: str
    title: str
    place: str
    town_name: str
    stage: str
    due_at: int | None
    yellow_at: int | None
    emergency: bool
    since_at: int | None = None
    since_kind: str = ""
    provisional: bool = False


class DutyGroup(msgspec.Struct, frozen=True):
    """The cases on which a unit owes one kind of move (services/duties.py names them)."""

    name: str
    lines: tuple[DutyLine, ...]
