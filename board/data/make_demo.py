"""Makes the demo county `board/data/demo/`: `python -m board.data.make_demo [FOLDER]`.

The county, its people and its telephone numbers are invented; a fixed seed makes every run write
the same bytes. Telephone numbers begin with the area code 0700, which China does not use, and
mail goes to example.org, which is reserved (RFC 2606). Matters and laws are public knowledge,
their limits shortened or rounded for the demo. What is written by hand stands in `seed/`.
"""

import csv
import json
import sys
from collections.abc import Iterable
from dataclasses import astuple, fields, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from board.county_changes import in_file_order
from board.data.demo_matters import make_matters, make_parallel
from board.data.demo_offices import make_offices, make_relatives
from board.data.demo_people import make_staff
from board.data.demo_units import Seeds, make_places
from board.model import County, CountyProfile, Matter, Receipt, ReceiptStep, RoutingRow

HERE = Path(__file__).parent
SHANGHAI = timezone(timedelta(hours=8))

PROFILE = CountyProfile(
    code="yunxi",
    name="云溪县",
    name_en="Yunxi County",
    address="云溪县云雁镇榕荫路1号",
    hotline="0700-00012345",
    desk_phone="0700-00001000",
    desk_email="county-desk@example.org",
)

# For stories that the README and the pages tell: all of the matter that window 12 takes in.
STORIES = (
    # On time by law, late by the county's own promise.
    ("SL-2026-000123", "NRB-002", "2026-09-14T09:20", "2026-09-29T16:40"),
    # Late by both, and still not decided.
    ("SL-2026-000124", "NRB-002", "2026-09-14T10:05", None),
    # Decided in time.
    ("SL-2026-000125", "NRB-002", "2026-03-09T14:45", "2026-03-16T11:10"),
    # Parallel approval that waited for one unit.
    ("SL-2026-000130", "NRB-P01", "2026-03-09T09:00", "2026-04-10T17:00"),
    # Handed in after closing time before a long holiday.
    ("SL-2026-000131", "MKT-004", "2026-09-30T17:45", "2026-10-20T10:30"),
)
# Who had the file from when to when in a parallel approval; "" while that is still to come. Of the
# receipts of parallel matters that are not here, nobody recorded the steps.
STEPS = (
    # One unit of three was late, and late enough for the whole.
    ("SL-2026-000130", "NRB", "2026-03-10", "2026-03-18"),
    ("SL-2026-000130", "EEB", "2026-03-10", "2026-04-03"),
    ("SL-2026-000130", "HUD", "2026-03-10", "2026-03-17"),
    # The lead unit handed the file on late, and to one unit not at all.
    ("SL-2026-000164", "HRS", "2026-05-08", "2026-05-11"),
    ("SL-2026-000164", "MIS", "2026-05-11", "2026-05-12"),
    ("SL-2026-000164", "TAX", "", ""),
)


def make_county() -> County:
    """The whole demo county, the same on every call."""
    seeds = Seeds(HERE / "seed")
    units, sections, windows = make_places(seeds)
    staff, heads = make_staff(seeds, units, sections, windows)
    matters, materials = make_matters(seeds, windows)
    parallel, parallel_materials, steps = make_parallel(seeds, len(matters))
    matters = (*matters, *parallel)
    return County(
        profile=(PROFILE,),
        units=tuple(replace(unit, head_badge=heads.get(unit.code)) for unit in units),
        sections=sections,
        windows=windows,
        staff=staff,
        matters=matters,
        materials=(*materials, *parallel_materials),
        parallel_steps=steps,
        offices=make_offices(units, sections, staff),
        relatives=make_relatives(staff),
        routing=_routing(),
        receipts=_receipts(seeds, matters),
        receipt_steps=_receipt_steps(),
    )


def _routing() -> tuple[RoutingRow, ...]:
    with (HERE / "seed" / "routing.txt").open(encoding="utf-8", newline="") as file:
        return tuple(RoutingRow(int(row.pop("rank")), **row) for row in csv.DictReader(file))


def _receipts(seeds: Seeds, matters: Iterable[Matter]) -> tuple[Receipt, ...]:
    told = [
        Receipt(number, matter, _moment(accepted), _moment(decided) if decided else None)
        for number, matter, accepted, decided in STORIES
    ]
    counted = [m for m in matters if m.promised_unit == "working_day"]
    others = [_receipt(seeds, n, seeds.rng.choice(counted)) for n in range(140, 185)]
    return (*told, *others)


def _receipt(seeds: Seeds, number: int, matter: Matter) -> Receipt:
    """Two of three in time, the rest late or still open."""
    rng = seeds.rng
    day = date(2026, 3, 2) + timedelta(weeks=rng.randrange(28), days=rng.randrange(5))
    accepted = _moment(f"{day}T{rng.randrange(9, 17):02}:{rng.randrange(60):02}")
    promised = matter.promised_number or 1
    share = rng.choice((0.5, 0.7, 0.9, 0.6, 2.6, None))
    decided = accepted + timedelta(days=max(1, round(promised * share))) if share else None
    return Receipt(f"SL-2026-{number:06}", matter.code, accepted, decided)


def _receipt_steps() -> tuple[ReceiptStep, ...]:
    places = {number: 0 for number, *_ in STEPS}
    steps = []
    for number, unit, *days in STEPS:
        places[number] += 1
        started, finished = (date.fromisoformat(day) if day else None for day in days)
        steps.append(ReceiptStep(number, places[number], unit, started, finished))
    return tuple(steps)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


FILES = {
    "units": "units.csv",
    "sections": "sections.csv",
    "windows": "windows.csv",
    "staff": "staff.csv",
    "matters": "matters.csv",
    "materials": "materials.csv",
    "parallel_steps": "parallel_steps.csv",
    "offices": "offices.csv",
    "relatives": "relatives.csv",
    "routing": "routing.csv",
    "receipts": "receipts.csv",
    "receipt_steps": "receipt_steps.csv",
}
# What a row carries only where it was looked up; it has a file of its own.
_CARRIED = (Receipt, "steps")


def write(county: County, folder: Path) -> None:
    """Writes the county files of docs/county-files.md, as `gateway county export` would."""
    folder.mkdir(parents=True, exist_ok=True)
    profile = dict(zip((f.name for f in fields(PROFILE)), astuple(PROFILE), strict=True))
    text = json.dumps(profile, ensure_ascii=False, indent=1)
    (folder / "county.json").write_text(text + "\n", encoding="utf-8")
    calendar = (HERE / "calendar.json").read_text(encoding="utf-8")
    (folder / "calendar.json").write_text(calendar.rstrip() + "\n", encoding="utf-8")
    for part, name in FILES.items():
        rows = in_file_order(part, getattr(county, part))
        with (folder / name).open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            names = [f.name for f in fields(rows[0]) if (type(rows[0]), f.name) != _CARRIED]
            writer.writerow(names)
            writer.writerows([_cell(getattr(row, name)) for name in names] for row in rows)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "|".join(map(str, value))
    return value.isoformat() if isinstance(value, datetime) else str(value)


if __name__ == "__main__":
    write(make_county(), Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "demo")
