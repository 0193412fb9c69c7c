"""Who receives a complaint, and that nobody ever judges himself, his own or his superior."""

import csv
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from board.directory import Directory
from board.model import County, Relative, RoutingRow
from complaints import routing
from complaints.categories import categories
from complaints.offices import LADDER
from complaints.routing import (
    DECLINED,
    LAST_RESORT,
    Facts,
    RoutingError,
    conflict,
    packaged_rules,
    read_rules,
    route,
    why_key,
)
from tests.complaints.county import COUNTY, Lookups, directory, office, person, unit
from tests.thorough import examples

RULES = packaged_rules()
KNOWN = categories()


def facts(*codes, badge=None, unit=None, state=None, **more):
    subject = directory().person(badge)
    assert badge is None or subject is not None
    state = state or ("identified" if subject else "unit" if unit else "unidentified")
    found = tuple(KNOWN[code] for code in codes or ("V05",))
    return Facts(found, unit, subject, state, **more)


def decide(*codes, county=None, **known):
    return route(facts(*codes, **known), RULES, county or directory())


def conflicts(decision):
    return [step.reason.key for step in decision.why if step.verdict == "conflict"]


# A table that cannot be read is refused


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("clause_or_code", "Z99", "'Z99' is not known"),
        ("clause_or_code", "", "is not known"),
        ("subject", "the mayor", "'the mayor' is not known"),
        ("unit_kind", "ministry", "'ministry' is not known"),
        ("receives", "nobody", "'nobody' is not known"),
        ("receives", "", "is not known"),
        ("rank", 20, "stands twice"),
    ],
)
def test_a_row_that_says_something_unknown_is_refused(column, value, said):
    row = RoutingRow(10, "any", "any", "any", "bureau", "", "")
    rows = [RoutingRow(20, "any", "any", "any", "bureau", "", ""), replace(row, **{column: value})]
    with pytest.raises(RoutingError, match=said):
        read_rules(rows)


def test_rules_are_read_in_the_order_of_their_ranks():
    rows = [RoutingRow(rank, "any", "any", "any", "bureau", "", "") for rank in (30, 10, 20)]
    assert [rule.rank for rule in read_rules(rows)] == [10, 20, 30]


# Every row of the default table

ROWS = [
    (10, "discipline", "O-DISC", {"codes": ["C03"], "badge": "DEPT-CLERK"}),
    (20, "upper", "O-UPPER", {"badge": "DISC-HEAD"}),
    (30, "discipline-internal", "O-INNER", {"badge": "DISC-CLERK"}),
    (40, "discipline", "O-DISC", {"badge": "DEPT-HEAD"}),
    (40, "discipline", "O-DISC", {"badge": "TOWN-HEAD"}),
    (50, "stationed-discipline", "O-DEPT-DISC", {"badge": "DEPT-DEPUTY"}),
    (50, "stationed-discipline", "O-DEPT-DISC", {"badge": "DEPT-LEADER"}),
    (60, "discipline", "O-DISC", {"badge": "TOWN-DEPUTY"}),
    (70, "stationed-discipline", "O-DEPT-DISC", {"badge": "DEPT-OVERSEER"}),
    (70, "town-discipline", "O-TOWN-DISC", {"badge": "TOWN-OVERSEER"}),
    (80, "discipline", "O-DISC", {"badge": "BUREAU-HEAD"}),
    (90, "government", "O-GOV", {"badge": "BUREAU-CLERK"}),
    (100, "hotline-supervisor", "O-HOT", {"badge": "HOT-OPERATOR"}),
    (110, "bureau", "O-BUREAU", {"codes": ["T03"], "unit": "DEPT"}),
    (110, "bureau", "O-BUREAU", {"codes": ["T03"], "badge": "DEPT-CLERK"}),
    (120, "stationed-discipline", "O-LEAD-DISC",
     {"codes": ["T07"], "unit": "DEPT", "lead_unit": "LEAD"}),
    (120, "bureau", "O-BUREAU", {"codes": ["T07"], "unit": "DEPT"}),
    (130, "government", "O-GOV", {"codes": ["T06"], "unit": "LEAD"}),
    (140, "unit", "O-DEPT", {"codes": ["T04"], "unit": "DEPT"}),
    (140, "unit", "O-TOWN", {"codes": ["T09"], "badge": "TOWN-CLERK"}),
    (150, "government", "O-GOV", {"codes": ["G04"], "unit": "DEPT"}),
    (160, "government", "O-GOV", {"codes": ["W03"], "unit": "TOWN"}),
    (170, "unit", "O-DEPT", {"codes": ["L15"], "badge": "DEPT-CLERK"}),
    (180, "bureau", "O-BUREAU", {"badge": "DEPT-HALL"}),
    (190, "unit", "O-DEPT", {"badge": "DEPT-CHIEF"}),
    (200, "town-discipline", "O-TOWN-DISC", {"badge": "TOWN-VILLAGE"}),
    (210, "unit", "O-DEPT", {"badge": "DEPT-TEMP"}),
    (220, "unit", "O-TOWN", {"badge": "TOWN-CLERK"}),
    (220, "unit", "O-TOWN", {"badge": "TOWN-CHIEF"}),
    (230, "unit", "O-DEPT", {"badge": "DEPT-CLERK"}),
    (240, "unit", "O-DEPT", {"unit": "DEPT", "state": "unidentified"}),
    (250, "bureau", "O-BUREAU", {}),
    (260, "government", "O-GOV", {"unit": "DEPT"}),
    (900, "declined-with-address", "declined-with-address", {"in_county": False}),
]  # fmt: skip


