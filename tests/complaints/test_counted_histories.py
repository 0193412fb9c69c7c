"""Cases that real steps led anywhere, counted a second time from what was done to them."""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from board.ids import new_id
from complaints import answers, behind, counting
from complaints.figures import ALL, Figures, add
from complaints.limits import SHANGHAI, local
from complaints.periods import month_of
from complaints.standing import By, Move, Standing, begin
from complaints.steps import complainant, desk, office
from complaints.steps.words import Refused
from complaints.store.ratings import insert_rating
from complaints.store.standing import find_standing, update_case
from tests.complaints.test_answers import DRAFT, filed, seen
from tests.people import COUNTY, DIRECTORY

CALENDAR = COUNTY.calendar
DAY = timedelta(days=1)
START = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
LIANG = By("desk", "liang")
GOOD = "窗口说系统故障，我们正在核实当天的记录。"
ABOVE = DIRECTORY.office("O-JW")
CATEGORIES = ("L01", "L02", "T01", "V04")


@dataclass
class Lived:
    """What was done to a case, as somebody beside it would write it down."""

    id: UUID
    filed_on: date
    unit: str
    categories: tuple[str, ...]
    due_on: date | None = None
    answered_on: date | None = None
    returned: bool = False
    upheld: bool = False
    rated: tuple[int, bool] | None = None
    # The clock stands still: whoever was asked has this many working days.
    stands: bool = False
    state: str = ""

    def counted(self, today: date) -> Figures:
        late = self.answered_on and self.due_on and self.answered_on > self.due_on
        over = ("withdrawn", "closed", "archived")
        missing = self.answered_on is None and self.due_on is not None and self.due_on < today
        level, resolved = self.rated or (0, False)
        return Figures(
            filed=1,
            answered=int(self.answered_on is not None),
            in_time=int(self.answered_on is not None and not late),
            late=int(bool(late)),
            overdue=int(missing and not self.stands and self.state not in over),
            returned=int(self.returned),
            upheld=int(self.upheld),
            rated=int(self.rated is not None),
            resolved=int(resolved),
            satisfied=int(level >= 3),
            days={(self.answered_on - self.filed_on).days: 1} if self.answered_on else {},
        )


class Life:
    """One case, and chance, which leads it on by a real step at a time."""

    def __init__(
        self, conn: asyncpg.Connection, lived: Lived, chance: random.Random, into: UUID | None
    ) -> None:
        self.conn, self.lived, self.chance, self.into = conn, lived, chance, into

    async def case(self) -> Standing:
        found = await find_standing(self.conn, self.lived.id, lock=True)
        assert found is not None
        return found

    async def go_on(self, now: datetime) -> None:
        """A day of it: the first step that is drawn and that is allowed."""
        case = await self.case()
        acts = [
            self.answer, self.answer, self.returns, self.asks, self.replies, self.extends,
            self.rates, self.redoes, self.asks_review, self.desk_decides, self.withdraws,
            self.merges, self.signs, self.signs, self.rates, self.redoes,
        ]  # fmt: skip
        act = self.chance.choice(acts)
        try:
            await act(case, now)
        except Refused:
            return
        after = await self.case()
        self.lived.state = after.state
        self.lived.stands = after.asked_on is not None and after.asked_days > 0
        if self.lived.answered_on is None:
            self.lived.due_on = after.due_on

    async def answer(self, case: Standing, now: datetime) -> None:
        if case.owner != "office" or case.office is None:
            return
        finding = self.chance.choice(["substantiated", "partly", "unfounded", "undetermined"])
        found = tuple(replace(each, finding=finding) for each in DRAFT.findings)
        given = replace(DRAFT, findings=found)
        told = await seen(self.conn, case.id, case.office)
        done = await answers.answer(self.conn, told, given, CALENDAR, now, answer_id=new_id(now))
        if done == "done":
            self.lived.answered_on = self.lived.answered_on or local(now).date()
            self.lived.upheld = self.lived.upheld or finding in ("substantiated", "partly")

    async def _write(self, move: Move) -> None:
        assert await update_case(self.conn, move)

    async def signs(self, case: Standing, now: datetime) -> None:
        if "sign" in case.allowed("office"):
            await self._write(begin(case, CALENDAR, now).then("sign", By("office", case.office)))

    async def returns(self, case: Standing, now: datetime) -> None:
        to = next(each.code for each in DIRECTORY.offices if each.code != case.office)
        if case.owner == "office":
            await self._write(
                office.ask_return(case, GOOD, to, DIRECTORY, calendar=CALENDAR, now=now)
            )
            self.lived.returned = True

    async def asks(self, case: Standing, now: datetime) -> None:
        if case.owner == "office":
            await self._write(office.ask(case, GOOD, calendar=CALENDAR, now=now))

    async def replies(self, case: Standing, now: datetime) -> None:
        if case.state == "waiting":
            await self._write(complainant.reply(case, GOOD, calendar=CALENDAR, now=now))

    async def extends(self, case: Standing, now: datetime) -> None:
        if case.owner == "office":
            days = self.chance.randint(1, 10)
            await self._write(office.extend(case, GOOD, days, calendar=CALENDAR, now=now))

    async def rates(self, case: Standing, now: datetime) -> None:
        level, resolved = self.chance.randint(1, 5), self.chance.random() < 0.5
        await self._write(
            complainant.rate(case, level, resolved, "", ABOVE, calendar=CALENDAR, now=now)
        )
        await insert_rating(self.conn, case.id, level, now, resolved=resolved)
        self.lived.rated = (level, resolved)

    async def redoes(self, case: Standing, now: datetime) -> None:
        if case.state == "followed_up":
            by = By("office", case.office)
            await self._write(begin(case, CALENDAR, now).then("redo", by))

    async def asks_review(self, case: Standing, now: datetime) -> None:
        await self._write(complainant.ask_review(case, GOOD, ABOVE, calendar=CALENDAR, now=now))

    async def desk_decides(self, case: Standing, now: datetime) -> None:
        if case.state == "return_asked":
            await self._write(desk.refuse_return(case, GOOD, LIANG, calendar=CALENDAR, now=now))

    async def withdraws(self, case: Standing, now: datetime) -> None:
        if self.chance.random() < 0.03:
            await self._write(complainant.withdraw(case, "", calendar=CALENDAR, now=now))

    async def merges(self, case: Standing, now: datetime) -> None:
        into = await find_standing(self.conn, self.into) if self.into else None
        if into is not None and self.chance.random() < 0.1:
            await self._write(desk.merge(case, into, LIANG, calendar=CALENDAR, now=now))


