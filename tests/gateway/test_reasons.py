"""Every reason that the rules can give has its words in three languages."""

import re
from datetime import date
from typing import get_args

import pytest

from complaints.breaches import Role
from complaints.categories import categories
from complaints.deadlines import Day, Limit, Unit
from complaints.limits import Reason as DayReason
from complaints.offices import LADDER
from complaints.phrases import phrases
from complaints.routing import Reason, Step, packaged_rules
from complaints.routing_table import RECEIVERS, SUBJECTS, UNIT_KINDS
from gateway.i18n import LANGUAGES, words
from gateway.reasons import say_day, say_limit, say_step

CONFLICTS = (
    "head", "member", "line", "relative", "recused", "recused_office", "unit_head", "own_unit",
    "answered", "below",
)  # fmt: skip
PARAMS = {"office": "O-1", "badge": "A1024", "unit": "U-1", "answered": "O-2"}


@pytest.fixture(params=LANGUAGES)
def said(request):
    return words(request.param)


def test_a_key_without_words_is_an_error_and_not_an_empty_line(said):
    with pytest.raises(KeyError):
        say_day(said, Day(date(2026, 3, 9), "because"))


def test_every_reason_of_a_day(said):
    lines = [say_day(said, Day(date(2026, 3, 9), reason)) for reason in get_args(DayReason)]
    assert len(set(lines)) == len(lines)
    both = {say_day(said, Day(date(2026, 3, 9), "counted", 1, name)) for name in
            ("morning", "afternoon")}  # fmt: skip
    assert len(both) == 2


@pytest.mark.parametrize("unit", get_args(Unit))
def test_every_unit_of_a_limit_with_its_number(said, unit):
    assert "1" in say_limit(said, Limit(1, unit))
    assert "5" in say_limit(said, Limit(5, unit))


@pytest.mark.parametrize("form", CONFLICTS)
def test_every_conflict_names_the_office(said, form):
    step = Step(10, "conflict", Reason(f"routing.conflict.{form}", PARAMS))
    assert "O-1" in say_step(said, step)
    assert "县府办" in say_step(said, step, name=lambda code: "县府办")


@pytest.mark.parametrize("receiver", sorted(RECEIVERS | {"discipline-internal"}))
def test_every_receiver_has_a_name(said, receiver):
    missing = Step(10, "no match", Reason("routing.missing", {"receiver": receiver}))
    assert said(f"routing.receiver.{receiver}") in say_step(said, missing)


@pytest.mark.parametrize("subject", sorted(SUBJECTS))
def test_every_subject_of_the_table_has_a_name(said, subject):
    step = Step(10, "no match", Reason("routing.no.subject", {"wanted": subject}))
    assert said(f"routing.subject.{subject.replace(' ', '_')}") in say_step(said, step)


def test_every_kind_of_unit_has_a_name(said):
    wanted = "|".join(sorted(UNIT_KINDS))
    step = Step(10, "no match", Reason("routing.no.unit_kind", {"wanted": wanted}))
    assert all(said(f"routing.unit_kind.{kind}") in say_step(said, step) for kind in UNIT_KINDS)


@pytest.mark.parametrize("rule", packaged_rules(), ids=lambda rule: str(rule.rank))
def test_whom_a_rule_is_for_is_said_in_words_and_never_as_a_code(said, rule):
    """A column of the table holds clauses ("time limit") beside codes ("T07")."""
    wanted = Reason("routing.no.category", {"wanted": "|".join(sorted(rule.codes))})
    line = say_step(said, Step(rule.rank, "no match", wanted))
    for code in rule.codes:
        assert said(f"category.{code}" if code in categories() else clause_key(code)) in line
        assert not re.search(rf"\b{code}\b", line) or said.language == "en"


def clause_key(clause):
    return f"clause.{clause.replace(' ', '_')}"


@pytest.mark.parametrize("rule", packaged_rules(), ids=lambda rule: str(rule.rank))
def test_every_default_rule_says_why_in_words(said, rule):
    step = Step(rule.rank, "taken", Reason("routing.taken.rule", {"office": "O", "why": rule.why}))
    key = f"routing.why.{rule.rank}" if rule.why else "routing.why.none"
    assert said(key) in say_step(said, step)


def test_a_county_says_why_in_its_own_words(said):
    own = Reason("routing.taken.up", {"office": "O-1", "why": "因为这里是我们县。"})
    assert "因为这里是我们县。" in say_step(said, Step(40, "taken", own))


@pytest.mark.parametrize("key", ["routing.no.county", "routing.no.sealed", "routing.taken.none"])
def test_the_other_reasons(said, key):
    assert say_step(said, Step(10, "no match", Reason(key, {"office": "O-1", "why": ""})))


def test_every_phrase_says_why_and_what_instead(said):
    names = {(each.reason, each.suggestion) for each in phrases()} | {("quoted", "quoted")}
    for reason, suggestion in names:
        assert said(f"phrases.reason.{reason}")
        assert said(f"phrases.suggestion.{suggestion}")


@pytest.mark.parametrize("form", ["twice", "number", "late"])
def test_every_reason_against_an_extension(said, form):
    assert said(f"lifecycle.extension.{form}")


def test_the_ladder_and_the_roles_are_those_that_are_worded():
    assert set(LADDER) <= RECEIVERS
    assert set(get_args(Role)) == {"hand_on", "unit", "put_together"}
