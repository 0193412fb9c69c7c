"""Cases of the demo county, filed as intake files them, with a link in an office's hands."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from board.ids import new_id
from complaints import decisions, intake
from complaints.drafts import Draft
from complaints.intake import Enclosed, Origin
from complaints.model import Attachment
from gateway import links
from gateway.ciphers import KeyringCipher
from gateway.context import Context
from gateway.counties import County
from gateway.db import DatabaseDown
from gateway.keys import seal
from gateway.store import links as link_store

DATA_KEY = b"k" * 32
TEXT = (
    "我 11 月 2 日把材料交齐了，窗口说等通知。到今天还没有结果，打电话去问，对方说“再等等”。\n\n"
    "第二次去窗口，换了一个人，又要我补一份上次没有提过的证明。"
)


@dataclass(frozen=True)
class Filed:
    """A case, its tracking code, and the path that its office's link leads to; "" at the desk."""

    id: UUID
    number: str
    office: str
    path: str
    code: str = ""


async def down(*_: object, **__: object) -> None:
    """What asking a database that is away comes to."""
    raise DatabaseDown("gone")


async def file_case(context: Context, *, county: County | None = None, **said: Any) -> Filed:
    """A long complaint with two allegations, a limit, a picture and shared contact details; in the
    first county where none is named."""
    county = county or next(iter(context.counties))
    held = await context.snapshots.of(county)
    picture = Attachment(new_id(context.clock()), 1, "台牌.jpg", "image/jpeg", 345_678, b"h" * 32)
    await context.attachments.put(county.schema, picture.id, seal(DATA_KEY, b"\xff\xd8"))
    draft = Draft.model_validate(
        {
            "text": TEXT,
            "badge": "A1024",
            "place": "12 号窗口",
            "wish": "尽快出证。",
            "category": ("L01", "V04"),
            "matter": held.directory.matters[0].code,
            "accepted_on": "2026-10-12",
            "happened_on": "2026-11-20",
            "happened_at": "09:30",
            "name": "何敏仪",
            "phone": "13800138000",
            "email": "citizen@example.org",
            "share_contact": "yes",
            "details": {"V04": "台牌写的是另一个人的名字"},
            **said,
        }
    )
    async with context.db.transaction(county.schema) as conn:
        found = await intake.file(
            conn,
            draft,
            decisions.County(held.directory, held.calendar, held.rules),
            KeyringCipher(context.keys),
            enclosed=Enclosed(DATA_KEY, (picture,)),
            origin=Origin("web", "zh-Hant"),
            now=context.clock(),
        )
        path = ""
        if found.office:
            token, row = links.make(found.id, found.office, None, context.clock())
            await link_store.insert_links(conn, [row])
            path = f"/answer/{token}"
    return Filed(found.id, found.number, found.office or "", path, found.code)