async def begun(
    conn: asyncpg.Connection, now: datetime, chance: random.Random, into: UUID | None
) -> Life:
    """A new case of that moment."""
    categories = tuple(chance.sample(CATEGORIES, chance.randint(1, 3)))
    case = await filed(conn, now, category=categories)
    found = await find_standing(conn, case.id)
    assert found is not None
    lived = Lived(case.id, local(now).date(), found.unit or "", categories, found.due_on)
    return Life(conn, lived, chance, into)


def count_again(lives: Iterable[Life], today: date) -> dict[tuple[str, str], Figures]:
    """The figures from what was done, line by line."""
    piles: dict[tuple[str, str], list[Figures]] = defaultdict(list)
    for lived in (each.lived for each in lives):
        keys = [ALL, ("unit", lived.unit), *(("category", each) for each in lived.categories)]
        for key in keys if lived.state != "merged" else []:
            piles[key].append(lived.counted(today))
    return {key: add(pile) for key, pile in piles.items()}


async def recount(conn: asyncpg.Connection, lives: list[Life], now: datetime) -> None:
    """Every line, and the cases behind each of its figures, against what was done."""
    period = month_of(START.date())
    await counting.count_month(conn, period.first, now)
    counted = (await counting.find_counted(conn, period.first, period.last))[period.first]
    expected = count_again(lives, local(now).date())
    assert counted == expected
    for key, figures in expected.items():
        for count in behind.CASE_COUNTS:
            found = await behind.find_page(conn, period, key, count, now=now)
            assert found.count == getattr(figures, count), (key, count)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_what_is_counted_is_what_was_done_to_the_cases(
    conn: asyncpg.Connection, seed: int
) -> None:
    """Also once a rework, a review or another question has moved the day that is due."""
    chance, lives, now = random.Random(seed), list[Life](), START
    for day in range(60):
        now += timedelta(days=1, minutes=1)
        if day < 24 and day % 2:
            into = lives[0].lived.id if lives else None
            lives.append(await begun(conn, now, chance, into))
            # What may only be done at once.
            await lives[-1].go_on(now + timedelta(hours=1))
        for each in lives:
            if chance.random() < 0.5:
                await each.go_on(now + timedelta(hours=2))
        if day % 15 == 14:
            await recount(conn, lives, now + timedelta(hours=3))
