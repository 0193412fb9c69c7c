"""An office's link: 256 random bits for one case and one office, for a time.

The secret is made while its letter is rendered and only its SHA-256 is kept. A GET with it only
shows; who may act is decided by `Link.standing`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg

from board.ids import new_id
from gateway.keys import new_token, token_hash
from gateway.store import links as store

LIFETIME = timedelta(days=60)
# A new link goes to the office's own address, so this only spares its inbox.
RENEWALS_A_DAY = 5

Standing = Literal["good", "expired", "revoked", "merged"]
Renewal = Literal["sent", "moved", "too_many"]


@dataclass(frozen=True, slots=True)
class Link:
    """What a link's secret opens: one case, for one office."""

    complaint: UUID
    office: str
    expires_at: datetime
    revoked_at: datetime | None
    # Who has the case now; a link of another office is worth nothing, even before it is revoked.
    holder: str | None
    sealed: bool
    # The office had the case when it was merged into another one.
    merged: bool = False

    def standing(self, now: datetime) -> Standing:
        """Whether the link may be used at `now` (aware)."""
        if self.merged:
            return "merged"
        if self.revoked_at is not None or self.holder != self.office:
            return "revoked"
        return "good" if now < self.expires_at else "expired"


def make(
    complaint: UUID, office: str, letter: UUID | None, now: datetime
) -> tuple[str, store.NewLink]:
    """A fresh secret for a letter, and the row to keep before the letter goes out."""
    token, hashed = new_token()
    return token, store.NewLink(hashed, complaint, office, letter, now, now + LIFETIME)


async def find(conn: asyncpg.Connection, token: str) -> Link | None:
    """The link of a secret, whatever its standing; None for a secret that never was."""
    row = await store.find_link(conn, token_hash(token))
    if row is None:
        return None
    return Link(
        complaint=row["complaint"],
        office=row["office"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        holder=row["holder"],
        sealed=row["sealed"],
        merged=bool(row["merged"]),
    )


async def revoke(conn: asyncpg.Connection, complaint: UUID, now: datetime) -> int:
    """Ends every link of a case, in the transaction that moves it; how many that were."""
    return await store.revoke_links(conn, complaint, now)


async def renew(
    conn: asyncpg.Connection, link: Link, now: datetime, event: UUID | None = None
) -> Renewal:
    """Asks for a letter with a new link, to the office's own address and nowhere else.

    `event` is made by a caller that may run its transaction again: the same id asks once.

    An expired link may be renewed as long as its office has the case. The old link stays what
    it was: whoever pressed the button in a forwarded mail cannot lock the office out.
    """
    if link.revoked_at is not None or not await store.is_with_office(
        conn, link.complaint, link.office
    ):
        return "moved"
    since, event = now - timedelta(days=1), event or new_id(now)
    others = await store.count_renewals(conn, link.complaint, link.office, since, event)
    if others >= RENEWALS_A_DAY:
        return "too_many"
    await store.insert_renewal(conn, event, link.complaint, link.office, now)
    return "sent"
