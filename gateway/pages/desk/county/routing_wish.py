"""What somebody wants of the routing table before it is saved: from fields to rows. Pure."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from board.model import RoutingRow
from complaints.routing import RoutingError, Rule, read_rules
from complaints.routing_table import UNIT_KINDS
from gateway.bodies import Form
from gateway.county_files.cells import written
from gateway.county_files.checking import FILE_OF
from gateway.county_files.editing import COLUMNS, TYPED, Edit, read_row
from gateway.county_files.faults import Fault
from gateway.pages.desk.county.routing_words import coded, stored, unknown_codes

Do = Literal["put", "drop", "up", "down"]
DO: tuple[Do, ...] = get_args(Do)
RECEIVES = ("receives", "receives_2", "receives_3")
GAP = 10
_RANK = re.compile(r"\d{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wish:
    """One change: a rule as it shall be (`texts` by column), or the rank of one that goes or moves.

    `rank`: of the rule that it is about, as it stands; None for a new one.
    """

    do: Do
    rank: int | None
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Planned:
    """The edit, and the table as it would be; or `faults`, and then neither."""

    edit: Edit | None
    rows: tuple[RoutingRow, ...] = ()
    faults: tuple[Fault, ...] = ()
    # Another rule has that rank.
    taken: bool = False
    # The rule is there as it shall be.
    stands: bool = False

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The table as routing reads it."""
        return read_rules(self.rows)


def texts_of(row: RoutingRow) -> dict[str, str]:
    """A rule as a form shows it."""
    texts = {column: written(getattr(row, column)) for column in COLUMNS["routing"]}
    if texts["unit_kind"] == "unit":  # short for both
        texts["unit_kind"] = "department|town"
    return texts


def wish_of(form: Form) -> Wish | None:
    """What a form asks for; None for what no form of ours sends."""
    do, rank = form.first("do"), form.first("at")
    act, _, of = form.first("act").partition(" ")
    if act:  # a button of the table
        do, rank = act, of
    known = next((each for each in DO if each == do), None)
    if known is None or not (_RANK.fullmatch(rank) or (known == "put" and not rank)):
        return None
    texts = {column: form.first(column).strip() for column in COLUMNS["routing"]}
    codes = dict.fromkeys([*coded(texts["clause_or_code"]), *form.fields.get("clause", ())])
    texts["clause_or_code"] = "|".join(codes) or "any"
    texts["unit_kind"] = "|".join(filter(None, form.fields.get("unit_kind", ()))) or "any"
    texts["receives"] = "|".join(filter(None, (form.first(name) for name in RECEIVES)))
    return Wish(known, int(rank) if rank else None, texts)


def plan(rows: Sequence[RoutingRow], wish: Wish) -> Planned | None:
    """What becomes of the table; None where the rule is not there (any more)."""
    ranks = [row.rank for row in rows]
    if wish.rank is not None and wish.rank not in ranks:
        return None
    if wish.do == "put":
        return _put(rows, wish)
    at = ranks.index(wish.rank) if wish.rank is not None else 0
    if wish.do == "drop":
        return _planned(rows, Edit("routing", dropped=[rows[at].rank]))
    other = at - 1 if wish.do == "up" else at + 1
    if not 0 <= other < len(rows):
        return None
    swapped = [replace(rows[at], rank=ranks[other]), replace(rows[other], rank=ranks[at])]
    return _planned(rows, Edit("routing", swapped))


def stands(rows: Sequence[RoutingRow], wish: Wish) -> bool:
    """Whether a table that has no rule of the wish's number is what was wished for: the rule was
    dropped, or has its other number."""
    if wish.do == "put":
        row, faults = read_row("routing", stored(wish.texts, None))
        return not faults and row in rows
    return wish.do == "drop"


def mark_of(rows: Sequence[RoutingRow]) -> str:
    """A short text that no other table has. A rule that was moved has changed places with another
    one, so that only by the whole table it can be told whether that was done."""
    return hashlib.sha256(repr(tuple(rows)).encode()).hexdigest()[:32]


def _put(rows: Sequence[RoutingRow], wish: Wish) -> Planned:
    before = next((each for each in rows if each.rank == wish.rank), None)
    texts = stored(wish.texts, before) | _kept(wish.texts, before)
    row, faults = read_row("routing", texts)
    if unknown := unknown_codes(texts["clause_or_code"]):
        faults.append(_fault("clause_or_code", "no_category", value=", ".join(unknown)))
    if faults:
        return Planned(None, faults=tuple(faults))
    if row.rank != wish.rank and any(each.rank == row.rank for each in rows):
        # A new one that was sent twice finds itself.
        return Planned(None, taken=True, stands=wish.rank is None and row in rows)
    moved = wish.rank is not None and wish.rank != row.rank
    planned = _planned(rows, Edit("routing", [row], [wish.rank] if moved else []))
    return replace(planned, stands=row in rows)


def _kept(texts: Mapping[str, str], row: RoutingRow | None) -> dict[str, str]:
    """The same choice in another order, or in full, is no change."""
    held = texts_of(row) if row else {}
    return {
        column: getattr(row, column)
        for column in ("clause_or_code", "unit_kind")
        if row and {*texts[column].split("|")} == {*held[column].split("|")}
    }


def _planned(rows: Sequence[RoutingRow], edit: Edit) -> Planned:
    table = {row.rank: row for row in rows if row.rank not in edit.dropped}
    table |= {row.rank: row for row in edit.put}
    after = tuple(table[rank] for rank in sorted(table))
    try:
        read_rules(after)
    except RoutingError as error:
        # Chosen from lists: no form of ours sends another.
        return Planned(None, faults=(_fault(error.column, "bad_rule", **error.params),))
    return Planned(edit, after)


def _fault(column: str, key: str, **params: str) -> Fault:
    return Fault(FILE_OF["routing"], TYPED, column, key, tuple(params.items()))


def next_rank(rows: Sequence[RoutingRow]) -> int:
    """Where a new rule stands unless somebody says otherwise: last."""
    return max((row.rank for row in rows), default=0) + GAP


def unit_kinds() -> list[str]:
    """What the form offers."""
    return sorted(UNIT_KINDS)