@pytest.mark.parametrize(("rank", "kind", "code", "known"), ROWS)
def test_every_row_of_the_default_table(rank, kind, code, known):
    known = dict(known)
    decision = decide(*known.pop("codes", []), **known)
    last = decision.why[-1]
    assert (last.rank, last.verdict) == (rank, "taken")
    assert (decision.kind, decision.office.code) == (kind, code)
    assert [step.rank for step in decision.why if step.rank < rank] == [
        rule.rank for rule in RULES if rule.rank < rank
    ]


def test_no_row_of_the_default_table_is_left_out_above():
    assert {rank for rank, *_ in ROWS} == {rule.rank for rule in RULES}


def test_the_countys_own_directory_answers_what_routing_asks():
    rows = [row for row in ROWS if row[0] != 900]
    county = Directory(COUNTY)
    for rank, _, code, known in rows:
        rest = {key: value for key, value in known.items() if key != "codes"}
        decision = decide(*known.get("codes", []), county=county, **rest)
        assert (decision.why[-1].rank, decision.office.code) == (rank, code)


def test_the_packaged_table_is_the_file_as_it_was_given():
    path = Path(routing.__file__).parent / "data/routing.csv"
    given_rows = list(csv.DictReader(StringIO(path.read_text())))
    assert [rule.rank for rule in RULES] == [int(row["rank"]) for row in given_rows]
    assert [rule.why for rule in RULES] == [row["why"] for row in given_rows]


# What is decided beyond the rows


def test_a_decision_tells_what_is_hidden_from_whom_and_why():
    decision = decide("G04", unit="DEPT")
    assert decision.rule_why == "the complainant's identity is hidden from the unit"
    assert decide("C02", unit="DEPT").hidden_from == ("unit", "bureau", "hotline", "supervision")


def test_a_rules_own_words_have_a_message_key_until_the_county_changes_them():
    assert why_key(40, "nobody judges the own head") == "routing.why.40"
    assert why_key(100, "") == "routing.why.none"
    assert why_key(40, "because we say so") is None


@pytest.mark.parametrize("code", ["C02", "C03"])
def test_a_sealed_category_is_sealed_also_beside_others_and_for_another_county(code):
    assert decide(code, badge="DEPT-CLERK").sealed
    assert decide("T03", code, unit="DEPT").office.code == "O-DISC"
    outside = decide(code, in_county=False)
    assert (outside.sealed, outside.kind) == (True, "discipline")
    assert (outside.why[-1].rank, outside.hidden_from[0]) == (10, "unit")


def test_other_categories_are_not_sealed():
    assert not decide("T03", unit="DEPT").sealed


def test_a_department_that_runs_the_bureau_is_the_bureau():
    units = tuple(
        replace(each, kind="department") if each.code == "BUREAU" else each for each in COUNTY.units
    )
    county = Lookups(replace(COUNTY, units=units))
    assert decide(badge="BUREAU-CLERK", county=county).office.code == "O-GOV"
    assert decide("T04", unit="BUREAU", county=county).office.code == "O-GOV"


