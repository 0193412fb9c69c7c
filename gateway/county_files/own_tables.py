"""Files of what the desk sets beside the county's directory: their rows and columns."""

from dataclasses import dataclass

from board import model
from complaints.limits import Unit
from complaints.terms import KINDS, MOST, UNITS, LimitKind
from gateway.county_files import cells
from gateway.county_files.tables import MATTERS, Table
from gateway.i18n import LANGUAGES


@dataclass(frozen=True, slots=True)
class CaseLimit:
    """How long a step of a complaint's life may take, where it is not the default."""

    kind: LimitKind
    number: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class MessageText:
    """The county's own words for a message of a letter; `form` is 1 for a plural, else 0."""

    key: str
    language: str
    form: int
    wording: str


_OF_MATTERS = (
    "valid_from", "statutory_number", "statutory_unit", "statutory_basis", "promised_number",
    "promised_unit", "after_close",
)  # fmt: skip
FORMER_LIMITS = {"matter": cells.code} | {name: MATTERS[name] for name in _OF_MATTERS}
CASE_LIMITS = {
    "kind": cells.one_of(*KINDS),
    "number": cells.integer(1, MOST),
    "unit": cells.one_of(*UNITS),
}
MESSAGE_TEXTS = {
    "key": cells.line,
    "language": cells.one_of(*LANGUAGES),
    "form": cells.integer(0, 1),
    "wording": cells.text_or_empty,
}
OWN_TABLES = (
    Table("former_limits", "former_limits", model.FormerLimits, FORMER_LIMITS),
    Table("case_limits", "case_limits", CaseLimit, CASE_LIMITS),
    Table("message_texts", "message_texts", MessageText, MESSAGE_TEXTS),
)
