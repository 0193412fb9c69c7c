"""The files and their columns: what each cell takes. Order here is the order of the files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from board import model
from gateway.county_files import cells
from gateway.county_files.cells import Reader

_POSITION = cells.integer(0, 999_999)
_LIMIT = cells.integer(1, 9_999)
_LIMIT_UNIT = cells.one_of(*get_args(model.LimitUnit))


@dataclass(frozen=True, slots=True)
class Table:
    """One file: its name without ending, the rows it makes, and a reader a column."""

    part: str
    stem: str
    row: type[Any]
    columns: Mapping[str, Reader]


UNITS = {
    "code": cells.code,
    "kind": cells.one_of(*get_args(model.UnitKind)),
    "name": cells.line,
    "name_en": cells.line,
    "address": cells.line,
    "phone": cells.phone,
    "hours": cells.line,
    "functions": cells.text_or_empty,
    "head_badge": cells.optional(cells.number),
    "position": _POSITION,
}
SECTIONS = {
    "code": cells.code,
    "unit": cells.code,
    "name": cells.line,
    "name_en": cells.line,
    "floor": cells.line_or_empty,
    "room": cells.line_or_empty,
    "phone": cells.phone,
    "duties": cells.text_or_empty,
    "position": _POSITION,
}
WINDOWS = {
    "code": cells.code,
    "name": cells.line,
    "hall": cells.line,
    "section": cells.optional(cells.code),
    "position": _POSITION,
}
STAFF = {
    "badge": cells.number,
    "placard": cells.optional(cells.number),
    "unit": cells.code,
    "section": cells.optional(cells.code),
    "window": cells.optional(cells.code),
    "name": cells.line,
    "pinyin": cells.line_or_empty,
    "post": cells.line,
    "rank": cells.one_of(*get_args(model.Rank)),
    "duties": cells.text_or_empty,
    "superior": cells.optional(cells.number),
    "since": cells.day,
    "until": cells.optional(cells.day),
}
MATTERS = {
    "code": cells.code,
    "unit": cells.code,
    "section": cells.optional(cells.code),
    "name": cells.line,
    "name_en": cells.line,
    "kind": cells.one_of(*get_args(model.MatterKind)),
    "statutory_number": cells.optional(_LIMIT),
    "statutory_unit": cells.optional(_LIMIT_UNIT),
    "statutory_basis": cells.text_or_empty,
    "promised_number": cells.optional(_LIMIT),
    "promised_unit": cells.optional(_LIMIT_UNIT),
    "after_close": cells.one_of(*get_args(model.AfterClose)),
    "basis": cells.text_or_empty,
    "fee": cells.text_or_empty,
    "fee_basis": cells.text_or_empty,
    "steps": cells.text_or_empty,
    "place": cells.line_or_empty,
    "valid_from": cells.day,
    "position": _POSITION,
}
MATERIALS = {
    "matter": cells.code,
    "position": _POSITION,
    "name": cells.line,
    "copies": cells.line_or_empty,
    "note": cells.text_or_empty,
}
PARALLEL_STEPS = {
    "matter": cells.code,
    "position": _POSITION,
    "role": cells.one_of(*get_args(model.StepRole)),
    "unit": cells.code,
    "limit_number": _LIMIT,
    "limit_unit": _LIMIT_UNIT,
}
OFFICES = {
    "code": cells.code,
    "kind": cells.one_of(*get_args(model.OfficeKind)),
    "unit": cells.optional(cells.code),
    "name": cells.line,
    "name_en": cells.line,
    "email": cells.mail,
    "phone": cells.phone,
    "address": cells.line,
    "above": cells.optional(cells.code),
    "head_badge": cells.optional(cells.number),
    "members": cells.numbers,
}
RELATIVES = {"badge": cells.number, "relative_badge": cells.number}
ROUTING = {
    "rank": _POSITION,
    "clause_or_code": cells.line,
    "subject": cells.line,
    "unit_kind": cells.line,
    "receives": cells.line,
    "hidden_from": cells.line_or_empty,
    "why": cells.line_or_empty,
}
RECEIPTS = {
    "number": cells.number,
    "matter": cells.code,
    "accepted_at": cells.moment,
    "decided_at": cells.optional(cells.moment),
}
RECEIPT_STEPS = {
    "receipt": cells.number,
    "position": _POSITION,
    "unit": cells.code,
    "started_on": cells.optional(cells.day),
    "finished_on": cells.optional(cells.day),
}
PROFILE = {
    "code": cells.county_code,
    "name": cells.line,
    "name_en": cells.line,
    "address": cells.line,
    "hotline": cells.phone,
    "desk_phone": cells.phone,
    "desk_email": cells.mail,
}

TABLES = (
    Table("profile", "county", model.CountyProfile, PROFILE),
    Table("units", "units", model.Unit, UNITS),
    Table("sections", "sections", model.Section, SECTIONS),
    Table("windows", "windows", model.Window, WINDOWS),
    Table("staff", "staff", model.Staff, STAFF),
    Table("matters", "matters", model.Matter, MATTERS),
    Table("materials", "materials", model.Material, MATERIALS),
    Table("parallel_steps", "parallel_steps", model.ParallelStep, PARALLEL_STEPS),
    Table("offices", "offices", model.Office, OFFICES),
    Table("relatives", "relatives", model.Relative, RELATIVES),
    Table("routing", "routing", model.RoutingRow, ROUTING),
    Table("receipts", "receipts", model.Receipt, RECEIPTS),
    Table("receipt_steps", "receipt_steps", model.ReceiptStep, RECEIPT_STEPS),
)
CALENDAR_FILE = "calendar.json"
PROFILE_FILE = "county.json"
