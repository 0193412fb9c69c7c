"""Random histories of a case: whatever people do, in whatever order, nobody is forgotten."""

from datetime import date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from complaints import lifecycle
from complaints.facts import Known
from complaints.lifecycle import OPEN, OVER
from complaints.limits import SHANGHAI
from complaints.offices import Facts
from complaints.rerouting import rerouted
from complaints.reviews import next_up
from complaints.routing import packaged_rules
from complaints.standing import SYSTEM, By, Move, begin
from complaints.steps import complainant, desk, keeping, office, system
from complaints.steps.words import Refused
from tests.complaints.test_steps import LIANG, waiting_at_desk
from tests.people import COUNTY, DIRECTORY

CALENDAR = COUNTY.calendar
RULES = packaged_rules()
START = datetime(2026, 3, 2, 10, 0, tzinfo=SHANGHAI)
GOOD = "窗口说系统故障，我们正在核实当天的记录。"
WORDS = st.sampled_from([GOOD, GOOD, GOOD, GOOD, "", "不归我管", "的" * 2001])
OFFICES = st.sampled_from(sorted(each.code for each in DIRECTORY.offices))


class History(RuleBasedStateMachine):
    """One case from the desk to its archive, by everybody who may touch it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.case = waiting_at_desk()._replace(created_at=START)
        self.events: list[object] = []
        self.answered: tuple[str, ...] = ()
        self.fired: list[tuple[datetime, str | None]] = []

    @property
    def at(self) -> dict[str, object]:
        return {"calendar": CALENDAR, "now": self.now}

    @property
    def above(self) -> object:
        facts = Facts((), unit="RS", state="unit", answered=self.answered)
        return next_up(self.case.office, facts, DIRECTORY)

    def take(self, step, *args) -> None:  # type: ignore[no-untyped-def]
        """Takes a step, or is refused and changes nothing."""
        try:
            move: Move = step(*args, **self.at)
        except Refused:
            return
        assert move.was == self.case
        # Nobody wipes it again.
        assert self.case.wiped_at is None or not any(each.words for each in move.events)
        assert move.case.steps > self.case.steps
        self.events += move.events
        self.case = move.case

    @rule(hours=st.integers(1, 24 * 20))
    def time_passes(self, hours: int) -> None:
        if self.now < START + timedelta(days=200):  # the calendar ends with the year
            self.now += timedelta(hours=hours)

    @rule()
    def the_timers_run(self) -> None:
        if self.case.wake_at is None or self.case.wake_at > self.now:
            return
        woken = self.case.wake_at
        # Of two deadlines, as to sign and to answer, each may be over on the same day.
        fires = (woken, self.case.next_kind)
        assert fires not in self.fired
        self.fired.append(fires)
        move = system.wake(self.case, DIRECTORY, CALENDAR, self.now)
        # A clock that runs again may have run out meanwhile, which is told of at once.
        runs = (self.case.state, move.case.state) == ("waiting", "in_hand")
        after = woken if runs else self.now
        assert move.case.wake_at is None or move.case.wake_at > after
        self.events += move.events
        self.case = move.case

    @rule(to=OFFICES, words=WORDS)
    def the_desk_dispatches(self, to: str, words: str) -> None:
        if to not in self.answered:  # a conflict, which the page refuses
            self.take(desk.dispatch, self.case, DIRECTORY.office(to), words, LIANG)

    @rule(words=WORDS, dice=st.integers(1, 6))
    def the_desk_declines(self, words: str, dice: int) -> None:
        if dice == 6:  # seldom, or no history would be long
            self.take(desk.decline, self.case, words, "县人民法院", LIANG)

    @precondition(lambda self: self.case.state in ("return_asked", "disputed", "dispatched"))
    @precondition(lambda self: self.case.state in ("return_asked", "disputed", "dispatched"))
    @rule(words=WORDS, to=OFFICES, refuses=st.booleans())
    def the_desk_ends_a_return(self, words: str, to: str, refuses: bool) -> None:
        if refuses:
            self.take(desk.refuse_return, self.case, words, LIANG)
        else:
            self.take(desk.assign, self.case, DIRECTORY.office(to), words, LIANG)

    @rule(words=WORDS)
    def the_desk_presses(self, words: str) -> None:
        self.take(desk.remind, self.case, words, LIANG)
        self.take(desk.supervise, self.case, "desk", LIANG)

    @rule(words=WORDS)
    def the_desk_lifts_what_it_supervised(self, words: str) -> None:
        self.take(keeping.lift, self.case, words, LIANG)

    @precondition(lambda self: self.case.owner == "office")
    @rule(words=WORDS, to=OFFICES)
    def the_office_returns(self, words: str, to: str) -> None:
        self.take(office.ask_return, self.case, words, to, DIRECTORY)

    @precondition(lambda self: self.case.owner == "office")
    @rule(words=WORDS, number=st.integers(0, 12))
    def the_office_extends(self, words: str, number: int) -> None:
        self.take(office.extend, self.case, words, number)

    @precondition(lambda self: self.case.owner in ("office", "complainant"))
    @rule(words=WORDS, waits=st.booleans())
    def the_office_asks(self, words: str, waits: bool) -> None:
        self.take(office.ask, self.case, words)
        if not waits:
            self.take(office.go_on, self.case, "李工")

    @precondition(lambda self: self.case.owner == "office")
    @rule()
    def the_office_takes_it_up(self) -> None:
        self.take(office.take_up, self.case, "吴敏")

    @rule(who=st.sampled_from(["office", "office", "everybody", "nobody"]), by_hand=st.booleans())
    def the_county_changes(self, who: str, by_hand: bool) -> None:
        """Its office steps back, or all that there are; or the rules say something else."""
        offices = {each.code for each in DIRECTORY.offices}
        recused = {"office": {self.case.office}, "everybody": offices, "nobody": set()}[who]
        facts = Facts(
            (), unit="RS", state="unit", answered=self.answered,
            recused=frozenset(each for each in recused if each),
        )  # fmt: skip
        found = rerouted(begin(self.case, CALENDAR, self.now), Known(facts, by_hand), COUNTY)
        if found is None:
            return
        assert found.move.case.office not in facts.recused
        assert found.move.revokes_links
        self.events += found.move.events
        self.case = found.move.case

    @precondition(lambda self: self.case.owner == "desk")
    @rule(to=OFFICES)
    def the_desk_does_its_work(self, to: str) -> None:
        if to in self.answered:
            return  # a conflict, which the page refuses
        if self.case.state == "disputed":
            self.take(desk.assign, self.case, DIRECTORY.office(to), GOOD, LIANG)
        elif self.case.state == "followed_up":
            self.take(desk.redo, self.case, DIRECTORY.office(to), GOOD, LIANG)
        else:
            self.take(desk.dispatch, self.case, DIRECTORY.office(to), "", LIANG)

    @precondition(lambda self: self.case.owner == "office")
    @rule()
    def the_office_works(self) -> None:
        by = By("office", self.case.office)
        for step in ("sign", "redo", "answer", "decide_review"):
            if step in self.case.allowed("office"):
                move = begin(self.case, CALENDAR, self.now).then(step, by)
                if step in ("answer", "decide_review"):
                    assert self.case.office is not None
                    assert self.case.state not in ("review", "final_review") or (
                        self.case.office not in self.answered
                    )
                    self.answered = (*self.answered, self.case.office)
                if step == "answer":
                    move = move.then("release", SYSTEM)
                self.events += move.events
                self.case = move.case
                return

    @precondition(lambda self: self.case.state in ("released", "in_hand"))
    @rule(level=st.integers(0, 6), resolved=st.booleans(), words=WORDS)
    def the_complainant_rates(self, level: int, resolved: bool, words: str) -> None:
        self.take(complainant.rate, self.case, level, resolved, words, self.above)

    @precondition(lambda self: self.case.state in ("closed", "waiting", "dispatched"))
    @rule(words=WORDS, what=st.sampled_from(["reply", "review", "review", "withdraw"]))
    def the_complainant_speaks(self, words: str, what: str) -> None:
        if what == "reply":
            self.take(complainant.reply, self.case, words)
        elif what == "review":
            self.take(complainant.ask_review, self.case, words, self.above)
        elif words.startswith("不"):  # as seldom
            self.take(complainant.withdraw, self.case, "")

    @invariant()
    def an_open_case_has_an_owner_a_deadline_and_a_next_look(self) -> None:
        if self.case.state in OPEN:
            assert self.case.owner in ("desk", "office", "complainant")
            assert self.case.next_at is not None
            assert self.case.wake_at is not None
            assert (self.case.owner == "office") <= (self.case.office is not None)
        else:
            assert self.case.state in OVER
            assert (self.case.owner, self.case.next_at) == (None, None)
            assert (self.case.wake_at is None) == (self.case.wiped_at is not None)

    @invariant()
    def what_waits_for_the_desk_can_be_led_on_there(self) -> None:
        if self.case.owner == "desk":
            assert desk.LEADS_ON.intersection(self.case.allowed("desk"))

    @invariant()
    def everything_that_happened_names_who_did_it(self) -> None:
        for event in self.events:
            assert event.by.kind in ("system", "complainant", "office", "desk")  # type: ignore[attr-defined]
            named = event.by.kind in ("office", "desk")  # type: ignore[attr-defined]
            assert named == (event.by.name is not None)  # type: ignore[attr-defined]

    @invariant()
    def the_answer_is_never_due_later_than_the_rules_allow(self) -> None:
        """15 working days, 10 more once, 10 for all questions together."""
        due = self.case.due_on
        if due is None or self.case.limit != lifecycle.ANSWER["complaint"]:
            return
        assert self.case.limit_start is not None
        most = 15 + 10 + 10
        assert CALENDAR.count(self.case.limit_start, due) <= most
        assert due <= date(2026, 12, 31)


TestHistories = History.TestCase
TestHistories.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
