"""The cast: a small invented county, the people in it, and the complaints that they file."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from board.calendar import packaged
from board.directory import Directory
from board.ids import new_id
from board.model import (
    County,
    CountyProfile,
    Matter,
    Office,
    OfficeKind,
    ParallelStep,
    Rank,
    Relative,
    Section,
    Staff,
    Unit,
    UnitKind,
    Window,
)
from complaints import decisions
from complaints.drafts import Draft
from complaints.routing import packaged_rules
from gateway.ciphers import KeyringCipher, KeyringSigner
from gateway.keys import Keyring

SECRET = "a secret of thirty-two characters or more"
KEYS = Keyring((SECRET,))
CIPHER = KeyringCipher(KEYS)
SIGNER = KeyringSigner(KEYS)

SINCE = date(2020, 1, 2)


def unit(code: str, kind: UnitKind, name: str, head: str | None = None) -> Unit:
    """An invented unit."""
    return Unit(
        code=code,
        kind=kind,
        name=name,
        name_en=f"Unit {code}",
        address="县城中路 1 号",
        phone="0755-00001000",
        hours="08:30–12:00, 14:30–17:30",
        functions="",
        head_badge=head,
        position=1,
    )


def staff(badge: str, of: str, name: str, rank: Rank, **more: Any) -> Staff:
    """An invented person with a badge and, unless told otherwise, a placard TP-{badge}."""
    plain = Staff(
        badge=badge,
        placard=f"TP-{badge}",
        unit=of,
        section=None,
        window=None,
        name=name,
        pinyin="",
        post="科员",
        rank=rank,
        duties="",
        superior=None,
        since=SINCE,
        until=None,
    )
    return replace(plain, **more)


def office(code: str, kind: OfficeKind, of: str | None, above: str | None, **more: Any) -> Office:
    """An invented oversight office."""
    plain = Office(
        code=code,
        kind=kind,
        unit=of,
        name=f"{code} 监督办",
        name_en=f"Oversight {code}",
        email=f"{code.lower()}@example.org",
        phone="0755-00001001",
        address="县城中路 1 号",
        above=above,
        head_badge=None,
        members=(),
    )
    return replace(plain, **more)


def matter(code: str, of: str, promised: int | None, statutory: int | None, **more: Any) -> Matter:
    """An invented matter with limits in working days."""
    plain = Matter(
        code=code,
        unit=of,
        section=None,
        name=f"{code} 登记",
        name_en=f"Matter {code}",
        kind="approval",
        statutory_number=statutory,
        statutory_unit="working_day" if statutory else None,
        statutory_basis="行政许可法 42",
        promised_number=promised,
        promised_unit="working_day" if promised else None,
        after_close="same_day",
        basis="",
        fee="不收费",
        fee_basis="",
        steps="",
        place="",
        valid_from=SINCE,
        position=1,
    )
    return replace(plain, **more)


# The head of the human resources bureau, a clerk at window 12, somebody who left, two namesakes.
HEAD = staff("H001", "RS", "梁志远", "head")
CLERK = staff("A1024", "RS", "陈晓岚", "clerk", superior="H001", section="RS-1")
AT_WINDOW = staff("A2048", "RS", "区美玲", "clerk", window="W12", superior="H001")
GONE = staff("A0007", "RS", "冼国强", "clerk", until=date(2026, 6, 30))
NAMESAKES = (
    staff("B0001", "TC", "黄伟", "clerk"),
    staff("B0002", "TC", "黄伟", "contracted"),
)
DISCIPLINE_HEAD = staff("D001", "JW", "莫正", "head")

COUNTY_FILES = County(
    profile=(
        CountyProfile(
            code="test",
            name="云溪县",
            name_en="Yunxi County",
            address="县城中路 1 号",
            hotline="12345",
            desk_phone="0755-00000001",
            desk_email="desk@example.org",
        ),
    ),
    units=(
        unit("RS", "department", "人力资源和社会保障局", "H001"),
        unit("ZW", "bureau", "政务服务和数据管理局"),
        unit("JW", "discipline", "县纪委监委", "D001"),
        unit("TC", "town", "大坪镇"),
    ),
    sections=(Section("RS-1", "RS", "社保股", "Insurance", "1", "101", "0755-00001002", "", 1),),
    windows=(Window("W12", "12 号窗口", "政务大厅", None, 12),),
    staff=(HEAD, CLERK, AT_WINDOW, GONE, *NAMESAKES, DISCIPLINE_HEAD),
    matters=(
        matter("M1", "RS", 5, 20),
        matter("M2", "RS", None, None),
        matter("M3", "RS", 10, 45, kind="parallel"),
        matter("M4", "RS", 2, None, promised_unit="half_day"),
    ),
    parallel_steps=(
        ParallelStep("M3", 1, "unit", "RS", 3, "working_day"),
        ParallelStep("M3", 2, "unit", "TC", 3, "working_day"),
    ),
    offices=(
        office("O-RS", "unit", "RS", "O-ST"),
        office("O-TC", "unit", "TC", "O-TD"),
        office("O-ST", "stationed-discipline", "RS", "O-JW"),
        office("O-TD", "town-discipline", "TC", "O-JW"),
        office("O-ZW", "bureau", "ZW", "O-GV"),
        office("O-GV", "government", None, "O-JW"),
        office("O-JW", "discipline", "JW", "O-UP"),
        office("O-UP", "upper", None, None),
    ),
    relatives=(Relative("A1024", "H001"),),
)
DIRECTORY = Directory(COUNTY_FILES)
COUNTY = decisions.County(DIRECTORY, packaged(), packaged_rules())

CITIZEN_TEXT = "我 11 月 2 日交齐了材料，到今天还没有结果，窗口只说再等等。"


def draft(**said: Any) -> Draft:
    """A citizen's complaint about the clerk with badge A1024, with `said` in place of that."""
    return Draft.model_validate({"text": CITIZEN_TEXT, "badge": "A1024", **said})


def fields(**typed: str | list[str]) -> dict[str, list[str]]:
    """The same as a form sends it, {name: values}."""
    plain: dict[str, str | list[str]] = {"text": CITIZEN_TEXT, "badge": "A1024", **typed}
    return {name: given if isinstance(given, list) else [given] for name, given in plain.items()}


def new_uuid(now: datetime) -> UUID:
    """An id as the product makes them."""
    return new_id(now)


async def insert_matter(conn: asyncpg.Connection) -> None:
    """The unit and the matter M1 as rows, for what refers to them."""
    rs, m1 = COUNTY_FILES.units[0], COUNTY_FILES.matters[0]
    await conn.execute(
        "INSERT INTO unit (code, kind, name, name_en, address, phone, hours, functions,"
        " head_badge, position) VALUES ($1, $2, $3, $4, '', '', '', '', NULL, 1)",
        *(rs.code, rs.kind, rs.name, rs.name_en),
    )
    await conn.execute(
        "INSERT INTO matter (code, unit, name, name_en, kind, statutory_basis, after_close, basis,"
        " fee, fee_basis, steps, place, valid_from, position)"
        " VALUES ($1, $2, $3, $4, $5, '', 'same_day', '', '', '', '', '', $6, 1)",
        *(m1.code, m1.unit, m1.name, m1.name_en, m1.kind, m1.valid_from),
    )