def test_the_government_office_is_also_a_department():
    county = directory()
    clerk = decide(badge="GOV-CLERK", county=county)
    # It has no efficiency office of its own, so the way goes up.
    assert (clerk.why[-1].rank, clerk.office.code) == (230, "O-DISC")
    assert decide(badge="GOV-HEAD", county=county).office.code == "O-DISC"


def test_an_operator_of_a_hotline_run_by_the_bureau_goes_to_the_hotlines_supervisor():
    operator = person("OPERATOR", "BUREAU", "operator")
    county = Lookups(replace(COUNTY, staff=(*COUNTY.staff, operator)))
    decision = route(Facts((KNOWN["L09"],), None, operator), RULES, county)
    assert (decision.why[-1].rank, decision.office.code) == (100, "O-HOT")


def test_whoever_at_the_hotline_is_no_operator_is_judged_as_in_a_department():
    assert decide(badge="HOT-HEAD").why[-1].rank == 40
    assert decide(badge="HOT-SHIFT").why[-1].rank == 190


def test_the_subjects_own_unit_counts_before_the_one_that_was_typed():
    assert decide(badge="TOWN-CLERK", unit="DEPT").office.code == "O-TOWN"


def test_a_table_without_a_fitting_rule_leaves_it_to_the_bureau_and_says_so():
    decision = route(facts(badge="DEPT-CLERK"), (), directory())
    assert decision.office.code == "O-BUREAU"
    assert [step.reason.key for step in decision.why] == ["routing.taken.none"]


def test_a_county_without_any_office_leaves_it_to_the_level_above():
    decision = route(facts(badge="DEPT-CLERK"), RULES, Lookups(replace(COUNTY, offices=())))
    assert decision.office is LAST_RESORT
    assert decision.why[-1].verdict == "taken"


def test_a_table_that_sends_a_sealed_category_elsewhere_is_not_followed():
    rules = read_rules([RoutingRow(1, "any", "any", "any", "unit|bureau", "", "")])
    decision = route(facts("C03", badge="DEPT-CLERK"), rules, directory())
    assert (decision.office.code, decision.sealed) == ("O-DISC", True)
    assert decision.why[0].reason.key == "routing.no.sealed"


# Conflict of interest, in every form


def test_a_member_of_the_office_is_the_subject():
    decision = decide("T06", badge="GOV-DUTY")
    assert decision.office.code == "O-DISC"
    assert conflicts(decision) == ["routing.conflict.member"]


def test_the_head_of_the_office_is_the_subject():
    county = directory(O_GOV={"head_badge": "GOV-CLERK"})
    decision = decide("T06", badge="GOV-CLERK", county=county)
    assert decision.office.code == "O-DISC"
    assert conflicts(decision) == ["routing.conflict.head"]


def test_a_member_of_the_units_own_office_never_comes_before_it():
    county = directory(O_DEPT={"members": ("DEPT-CHIEF",)})
    decision = decide("T04", badge="DEPT-CHIEF", county=county)
    assert (decision.why[-1].rank, decision.office.code) == (70, "O-DEPT-DISC")


def test_the_subject_stands_in_the_superior_line_of_the_office():
    # The section chief's own clerk serves in the efficiency office.
    county = directory(O_DEPT={"members": ("DEPT-CLERK",)})
    decision = decide(badge="DEPT-CHIEF", county=county)
    assert decision.office.code == "O-DEPT-DISC"
    assert conflicts(decision) == ["routing.conflict.line"]


@pytest.mark.parametrize("pair", [("DEPT-CLERK", "DEPT-OVERSEER"), ("DEPT-OVERSEER", "DEPT-CLERK")])
def test_a_declared_relative_of_the_subject_in_either_direction(pair):
    decision = decide(badge="DEPT-CLERK", county=directory(relatives=[pair]))
    assert decision.office.code == "O-DEPT-DISC"
    assert conflicts(decision) == ["routing.conflict.relative"]


def test_a_relative_in_the_superior_line():
    county = directory(relatives=[("DEPT-CLERK", "DEPT-DEPUTY")])
    assert conflicts(decide(badge="DEPT-CLERK", county=county)) == ["routing.conflict.relative"]


