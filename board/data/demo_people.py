"""The demo county's 900 people: invented names, believable posts, a superior for everybody."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from board.data.demo_units import Seeds
from board.model import Rank, Section, Staff, Unit, Window
from board.names import syllables

PEOPLE = 900
LEFT = 14
FIRST_BADGE = 1001
# How many of each kind a section has besides its chief.
SECTION_CLERKS = {"department": 4, "town": 2, "discipline": 2}
CALL_OPERATORS = 24
STATIONED = 20
# A1024 at window 12, whom the README tells of, has a surname that is read in its own way.
FAMOUS = 23
# Surnames that a dictionary misreads carry their own reading.
OWN_READING = frozenset(("单", "仇", "曾", "区", "解", "任", "查", "盖", "缪", "翟", "乐", "冼",
                         "覃", "朴", "尉迟", "万俟", "员", "吕"))  # fmt: skip


class People:
    """Hires one after the other; badges and placards run on."""

    def __init__(self, seeds: Seeds) -> None:
        self._rng = seeds.rng
        self._surnames = list(str(seeds.names["surnames"]))
        rare = seeds.names["rare"]
        self._rare = [str(name) for name in rare] if isinstance(rare, list) else []
        self._given = list(str(seeds.names["given"]))
        self.staff: list[Staff] = []

    def hire(
        self,
        unit: str,
        rank: Rank,
        post: str,
        duties: str,
        *,
        section: str | None = None,
        superior: str | None = None,
        window: Window | None = None,
    ) -> str:
        """Adds one person and returns the badge."""
        number = len(self.staff)
        surname, name, reading = self._name(number)
        self.staff.append(
            Staff(
                badge=f"A{FIRST_BADGE + number}",
                placard=_placard(number, window),
                unit=unit,
                section=section,
                window=window.code if window else None,
                name=name,
                pinyin=reading if surname in OWN_READING else "",
                post=post,
                rank=rank,
                duties=duties,
                superior=superior,
                since=date(2009, 3, 2) + timedelta(days=self._rng.randrange(5800)),
                until=None,
            )
        )
        return self.staff[-1].badge

    def _name(self, number: int) -> tuple[str, str, str]:
        # Every fortieth person has one of the rare surnames, each of them in turn.
        rare = number % 40 == 7
        surname = (
            self._rare[number // 40 % len(self._rare)] if rare else self._rng.choice(self._surnames)
        )
        if number == FAMOUS:
            surname = "区"
        given = "".join(self._rng.sample(self._given, self._rng.choice((1, 2, 2, 2, 2))))
        return surname, surname + given, " ".join(syllables(surname + given))


def _placard(number: int, window: Window | None) -> str:
    """P-012 is window 12; the colleague who shares the window has P-112; desks go from P-201."""
    if window is None:
        return f"P-{number + 201 - 144:03}"
    return f"P-{window.position + (100 if number % 2 == 0 else 0):03}"


def make_staff(
    seeds: Seeds,
    units: tuple[Unit, ...],
    sections: tuple[Section, ...],
    windows: tuple[Window, ...],
) -> tuple[tuple[Staff, ...], dict[str, str]]:
    """All staff, and the head's badge by unit. The hall is hired first, two to a window, so that
    A1024 sits at window 12."""
    people = People(seeds)
    for window in windows:
        unit = (window.section or "").split("-")[0]
        duties = f"在{window.name}收件、咨询、出证，材料齐全当场受理"
        for post in ("窗口工作人员", "窗口首席"):
            people.hire(unit, "clerk", post, duties, section=window.section, window=window)
    heads: dict[str, str] = {}
    for unit_row in units:
        own = [s for s in sections if s.unit == unit_row.code]
        if unit_row.kind != "upper":
            heads[unit_row.code] = _fill_unit(people, unit_row, own)
    _contract_the_rest(people, sections)
    return _with_leavers(_with_chiefs(people.staff), seeds), heads


def _fill_unit(people: People, unit: Unit, sections: list[Section]) -> str:
    town = unit.kind == "town"
    head = people.hire(unit.code, "head", "镇长" if town else "主要负责人", "主持全面工作")
    deputy_rank: Rank = "leader" if town else "deputy_head"
    post = "副镇长" if town else "副职负责人"
    deputies = [
        people.hire(unit.code, deputy_rank, post, f"分管{part}工作", superior=head)
        for part in _shares(sections)
    ]
    for at, section in enumerate(sections):
        _fill_section(people, unit, section, deputies[at % len(deputies)])
    return head


def _shares(sections: list[Section]) -> list[str]:
    names = [section.name for section in sections]
    return ["、".join(names[0::2]), "、".join(names[1::2])]


def _fill_section(people: People, unit: Unit, section: Section, deputy: str) -> None:
    chief = people.hire(
        unit.code, "chief", f"{section.name}负责人", section.duties,
        section=section.code, superior=deputy,
    )  # fmt: skip
    clerks = SECTION_CLERKS.get(unit.kind, 2)
    if section.name == "行政审批服务股":
        clerks = 0  # its clerks sit in the hall
    elif section.name == "办公室":
        clerks = 2
    rank: Rank = "operator" if section.name == "话务股" else "clerk"
    if rank == "operator":
        clerks = CALL_OPERATORS
    elif section.name == "派驻管理室":
        clerks = STATIONED
    post = {"话务股": "话务员", "派驻管理室": "派驻纪检监察组干部"}.get(section.name, "科员")
    duties = section.duties.replace("；", "，").split("，")
    for n in range(clerks):
        people.hire(
            unit.code, rank, post, f"承办：{duties[n % len(duties)]}",
            section=section.code, superior=chief,
        )  # fmt: skip
    if section.name == "公共服务办公室":
        for post in ("村（社区）公共服务站工作人员", "村（社区）网格员", "村（社区）代办员"):
            people.hire(
                unit.code, "village", post, "在村（社区）代办社保、民政等事项",
                section=section.code, superior=chief,
            )  # fmt: skip


CONTRACT_POSTS = (
    ("大厅导办员", "引导取号、填表，帮助老年人和残疾人"),
    ("协管员", "协助维持秩序，收集群众意见"),
    ("档案整理员", "整理、扫描和借阅档案"),
)


def _contract_the_rest(people: People, sections: tuple[Section, ...]) -> None:
    """Workers on contract make up the number, spread over sections that deal with people."""
    places = [s for s in sections if s.code.endswith(("-2", "-3"))]
    for n in range(PEOPLE - len(people.staff)):
        section = places[n * 7 % len(places)]
        post, duties = CONTRACT_POSTS[n % len(CONTRACT_POSTS)]
        people.hire(section.unit, "contracted", post, duties, section=section.code)


def _with_chiefs(staff: list[Staff]) -> list[Staff]:
    """Hall and contract workers answer to the chief of their section."""
    chiefs = {p.section: p.badge for p in staff if p.rank == "chief"}
    return [
        replace(p, superior=chiefs[p.section])
        if p.superior is None and p.rank in ("clerk", "contracted")
        else p
        for p in staff
    ]


def _with_leavers(staff: list[Staff], seeds: Seeds) -> tuple[Staff, ...]:
    """Some clerks left; their numbers stay known for their time."""
    offices = Counter(p.section for p in staff)
    may_leave = [
        p.badge
        for p in staff
        if p.rank == "clerk" and not p.window and offices[p.section] > 4 and "DIS" not in p.unit
    ]
    leavers = set(seeds.rng.sample(may_leave, LEFT))
    return tuple(
        replace(p, until=max(p.since, date(2025, 1, 31)) + timedelta(days=31 * (at % 20)))
        if p.badge in leavers
        else p
        for at, p in enumerate(staff)
    )
