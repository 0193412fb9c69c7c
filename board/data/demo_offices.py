"""The demo county's oversight offices, and who belongs to them."""

from collections.abc import Iterable

from board.model import Office, Relative, Section, Staff, Unit

OWN_OFFICE_KINDS = ("department", "bureau", "government", "petition", "hotline")


def make_offices(
    units: Iterable[Unit], sections: Iterable[Section], staff: Iterable[Staff]
) -> tuple[Office, ...]:
    """Each unit's own efficiency office, the discipline offices, and the county's own."""
    members = _Members(staff)
    phones = {section.code: section.phone for section in sections}
    offices: list[Office] = []
    group = 0
    for unit in units:
        if unit.kind == "town":
            offices += _town_offices(unit, members, phones)
        elif unit.kind in OWN_OFFICE_KINDS:
            offices += _unit_offices(unit, members, phones, group)
            group += 1
        offices += _county_offices(unit, members)
    return tuple(offices)


class _Members:
    """Who may be named as a member: present staff by section, chief first."""

    def __init__(self, staff: Iterable[Staff]) -> None:
        self._by_section: dict[str, list[str]] = {}
        for person in staff:
            if person.section and person.until is None and person.rank in ("chief", "clerk"):
                badges = self._by_section.setdefault(person.section, [])
                badges.insert(0 if person.rank == "chief" else len(badges), person.badge)

    def of(self, section: str, first: int = 0, count: int = 3) -> tuple[str, ...]:
        """Up to `count` badges of a section from the `first`, where the chief is 0."""
        return tuple(self._by_section.get(section, ())[first : first + count])


def _office(
    code: str, kind: str, unit: Unit, names: tuple[str, str], *, above: str | None,
    members: tuple[str, ...], phone: str, mail: str,
) -> Office:  # fmt: skip
    return Office(
        code=code,
        kind=kind,  # type: ignore[arg-type]
        unit=unit.code,
        name=names[0],
        name_en=names[1],
        email=f"{mail.lower()}@example.org",
        phone=phone,
        address=unit.address,
        above=above,
        head_badge=members[0] if members else None,
        members=tuple(sorted(members)),
    )


def _town_offices(unit: Unit, members: _Members, phones: dict[str, str]) -> list[Office]:
    code = unit.code
    return [
        _office(
            f"{code}-EFF", "unit", unit,
            (f"{unit.name}效能监督办公室", f"{unit.name_en} Efficiency Office"),
            above=f"{code}-DIS", members=members.of(f"{code}-1"),
            phone=phones[f"{code}-1"], mail=f"{code}-efficiency",
        ),
        _office(
            f"{code}-DIS", "town-discipline", unit,
            (f"{unit.name}纪检监察办公室", f"{unit.name_en} Discipline Office"),
            above="DIS-MAIN", members=members.of(f"{code}-2"),
            phone=phones[f"{code}-2"], mail=f"{code}-discipline",
        ),
    ]  # fmt: skip


def _unit_offices(
    unit: Unit, members: _Members, phones: dict[str, str], group: int
) -> list[Office]:
    code = unit.code
    # Ten stationed groups of two look after three units each.
    stationed = members.of("DIS-4", 1 + group // 3 * 2, 2)
    return [
        _office(
            f"{code}-EFF", "unit", unit,
            (f"{unit.name}效能监督办公室", f"{unit.name_en} Efficiency Office"),
            above=f"{code}-STA", members=members.of(f"{code}-1"),
            phone=phones[f"{code}-1"], mail=f"{code}-efficiency",
        ),
        _office(
            f"{code}-STA", "stationed-discipline", unit,
            (f"派驻{unit.name}纪检监察组", f"Discipline Group Stationed at {unit.name_en}"),
            above="DIS-MAIN", members=stationed,
            phone=phones["DIS-4"], mail=f"{code}-stationed",
        ),
    ]  # fmt: skip


# unit: (code, kind, name, English name, section of the members, office above, mailbox)
COUNTY_OFFICES: dict[str, list[tuple[str, str, str, str, str, str | None, str]]] = {
    "BUR": [("BUR-MAIN", "bureau", "云溪县政务服务和数据管理局效能监督股",
             "Yunxi Efficiency Oversight", "BUR-3", "GOV-MAIN", "bureau-oversight")],
    "GOV": [("GOV-MAIN", "government", "云溪县人民政府办公室督查股",
             "Yunxi Government Supervision Section", "GOV-2", "DIS-MAIN", "government-oversight")],
    "PET": [("PET-MAIN", "petition", "云溪县信访局接访股",
             "Yunxi Petition Reception", "PET-2", "GOV-MAIN", "petition-reception")],
    "HOT": [("HOT-SUP", "hotline-supervisor", "12345热线服务中心质检股",
             "Hotline Quality Section", "HOT-3", "BUR-MAIN", "hotline-quality")],
    "DIS": [("DIS-MAIN", "discipline", "云溪县纪委监委信访室",
             "Yunxi Discipline Reports Office", "DIS-1", "UPP-MAIN", "discipline-reports"),
            ("DIS-INT", "discipline-internal", "云溪县纪委监委干部监督室",
             "Yunxi Discipline Internal Supervision", "DIS-3", "UPP-MAIN", "discipline-internal")],
    "UPP": [("UPP-MAIN", "upper", "澜江市政务服务监督中心",
             "Lanjiang City Oversight Centre", "", None, "city-oversight")],
}  # fmt: skip


def _county_offices(unit: Unit, members: _Members) -> list[Office]:
    return [
        _office(
            code, kind, unit, (name, name_en), above=above, members=members.of(section),
            phone=unit.phone, mail=mail,
        )
        for code, kind, name, name_en, section, above, mail in COUNTY_OFFICES.get(unit.code, [])
    ]  # fmt: skip


def make_relatives(staff: tuple[Staff, ...]) -> tuple[Relative, ...]:
    """A dozen declared kinships; the first two meet an efficiency office in conflict."""
    present = [p.badge for p in staff if p.until is None]
    by_section = _Members(staff)
    close = [
        Relative("A1030", by_section.of("NRB-1")[0]),
        Relative(by_section.of("EDU-2")[1], by_section.of("EDU-1")[1]),
    ]
    far = [Relative(present[200 + 31 * n], present[215 + 53 * n]) for n in range(10)]
    return tuple(sorted((*close, *far), key=lambda r: (r.badge, r.relative_badge)))
