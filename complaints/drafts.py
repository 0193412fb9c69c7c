"""From typed strings to a draft of a complaint, or to every fault at once. Pure.

Fields and limits are those of the public form (`POST /complaints`).
"""

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Annotated, Any

import phonenumbers
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from complaints import typed
from complaints.model import MOST_ALLEGATIONS, Contact

TEXT_MAX = 4000
EARLIEST = date(1990, 1, 1)

# Which of these are there says whom or what the complaint is about.
ABOUT = ("unit", "badge", "staff_name", "staff_description", "matter")
_YES = frozenset({"yes", "on", "true", "1"})
# Numbers that no plan of national numbers knows and that people do give.
_SHORT_NUMBERS = frozenset({"12345", "110", "119", "120", "12388", "12389"})
_EMAIL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?" + (
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+"
)
DETAIL = "detail-"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a field was refused: a key of the catalogues and what its wording names."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


class Refused(ValueError):
    """A draft that cannot be filed; `faults` has one for each faulty field."""

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        super().__init__(", ".join(f"{name}: {fault.key}" for name, fault in faults.items()))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class Known:
    """What a county has on the day of filing; codes outside are refused."""

    unit: Container[str]
    matter: Container[str]
    category: Container[str]
    today: date


def _fault(kind: str, **params: Any) -> PydanticCustomError:
    return PydanticCustomError(kind, kind, params or None)


def _day(value: str | None) -> date | None:
    if not value:
        return None
    try:
        found = typed.day(value)
    except ValueError:
        raise _fault("day") from None
    if found < EARLIEST:
        raise _fault("day")
    return found


def _clock(value: str | None) -> time | None:
    if not value:
        return None
    try:
        return typed.clock(value)
    except ValueError:
        raise _fault("time") from None


def _phone(value: str) -> str:
    number = typed.folded(value)
    if not number or number in _SHORT_NUMBERS:
        return number
    try:
        possible = phonenumbers.is_possible_number(phonenumbers.parse(number, "CN"))
    except phonenumbers.NumberParseException:
        possible = False
    if not possible:
        raise _fault("phone")
    return number


def _in_county(value: str, info: ValidationInfo) -> str:
    """A code that the county has; without a county in the context it is taken as it is."""
    known: Known | None = info.context
    if value and known and value not in getattr(known, str(info.field_name)):
        raise _fault(str(info.field_name))
    return value


def _categories(value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    for code in value:
        _in_county(code, info)
    return value


def _past(value: date | None, info: ValidationInfo) -> date | None:
    known: Known | None = info.context
    if value and known and value > known.today:
        raise _fault("future")
    return value


Line = Annotated[str, BeforeValidator(typed.line)]
Lines = Annotated[str, BeforeValidator(typed.lines)]
Folded = Annotated[str, BeforeValidator(typed.folded)]
Day = Annotated[date | None, BeforeValidator(_day), AfterValidator(_past)]
Flag = Annotated[bool, BeforeValidator(lambda value: value in _YES)]


class Draft(BaseModel):
    """What one person says in one complaint; every string is clean, empty when not given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: Annotated[Folded, Field(max_length=40), AfterValidator(_in_county)] = ""
    place: Annotated[Line, Field(max_length=100)] = ""
    badge: Annotated[Folded, Field(max_length=40)] = ""
    staff_name: Annotated[Line, Field(max_length=60)] = ""
    staff_description: Annotated[Lines, Field(max_length=500)] = ""
    category: Annotated[
        tuple[Folded, ...], Field(max_length=MOST_ALLEGATIONS), AfterValidator(_categories)
    ] = ()
    matter: Annotated[Folded, Field(max_length=40), AfterValidator(_in_county)] = ""
    receipt_number: Annotated[Folded, Field(max_length=60)] = ""
    accepted_on: Day = None
    happened_on: Day = None
    happened_at: Annotated[time | None, BeforeValidator(_clock)] = None
    text: Annotated[Lines, Field(min_length=1, max_length=TEXT_MAX)]
    wish: Annotated[Lines, Field(max_length=1000)] = ""
    name: Annotated[Line, Field(max_length=60)] = ""
    phone: Annotated[str, BeforeValidator(_phone), Field(max_length=40)] = ""
    email: Annotated[Folded, Field(max_length=254, pattern=f"^(?:{_EMAIL})?$")] = ""
    share_contact: Flag = False
    publish: Flag = False
    request_id: Annotated[Folded, Field(max_length=200)] = ""
    # What was asked about each chosen category, by its code.
    details: dict[str, Annotated[Lines, Field(max_length=500)]] = {}

    @model_validator(mode="before")
    @classmethod
    def _text_is_there(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {"text": "", **values}

    @property
    def contact(self) -> Contact:
        """How to reach the complainant; empty when anonymous."""
        return Contact(self.name, self.phone, self.email)

    def content(self) -> bytes:
        """Everything said, as bytes that are equal only for equal complaints."""
        said = self.model_dump(mode="json", exclude={"request_id"})
        return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


# Pydantic's own words for what is wrong → the catalogue's.
_KINDS = {
    "string_too_long": "too_long",
    "string_too_short": "missing",
    "too_short": "missing",
    "string_pattern_mismatch": "email",
    "extra_forbidden": "unknown_field",
}
_PARAMS = {"max_length": "most"}


def read(fields: Mapping[str, Sequence[str]], known: Known) -> Draft:
    """The draft of a form's fields, {name: values}; raises `Refused` with every fault.

    A field that may not repeat takes its first value. Detail fields are `detail-{category}`.
    """
    values = _values(fields)
    about = any(typed.line(values.get(name, "")) for name in ABOUT)
    faults = {} if about else {"badge": Fault("complaints.error.about")}
    try:
        draft = Draft.model_validate(values, context=known)
    except ValidationError as error:
        raise Refused(faults | _faults(error)) from None
    if faults:
        raise Refused(faults)
    return draft


def _values(fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: given[0] for name, given in fields.items() if given and not name.startswith(DETAIL)
    }
    chosen = dict.fromkeys(typed.folded(code) for code in fields.get("category", ()))
    values["category"] = tuple(code for code in chosen if code)
    values["details"] = {
        name.removeprefix(DETAIL): given[0]
        for name, given in fields.items()
        if name.startswith(DETAIL) and given and given[0].strip()
    }
    return values


def _faults(error: ValidationError) -> dict[str, Fault]:
    faults: dict[str, Fault] = {}
    for each in error.errors(include_url=False, include_input=False):
        where, kind = _where(each["loc"]), _KINDS.get(each["type"], each["type"])
        if each["loc"] == ("category",) and kind == "too_long":
            kind = "too_many"
        params = {_PARAMS[k]: v for k, v in each.get("ctx", {}).items() if k in _PARAMS}
        faults.setdefault(where, Fault(f"complaints.error.{kind}", params))
    return faults


def _where(loc: tuple[int | str, ...]) -> str:
    """The form's field for a place in the model; what concerns the whole is shown at the badge."""
    if not loc:
        return "badge"
    if loc[0] == "details" and len(loc) > 1:
        return f"{DETAIL}{loc[1]}"
    return str(loc[0])
