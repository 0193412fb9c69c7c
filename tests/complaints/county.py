"""A small invented county for the rules' tests: one office of each kind, people of each rank."""

from dataclasses import dataclass, replace
from datetime import date

from board.model import County, Office, Relative, Staff, Unit

SINCE = date(2020, 1, 1)


def unit(code, kind, head=None):
    return Unit(code, kind, code, code, "", "", "", "", head, 0)


def person(badge, unit, rank="clerk", *, superior=None, window=None):
    return Staff(badge, None, unit, None, window, badge, "", "", rank, "", superior, SINCE, None)


def office(code, kind, unit=None, *, above=None, head=None, members=()):
    mail = f"{code.lower()}@example.org"
    return Office(code, kind, unit, code, code, mail, "", "", above, head, tuple(members))


UNITS = (
    unit("DEPT", "department", "DEPT-HEAD"),
    unit("LEAD", "department", "LEAD-HEAD"),
    unit("TOWN", "town", "TOWN-HEAD"),
    unit("BUREAU", "bureau", "BUREAU-HEAD"),
    unit("GOV", "government", "GOV-HEAD"),
    unit("DISC", "discipline", "DISC-HEAD"),
    unit("HOT", "hotline", "HOT-HEAD"),
)
STAFF = (
    person("DEPT-HEAD", "DEPT", "head"),
    person("DEPT-DEPUTY", "DEPT", "deputy_head", superior="DEPT-HEAD"),
    person("DEPT-LEADER", "DEPT", "leader", superior="DEPT-HEAD"),
    person("DEPT-CHIEF", "DEPT", "chief", superior="DEPT-DEPUTY"),
    person("DEPT-CLERK", "DEPT", superior="DEPT-CHIEF"),
    person("DEPT-HALL", "DEPT", superior="DEPT-CHIEF", window="W12"),
    person("DEPT-TEMP", "DEPT", "contracted", superior="DEPT-CHIEF"),
    person("DEPT-OVERSEER", "DEPT", superior="DEPT-DEPUTY"),
    person("STATIONED", "DISC", superior="DISC-HEAD"),
    person("LEAD-HEAD", "LEAD", "head"),
    person("LEAD-OVERSEER", "LEAD", superior="LEAD-HEAD"),
    person("TOWN-HEAD", "TOWN", "head"),
    person("TOWN-DEPUTY", "TOWN", "deputy_head", superior="TOWN-HEAD"),
    person("TOWN-CHIEF", "TOWN", "chief", superior="TOWN-HEAD"),
    person("TOWN-CLERK", "TOWN", superior="TOWN-HEAD"),
    person("TOWN-VILLAGE", "TOWN", "village", superior="TOWN-HEAD"),
    person("TOWN-OVERSEER", "TOWN", superior="TOWN-HEAD"),
    person("TOWN-DISC", "TOWN", superior="DISC-HEAD"),
    person("BUREAU-HEAD", "BUREAU", "head"),
    person("BUREAU-CLERK", "BUREAU", superior="BUREAU-HEAD"),
    person("BUREAU-DUTY", "BUREAU", superior="BUREAU-HEAD"),
    person("GOV-HEAD", "GOV", "head"),
    person("GOV-CLERK", "GOV", superior="GOV-HEAD"),
    person("GOV-DUTY", "GOV", superior="GOV-HEAD"),
    person("DISC-HEAD", "DISC", "head"),
    person("DISC-CLERK", "DISC", superior="DISC-HEAD"),
    person("DISC-DUTY", "DISC", superior="DISC-HEAD"),
    person("DISC-INNER", "DISC"),
    person("HOT-HEAD", "HOT", "head"),
    person("HOT-SHIFT", "HOT", "chief", superior="HOT-HEAD"),
    person("HOT-OPERATOR", "HOT", "operator", superior="HOT-SHIFT"),
)
OFFICES = (
    office("O-DEPT", "unit", "DEPT", above="O-DEPT-DISC", members=["DEPT-OVERSEER"]),
    office("O-DEPT-DISC", "stationed-discipline", "DEPT", above="O-DISC", members=["STATIONED"]),
    office("O-LEAD", "unit", "LEAD", above="O-LEAD-DISC", members=["LEAD-OVERSEER"]),
    office("O-LEAD-DISC", "stationed-discipline", "LEAD", above="O-DISC", members=["STATIONED"]),
    office("O-TOWN", "unit", "TOWN", above="O-TOWN-DISC", members=["TOWN-OVERSEER"]),
    office("O-TOWN-DISC", "town-discipline", "TOWN", above="O-DISC", members=["TOWN-DISC"]),
    office(
        "O-BUREAU", "bureau", "BUREAU", above="O-GOV", head="BUREAU-HEAD", members=["BUREAU-DUTY"]
    ),
    office("O-GOV", "government", "GOV", above="O-DISC", head="GOV-HEAD", members=["GOV-DUTY"]),
    office("O-HOT", "hotline-supervisor", "HOT", above="O-BUREAU", members=["HOT-SHIFT"]),
    office("O-PET", "petition", None, above="O-GOV"),
    office(
        "O-DISC", "discipline", "DISC", above="O-UPPER", head="DISC-HEAD", members=["DISC-DUTY"]
    ),
    office("O-INNER", "discipline-internal", "DISC", above="O-UPPER", members=["DISC-INNER"]),
    office("O-UPPER", "upper"),
)
COUNTY = County(units=UNITS, staff=STAFF, offices=OFFICES)


@dataclass(frozen=True)
class Lookups:
    """What routing asks of a directory, without the search index that takes time to build."""

    county: County = COUNTY

    @property
    def offices(self):
        return self.county.offices

    def office(self, code):
        return next((each for each in self.county.offices if each.code == code), None)

    def offices_of(self, unit):
        return tuple(each for each in self.county.offices if each.unit == unit)

    def offices_with(self, badge):
        return tuple(o for o in self.county.offices if badge in (o.head_badge, *o.members))

    def unit(self, code):
        return next((each for each in self.county.units if each.code == code), None)

    def person(self, badge):
        return next((each for each in self.county.staff if each.badge == badge), None)

    def superiors_of(self, badge):
        line = []
        above = self.person(badge)
        while above and above.superior and above.superior not in (badge, *line):
            line.append(above.superior)
            above = self.person(above.superior)
        return tuple(line)

    def relatives_of(self, badge):
        pairs = [(row.badge, row.relative_badge) for row in self.county.relatives]
        pairs += [(other, one) for one, other in pairs]
        return frozenset(other for one, other in pairs if one == badge)


def directory(*, without=(), relatives=(), **changed_offices):
    """The county's lookups; ``changed_offices`` as ``O_DEPT={"members": (...)}``."""
    offices = tuple(
        replace(each, **changed_offices.get(each.code.replace("-", "_"), {}))
        for each in OFFICES
        if each.code not in without
    )
    kin = tuple(Relative(one, other) for one, other in relatives)
    return Lookups(replace(COUNTY, offices=offices, relatives=kin))
