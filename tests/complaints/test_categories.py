"""The plan's clauses as categories: all of them, as they were given."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from complaints import categories as module
from complaints.categories import categories, clauses, find

GIVEN = list(
    csv.DictReader(
        (Path(module.__file__).parent / "data/categories.csv").read_text("utf-8").splitlines()
    )
)


@pytest.mark.parametrize("code", ["", "v01", "V99", "C1", " V01"])
def test_a_code_that_nobody_gave_is_not_found(code):
    assert find(code) is None


def test_the_list_cannot_be_changed_by_whoever_reads_it():
    with pytest.raises(TypeError):
        categories()["X01"] = find("V01")


def test_all_sixty_two_are_there_once_in_the_order_of_the_plan():
    assert list(categories()) == [row["code"] for row in GIVEN]
    assert len(categories()) == 62


@pytest.mark.parametrize("row", GIVEN, ids=lambda row: row["code"])
def test_each_says_in_two_languages_what_it_is_what_is_asked_and_what_proves_it(row):
    found = find(row["code"])
    assert (found.clause, found.label_zh, found.label_en) == (
        row["clause"],
        row["label_zh"],
        row["label_en"],
    )
    assert found.label_zh
    assert found.label_en
    assert found.asks
    assert all(found.asks)
    assert found.proof
    assert all(found.proof)


def test_money_favours_and_retaliation_are_sealed_and_nothing_else():
    assert {code for code, found in categories().items() if found.sealed} == {"C02", "C03"}


def test_severities():
    assert Counter(found.severity for found in categories().values()) == {
        "normal": 48,
        "serious": 12,
        "sealed": 2,
    }


def test_what_is_asked_and_what_proves_it_are_taken_apart():
    found = find("V05")
    assert (found.asks, found.proof) == (("desk", "time"), ("photo", "cctv"))


@pytest.mark.parametrize(
    ("code", "automatic"), [("T02", True), ("T03", True), ("F02", True), ("L09", False)]
)
def test_what_the_system_can_prove_by_itself(code, automatic):
    assert find(code).automatic is automatic


def test_clauses_hold_every_category_once():
    assert list(clauses()) == [
        "visual",
        "language",
        "procedure",
        "first contact",
        "time limit",
        "disclosure",
        "town disclosure",
        "channel",
    ]
    assert [found for group in clauses().values() for found in group] == list(categories().values())
