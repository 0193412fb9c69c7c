"""The demo county's units, sections and windows, from what is written in `seed/`."""

import csv
import json
from pathlib import Path
from random import Random

from board.model import Section, Unit, Window

SEED = 2026
HOURS = "周一至周五 08:30–12:00，14:30–17:30（法定节假日除外）"
HALL = "县政务服务大厅"
# Who sits where in the hall; window 12 is well known from the README.
HALL_ORDER = (
    "BUR", "PSB", "NRB", "HRS", "MKT", "TAX", "MIS", "HUD", "CAB", "EDU", "EEB", "TRA", "ARA",
    "HEA", "UMB", "DRC", "STI", "JUS", "FIN", "WAT", "CTS", "VET", "EMB", "FOR", "DPF", "BUR",
)  # fmt: skip
BUR_FIRST = 3
BUR_DESKS = ("综合咨询", "导办取号", "邮政寄递", "帮办代办", "绿色通道", "跨省通办",
             "“一件事”综合受理", "办不成事反映", "公共资源交易")  # fmt: skip


class Seeds:
    """The hand-written lists and the one source of chance."""

    def __init__(self, folder: Path) -> None:
        self.rng = Random(SEED)  # noqa: S311 repeatable on purpose
        self.departments = _rows(folder / "departments.txt")
        self.bodies = _rows(folder / "bodies.txt")
        self.towns = _rows(folder / "towns.txt")
        self.town_sections = _rows(folder / "town_sections.txt")
        self.matters = _rows(folder / "matters.txt")
        self.town_matters = _rows(folder / "town_matters.txt")
        self.parallel = _rows(folder / "parallel.txt")
        self.names: dict[str, object] = json.loads((folder / "names.json").read_text("utf-8"))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="|"))


def phone(block: int, line: int) -> str:
    """A number that nobody has: the area code 0700 is not in use, and no exchange begins with 0."""
    return f"0700-0001{block:02}{line:02}"


def make_places(seeds: Seeds) -> tuple[tuple[Unit, ...], tuple[Section, ...], tuple[Window, ...]]:
    """All units in the county's order, their sections, and the windows of the hall."""
    units: list[Unit] = []
    sections: list[Section] = []
    for row in (*seeds.departments, *seeds.bodies):
        units.append(_county_unit(row, len(units) + 1))
        sections += _county_sections(row, len(units), len(sections))
    for row in seeds.towns:
        units.append(_town(row, len(units) + 1))
        sections += _town_sections(seeds, row, len(units), len(sections))
    units.append(_upper(len(units) + 1))
    return tuple(units), tuple(sections), _windows(seeds)


ROADS = ("榕荫路", "云溪大道", "学前街", "东堤路", "文昌路", "沿江南路", "南门街", "青云路")


def _county_unit(row: dict[str, str], place: int) -> Unit:
    return Unit(
        code=row["code"],
        kind=row.get("kind", "department"),  # type: ignore[arg-type]
        name=f"云溪县{row['name']}" if row["code"] != "EEB" else "云溪生态环境分局",
        name_en=f"Yunxi {row['name_en']}",
        address=f"云溪县云雁镇{ROADS[place % len(ROADS)]}{place * 6 + 2}号",
        phone=phone(place, 0),
        hours="每天 00:00–24:00" if row["code"] == "HOT" else HOURS,
        functions=row["functions"],
        head_badge=None,
        position=place,
    )


def _town(row: dict[str, str], place: int) -> Unit:
    return Unit(
        code=row["code"],
        kind="town",
        name=f"云溪县{row['name']}",
        name_en=row["name_en"],
        address=f"云溪县{row['name']}人民路{place}号",
        phone=phone(place, 0),
        hours=HOURS,
        functions=f"{row['functions']}；办理社保、民政、宅基地等便民事项；公开村务、债权债务和集体合同",
        head_badge=None,
        position=place,
    )


def _upper(place: int) -> Unit:
    return Unit(
        code="UPP",
        kind="upper",
        name="澜江市政务服务监督中心",
        name_en="Lanjiang City Oversight Centre",
        address="澜江市江滨大道99号",
        phone=phone(place, 0),
        hours=HOURS,
        functions="受理对所辖县纪委监委及县内各级均须回避的投诉",
        head_badge=None,
        position=place,
    )


def _county_sections(row: dict[str, str], unit_place: int, done: int) -> list[Section]:
    listed = [part.split(",") for part in row["sections"].split(";")]
    if "kind" not in row:
        listed.insert(0, ["办公室", "General Office", "文电、会务、政务公开和本单位效能监督"])
        listed.insert(
            1, ["行政审批服务股", "Licensing Section", "派驻政务大厅，统一受理和办结审批服务事项"]
        )
    return [
        _section(row["code"], at, part, unit_place, done + at)
        for at, part in enumerate(listed, 1)
    ]  # fmt: skip


def _town_sections(seeds: Seeds, row: dict[str, str], unit_place: int, done: int) -> list[Section]:
    return [
        _section(row["code"], at, [s["name"], s["name_en"], s["duties"]], unit_place, done + at)
        for at, s in enumerate(seeds.town_sections, 1)
    ]


def _section(unit: str, at: int, words: list[str], unit_place: int, place: int) -> Section:
    name, name_en, duties = words
    floor = (unit_place + at) % 4 + 1
    return Section(
        code=f"{unit}-{at}",
        unit=unit,
        name=name,
        name_en=name_en,
        floor=f"{floor}楼",
        room=f"{floor}{at:02}室",
        phone=phone(unit_place, at),
        duties=duties,
        position=place,
    )


def _windows(seeds: Seeds) -> tuple[Window, ...]:
    counts = {row["code"]: int(row["windows"]) for row in (*seeds.departments, *seeds.bodies)}
    desks: list[tuple[str, str]] = []
    for turn, unit in enumerate(HALL_ORDER):
        if unit == "BUR":
            span = BUR_DESKS[:BUR_FIRST] if turn == 0 else BUR_DESKS[BUR_FIRST:]
            desks += [("BUR-2", name) for name in span]
        else:
            desks += [(f"{unit}-2", _desk_name(seeds, unit)) for _ in range(counts[unit])]
    return tuple(
        Window(f"W{at:02}", f"{at}号窗口（{name}）", f"{HALL}{1 + (at - 1) // 24}楼", section, at)
        for at, (section, name) in enumerate(desks, 1)
    )


def _desk_name(seeds: Seeds, unit: str) -> str:
    name = next(row["name"] for row in seeds.departments if row["code"] == unit)
    return name.removesuffix("局").removesuffix("分")