@pytest.mark.parametrize("filled_in", ["DEPT-DEPUTY", None])
def test_a_relative_who_heads_the_offices_unit_whatever_superiors_were_filled_in(filled_in):
    staff = tuple(
        replace(each, superior=filled_in) if each.badge == "DEPT-OVERSEER" else each
        for each in COUNTY.staff
    )
    kin = (Relative("DEPT-CLERK", "DEPT-HEAD"),)
    decision = decide(
        badge="DEPT-CLERK", county=Lookups(replace(COUNTY, staff=staff, relatives=kin))
    )
    assert decision.office.code == "O-DEPT-DISC"
    assert conflicts(decision) == ["routing.conflict.relative"]
    alone = directory(O_DEPT={"members": ()}, relatives=[("DEPT-CLERK", "DEPT-HEAD")])
    assert decide(badge="DEPT-CLERK", county=alone).office.code == "O-DEPT-DISC"


def test_a_person_who_is_recused_and_one_whose_superior_is():
    for badge in ("DEPT-OVERSEER", "DEPT-DEPUTY"):
        decision = decide(badge="DEPT-CLERK", recused=frozenset({badge}))
        assert decision.office.code == "O-DEPT-DISC"
        assert conflicts(decision) == ["routing.conflict.recused"]


def test_an_office_that_is_recused():
    decision = decide(badge="DEPT-CLERK", recused=frozenset({"O-DEPT", "O-DEPT-DISC"}))
    assert decision.office.code == "O-DISC"
    assert conflicts(decision) == ["routing.conflict.recused_office"] * 2


def test_an_office_of_a_unit_whose_head_is_the_subject():
    # Over the statutory limit, and the bureau is out: the way must not end in the head's own unit.
    rules = read_rules([RoutingRow(1, "any", "any", "any", "unit|stationed-discipline", "", "")])
    decision = route(facts(badge="DEPT-HEAD"), rules, directory())
    assert decision.office.code == "O-DISC"
    assert conflicts(decision) == ["routing.conflict.unit_head"] * 2


@pytest.mark.parametrize(
    ("rank", "named"), [("head", "SOMEBODY-ELSE"), ("leader", "DEPT-NEW"), ("head", "DEPT-NEW")]
)
def test_a_head_is_whoever_the_unit_names_or_whose_rank_it_is(rank, named):
    head = person("DEPT-NEW", "DEPT", rank)
    units = (unit("DEPT", "department", named), *COUNTY.units[1:])
    county = Lookups(replace(COUNTY, units=units, staff=(*COUNTY.staff, head)))
    known = Facts((KNOWN["V05"],), None, head)
    assert route(known, RULES, county).why[-1].rank == 40
    own = read_rules([RoutingRow(1, "any", "any", "any", "unit", "", "")])
    assert conflicts(route(known, own, county))[0] == "routing.conflict.unit_head"


def test_a_county_office_seated_in_the_unit_complained_of():
    decision = decide(unit="GOV")
    assert decision.office.code == "O-DISC"
    assert conflicts(decision) == ["routing.conflict.own_unit"]


def test_the_first_alternative_that_is_not_in_conflict():
    decision = decide("T03", badge="BUREAU-HEAD")
    assert decision.why[-1].rank == 80
    late = decide("T03", unit="DEPT", recused=frozenset({"O-BUREAU"}))
    assert (late.why[-1].rank, late.office.code) == (110, "O-GOV")


def test_the_discipline_office_in_conflict_leaves_for_the_level_above_even_when_sealed():
    for badge in ("DISC-HEAD", "DISC-DUTY"):
        decision = decide("C03", badge=badge)
        assert (decision.office.code, decision.sealed) == ("O-UPPER", True)
    county = directory(O_DISC={"above": "O-GOV"})
    assert decide("C03", badge="DISC-HEAD", county=county).office.kind == "upper"


def test_an_office_above_that_does_not_exist_or_runs_in_a_circle_is_no_dead_end():
    lost = directory(O_DEPT={"above": "O-NOWHERE"})
    recused = frozenset({"O-DEPT"})
    assert decide(badge="DEPT-CLERK", recused=recused, county=lost).office.code == "O-DEPT-DISC"
    circle = directory(O_DEPT_DISC={"above": "O-DEPT"}, O_DISC={"above": "O-DISC"})
    recused = frozenset({"O-DEPT", "O-DEPT-DISC", "O-DISC"})
    assert decide(badge="DEPT-CLERK", recused=recused, county=circle).office.code == "O-UPPER"


