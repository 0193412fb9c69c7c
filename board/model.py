"""What a county publishes, as values. Every process holds them in memory; nothing here changes.

Field names are the column names of the county files and of the tables, so that one name serves
from spreadsheet to page. Dates are Asia/Shanghai dates; `accepted_at` and `decided_at` are aware
datetimes. Text that may be empty is "", a thing that may be absent is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

UnitKind = Literal[
    "department", "town", "bureau", "government", "petition", "discipline", "hotline", "upper"
]
Rank = Literal[
    "head", "deputy_head", "leader", "chief", "clerk", "contracted", "village", "operator"
]
MatterKind = Literal["approval", "service", "parallel"]
LimitUnit = Literal["working_day", "calendar_day", "half_day", "hour"]
AfterClose = Literal["same_day", "next_workday"]
StepRole = Literal["hand_on", "unit", "put_together"]
OfficeKind = Literal[
    "unit",
    "town-discipline",
    "stationed-discipline",
    "bureau",
    "government",
    "hotline-supervisor",
    "petition",
    "discipline",
    "discipline-internal",
    "upper",
]
DayKind = Literal["off", "work", "closure"]


@dataclass(frozen=True, slots=True)
class CountyProfile:
    """What the county says about itself; telephones are for people without internet."""

    code: str
    name: str
    name_en: str
    address: str
    hotline: str
    desk_phone: str
    desk_email: str


@dataclass(frozen=True, slots=True)
class Unit:
    """单位: a department, a town, or one of the county's own bodies."""

    code: str
    kind: UnitKind
    name: str
    name_en: str
    address: str
    phone: str
    hours: str
    functions: str
    head_badge: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Section:
    """股室 of a unit; for towns 办公室 and 中心."""

    code: str
    unit: str
    name: str
    name_en: str
    floor: str
    room: str
    phone: str
    duties: str
    position: int


@dataclass(frozen=True, slots=True)
class Window:
    """窗口 of a service hall."""

    code: str
    name: str
    hall: str
    section: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Staff:
    """One person with a badge; `until` is the last day of those who left."""

    badge: str
    placard: str | None
    unit: str
    section: str | None
    window: str | None
    name: str
    # The person's own reading where a dictionary guesses wrongly (单 仇 曾), else "".
    pinyin: str
    post: str
    rank: Rank
    duties: str
    superior: str | None
    since: date
    until: date | None

    def serves_on(self, day: date) -> bool:
        """Whether the person was in office on `day`, first and last day included."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Matter:
    """事项 with both limits; a limit that no law or promise sets has number and unit None."""

    code: str
    unit: str
    section: str | None
    name: str
    name_en: str
    kind: MatterKind
    statutory_number: int | None
    statutory_unit: LimitUnit | None
    statutory_basis: str
    promised_number: int | None
    promised_unit: LimitUnit | None
    after_close: AfterClose
    basis: str
    fee: str
    fee_basis: str
    # One step a line, in order.
    steps: str
    place: str
    valid_from: date
    position: int


@dataclass(frozen=True, slots=True)
class FormerLimits:
    """The limits that a matter had before: in force from ``valid_from`` until the next ones are."""

    matter: str
    valid_from: date
    statutory_number: int | None
    statutory_unit: LimitUnit | None
    statutory_basis: str
    promised_number: int | None
    promised_unit: LimitUnit | None
    after_close: AfterClose


@dataclass(frozen=True, slots=True)
class Material:
    """One line of what an applicant has to bring."""

    matter: str
    position: int
    name: str
    copies: str
    note: str


@dataclass(frozen=True, slots=True)
class ParallelStep:
    """One line of a parallel-approval time table (domain.md R11)."""

    matter: str
    position: int
    role: StepRole
    unit: str
    limit_number: int
    limit_unit: LimitUnit


@dataclass(frozen=True, slots=True)
class ReceiptStep:
    """One unit's part in a parallel approval: when it was handed the file, when it was done.

    `started_on` None: not handed on yet; `finished_on` None: still open.
    """

    receipt: str
    position: int
    unit: str
    started_on: date | None
    finished_on: date | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """收件回执 as the county's own system knows it.

    `steps`: of a parallel approval, where the receipt was looked up alone; the county files keep
    them in a table of their own.
    """

    number: str
    matter: str
    accepted_at: datetime
    decided_at: datetime | None
    steps: tuple[ReceiptStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Office:
    """监督机构; `above` is the office that a case in conflict goes up to."""

    code: str
    kind: OfficeKind
    unit: str | None
    name: str
    name_en: str
    email: str
    phone: str
    address: str
    above: str | None
    head_badge: str | None
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relative:
    """A declared kinship; routing reads it in both directions."""

    badge: str
    relative_badge: str


@dataclass(frozen=True, slots=True)
class RoutingRow:
    """One row of the ordered routing table, alternatives still joined by `|`."""

    rank: int
    clause_or_code: str
    subject: str
    unit_kind: str
    receives: str
    hidden_from: str
    why: str


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """A year whose rest days are published; `notice` holds addresses, one a line."""

    year: int
    notice: str


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day that differs from its weekday: off, made up, or closed by the county."""

    day: date
    kind: DayKind
    note: str


@dataclass(frozen=True, slots=True)
class County:
    """Everything that the county files say, in the order of the files."""

    profile: tuple[CountyProfile, ...] = ()
    units: tuple[Unit, ...] = ()
    sections: tuple[Section, ...] = ()
    windows: tuple[Window, ...] = ()
    staff: tuple[Staff, ...] = ()
    matters: tuple[Matter, ...] = ()
    materials: tuple[Material, ...] = ()
    parallel_steps: tuple[ParallelStep, ...] = ()
    offices: tuple[Office, ...] = ()
    relatives: tuple[Relative, ...] = ()
    routing: tuple[RoutingRow, ...] = ()
    calendar_years: tuple[CalendarYear, ...] = ()
    calendar_days: tuple[CalendarDay, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    receipt_steps: tuple[ReceiptStep, ...] = ()


Versions = Mapping[str, int]
