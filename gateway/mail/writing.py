"""From a claimed letter to a mail: who gets it, what is filled in, and the secret of its link."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from urllib.parse import urlsplit

from complaints.secrets import open_contact
from gateway import links
from gateway.ciphers import KeyringCipher
from gateway.context import Context
from gateway.counties import County
from gateway.i18n import ZONE, Words, words
from gateway.keys import Keyring
from gateway.mail.address import deliverable
from gateway.mail.compose import Envelope, compose
from gateway.mail.current import act_by, untrue
from gateway.mail.facts import Facts
from gateway.mail.letters import WITH_LINK
from gateway.mail.life import LATE
from gateway.mail.transport import Mail
from gateway.mail.wordings import DEFAULTS, Wordings
from gateway.store.letters import Claimed
from gateway.store.links import NewLink


class Obsolete(Exception):
    """The case has moved on; the letter would reach somebody who no longer has it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A mail that is ready to go, and the link that must be kept before it does."""

    letter: Claimed
    mail: Mail
    link: NewLink | None


def email_of(keys: Keyring, wrapped_key: bytes | None, contact: bytes | None) -> str:
    """The complainant's address, or "". Raises `UnreadableSecret`, and ValueError or TypeError
    for details in another form than `complaints.secrets` writes.
    """
    return open_contact(KeyringCipher(keys), wrapped_key, contact).email


def write(
    context: Context, county: County, letter: Claimed, now: datetime, own: Wordings = DEFAULTS
) -> Written:
    """Composes a letter, in the county's `own` words where it has some.

    Raises `Obsolete` when the case has moved on, `BadAddress` when nobody could get
    it, and whatever a broken template or unreadable contact raises.
    """
    why = untrue(letter)
    if why:
        raise Obsolete(why)
    to = deliverable(_address(context.keys, letter))
    site = site_of(context, county)
    url, link = f"{site}/track?lang={letter.language}", None
    if letter.template in WITH_LINK and letter.office:
        token, link = links.make(letter.complaint, letter.office, letter.id, now)
        url = f"{site}/answer/{token}"
    envelope = Envelope(
        sender=context.settings.mail_from,
        sender_name=_county_name(county, letter),
        to=to,
        letter=letter.id,
        # An id holds 74 random bits that are shown nowhere, so its hash tells nothing.
        thread=hashlib.sha256(b"thread" + letter.complaint.bytes).hexdigest()[:24],
        now=now,
    )
    facts = _facts(own.words(letter.language), county, letter, url, now)
    data = compose(own.form(_said(letter, now), letter.language), facts, envelope)
    return Written(letter, Mail(letter.id, county.schema, (to,), data), link)


def _said(letter: Claimed, now: datetime) -> str:
    """The template whose words are true now: who is late is not told that it nearly is."""
    return (
        LATE.get(letter.template, letter.template) if _days_late(letter, now) else letter.template
    )


def _days_late(letter: Claimed, now: datetime) -> int:
    """How many days ago the reader's last day was; 0 in time, or while no calendar says."""
    day = act_by(letter)
    return max(0, (now.astimezone(ZONE).date() - day).days) if day else 0


def site_of(context: Context, county: County) -> str:
    """How people reach a county's pages: its own host name where several share the server."""
    base = context.settings.base_url
    if county.host is None or len(tuple(context.counties)) == 1:
        return base
    return f"{urlsplit(base).scheme}://{county.host}"


def _address(keys: Keyring, letter: Claimed) -> str | None:
    if letter.recipient == "complainant":
        return email_of(keys, letter.wrapped_key, letter.contact)
    return letter.desk_email if letter.recipient == "desk" else letter.office_email


def _county_name(county: County, letter: Claimed) -> str:
    if letter.language == "en":
        return letter.county_name_en or county.name_en
    return letter.county_name or county.name


def _office_name(letter: Claimed) -> str:
    # Stored names are never converted between scripts (domain.md).
    if letter.recipient == "above":
        return letter.late_name or letter.data.get("office") or ""
    name = letter.office_name_en if letter.language == "en" else letter.office_name
    return name or letter.office or ""


def _facts(say: Words, county: County, letter: Claimed, url: str, now: datetime) -> Facts:
    day, due = act_by(letter), _due_on(letter)
    return Facts(
        number=letter.number,
        office=_office_name(letter),
        due=_day(letter.language, due) if due else say("mail.due_unknown"),
        by=say("mail.by", day=_day(letter.language, day)) if day else say("mail.by_unknown"),
        url=url,
        until=_day(letter.language, (now + links.LIFETIME).astimezone(ZONE).date()),
        county=_county_name(county, letter),
        phone=letter.desk_phone or "",
        day=_day(letter.language, day) if day else say("mail.by_unknown"),
        late=str(_days_late(letter, now)) if day else "",
    )


def _due_on(letter: Claimed) -> date | None:
    """When the answer is due; of a merged complaint that of the case whose answer it waits for."""
    told = letter.data.get("due") if letter.state == "merged" else None
    return date.fromisoformat(told) if told else letter.due_on


# The letters of a batch name the same few days.
@lru_cache(256)
def _day(language: str, day: date) -> str:
    return words(language).day(day)