def test_an_office_is_asked_once_also_when_the_way_up_leads_back_to_it():
    rules = read_rules([RoutingRow(1, "any", "any", "any", "government|bureau", "", "")])
    out = frozenset({"O-GOV", "O-BUREAU"})
    decision = route(facts(badge="DEPT-CLERK", recused=out), rules, directory())
    asked = [step.reason.params["office"] for step in decision.why]
    assert asked == ["O-GOV", "O-BUREAU", "O-DISC"]


def test_with_nobody_above_the_lead_unit_the_next_alternative_is_asked_before_leaving():
    county = Lookups(replace(COUNTY, offices=(office("O-BUREAU", "bureau", "BUREAU"),)))
    decision = decide("T07", unit="DEPT", lead_unit="LEAD", county=county)
    assert decision.office.code == "O-BUREAU"


def test_nobody_left_in_the_county_is_answered_above_it():
    everybody = frozenset(each.code for each in COUNTY.offices)
    decision = decide(badge="DEPT-CLERK", recused=everybody)
    assert decision.office is LAST_RESORT
    assert (decision.kind, decision.office.code) == ("upper", "upper")


def test_a_unit_without_an_own_office_goes_up():
    decision = decide(badge="DEPT-CLERK", county=directory(without=["O-DEPT"]))
    assert decision.office.code == "O-DEPT-DISC"
    assert [step.verdict for step in decision.why[-2:]] == ["no match", "taken"]


# Review


def test_a_review_goes_up_office_by_office_and_never_back():
    answered, seen = [], []
    for _ in range(4):
        decision = decide(badge="DEPT-CLERK", answered=tuple(answered))
        seen.append(decision.office.code)
        answered.append(decision.office.code)
    assert seen == ["O-DEPT", "O-DEPT-DISC", "O-DISC", "O-UPPER"]


def test_a_review_never_goes_below_an_office_that_answered():
    # The government office answered, because the bureau was recused then; it no longer is.
    decision = decide("T03", unit="DEPT", answered=("O-GOV",))
    assert decision.office.code == "O-DISC"
    assert conflicts(decision) == ["routing.conflict.below", "routing.conflict.answered"]


# What always holds, for any county

codes = st.sampled_from(sorted(KNOWN))
badges = st.sampled_from([each.badge for each in COUNTY.staff])
unit_codes = st.sampled_from([each.code for each in COUNTY.units])
office_codes = [f"X{n}" for n in range(8)]
kinds = st.sampled_from([*sorted(LADDER.keys() - {"lead-superior"}), "upper"])
made_offices = st.lists(
    st.builds(
        lambda kind, unit, above, head, members: office(
            "", kind, unit, above=above, head=head, members=members
        ),
        kinds,
        st.none() | unit_codes,
        st.none() | st.sampled_from([*office_codes, "NOWHERE"]),
        st.none() | badges,
        st.sets(badges, max_size=3),
    ),
    max_size=8,
).map(lambda found: tuple(replace(each, code=f"X{n}") for n, each in enumerate(found)))


@st.composite
def counties(draw):
    superior = {badge: draw(st.none() | badges) for badge in draw(st.sets(badges, max_size=12))}
    staff = tuple(
        replace(each, superior=superior[each.badge]) if each.badge in superior else each
        for each in COUNTY.staff
    )
    pairs = draw(st.lists(st.tuples(badges, badges), max_size=4))
    kin = tuple(Relative(one, other) for one, other in pairs)
    units = COUNTY.units if draw(st.booleans()) else (unit("DEPT", "department", "DEPT-HEAD"),)
    offices = draw(made_offices | st.just(COUNTY.offices))
    return Lookups(County(units=units, staff=staff, offices=offices, relatives=kin))


@st.composite
def cases(draw):
    subject = directory().person(draw(st.none() | badges))
    state = "identified" if subject else draw(st.sampled_from(["unidentified", "unit"]))
    outs = st.sampled_from(office_codes + [each.code for each in COUNTY.offices])
    return Facts(
        categories=tuple(KNOWN[code] for code in draw(st.lists(codes, min_size=1, max_size=3))),
        unit=draw(st.none() | unit_codes),
        subject=subject,
        state=state,
        recused=frozenset(draw(st.sets(badges | outs, max_size=4))),
        answered=tuple(draw(st.lists(outs, max_size=3, unique=True))),
        lead_unit=draw(st.none() | unit_codes),
        in_county=draw(st.sampled_from([True, True, True, False])),
    )


rule_rows = st.builds(
    RoutingRow,
    rank=st.integers(1, 999),
    clause_or_code=st.sampled_from(["any", "time limit", "T03|T07", "C02", "disclosure"]),
    subject=st.sampled_from(["any", "clerk", "whole unit", "unit head", "another county"]),
    unit_kind=st.sampled_from(["any", "unit", "department|town", "bureau"]),
    receives=st.lists(st.sampled_from([*sorted(LADDER), "upper"]), min_size=1, max_size=3).map(
        "|".join
    ),
    hidden_from=st.just(""),
    why=st.just(""),
)
tables = st.just(RULES) | st.lists(rule_rows, max_size=6, unique_by=lambda row: row.rank).map(
    read_rules
)


def stands_in_the_way(found, known, county):
    """Conflict of interest once more, written down plainly and apart from the code."""
    people = {found.head_badge, *found.members} - {None}
    people |= {above for each in people for above in county.superiors_of(each)}
    seat = county.unit(found.unit)
    if seat is not None and seat.head_badge and "-discipline" not in found.kind:
        people.add(seat.head_badge)
    if found.code in known.recused or found.code in known.answered or people & known.recused:
        return True
    if known.subject is None:
        return False
    badge = known.subject.badge
    unit_of_office = county.unit(found.unit)
    heads = unit_of_office is not None and unit_of_office.head_badge == badge
    return heads or bool(people & ({badge} | county.relatives_of(badge)))


@settings(max_examples=examples(120), deadline=None)
@given(cases(), tables, counties())
def test_routing_never_returns_an_office_in_conflict_and_always_returns_one(known, rules, county):
    decision = route(known, rules, county)
    if decision.office not in (LAST_RESORT, DECLINED):
        assert not stands_in_the_way(decision.office, known, county)
        assert conflict(decision.office, known, county) is None
        assert county.office(decision.office.code) == decision.office
    assert [step.verdict for step in decision.why].count("taken") == 1
    assert decision.why[-1].verdict == "taken"
    assert decision.why[-1].reason.params["office"] == decision.office.code


@settings(max_examples=examples(120), deadline=None)
@given(cases(), tables, counties(), st.sampled_from(["C02", "C03"]))
def test_a_sealed_category_goes_to_discipline_or_above_and_nowhere_else(known, rules, county, code):
    sealed = replace(known, categories=(*known.categories, KNOWN[code]))
    decision = route(sealed, rules, county)
    assert decision.sealed
    assert decision.kind in ("discipline", "upper")
    if decision.kind == "upper" and rules is RULES:
        able = [each for each in county.offices if each.kind == "discipline"]
        assert all(conflict(each, sealed, county) is not None for each in able)


@settings(max_examples=40, deadline=None)
@given(cases(), counties())
def test_a_review_never_returns_to_an_office_that_answered(known, county):
    answered = []
    for _ in range(12):
        decision = route(replace(known, answered=tuple(answered)), RULES, county)
        if decision.office in (LAST_RESORT, DECLINED):
            break
        assert decision.office.code not in answered
        answered.append(decision.office.code)
    else:
        pytest.fail("the way up never ended")


@settings(max_examples=40, deadline=None)
@given(cases(), counties())
def test_every_rule_up_to_the_taken_one_is_accounted_for(known, county):
    decision = route(known, RULES, county)
    taken = decision.why[-1].rank
    assert {step.rank for step in decision.why} == {
        rule.rank for rule in RULES if rule.rank <= taken
    } | {taken}


def test_a_rule_of_the_default_keeps_its_words_wherever_it_stands():
    own = {rule.rank: rule.why for rule in packaged_rules()}
    assert why_key(40, own[40]) == "routing.why.40"
    assert why_key(55, own[40]) == "routing.why.40"
    assert why_key(90, own[90]) == "routing.why.90"
    assert why_key(90, "the county's own words") is None
    assert why_key(90, "") == "routing.why.none"
