"""Settings come from the environment; each has a default that serves the demo."""

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from platformdirs import user_data_path
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_HOST = re.compile(r"(?:\[[^\]]*\]|[^:\[\]]*)(?::([0-9]{1,6}))?")


class Settings(BaseSettings):
    """What `docs/settings.md` lists, one field a variable `GATEWAY_…`.

    Raises `pydantic.ValidationError` that names the value, what is allowed and an example.
    """

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", extra="ignore")

    database_url: str = Field("", description="PostgreSQL 15+ URL; empty: the embedded database.")
    data_dir: Path = Field(
        default_factory=lambda: user_data_path("county-gateway"),
        description="Folder for the embedded database, attachments, spooled mail and the secret.",
    )
    base_url: str = Field(
        "http://127.0.0.1:8080", description="How people reach the site; links in mails begin so."
    )
    secret_key: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description=(
            "Signing and encryption; several, comma-separated, newest first, to rotate. "
            "Empty: a key is made once and kept in the data folder."
        ),
    )
    smtp_url: str = Field(
        "",
        description=(
            "smtp://user:pass@host:587?starttls=1 or smtps://…; empty: mail is spooled to files."
        ),
    )
    mail_from: str = Field(
        "complaints@county.example.org", description="Sender address of every letter."
    )
    keep_mail_days: int = Field(
        90, description="Days after which records of sent letters and spooled mails go."
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Addresses or networks whose X-Forwarded-For is believed, comma-separated."
    )
    desk_idle_minutes: int = Field(
        30, ge=1, le=480, description="Minutes without a page after which the desk signs out."
    )
    desk_longest_hours: int = Field(
        12, ge=1, le=72, description="Hours after which the desk asks for the password again."
    )
    log_format: Literal["text", "json"] = Field("text", description="text or json.")

    @field_validator("secret_key", "trusted_proxies", mode="before")
    @classmethod
    def _comma_list(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(len(key) < 32 for key in value):
            raise ValueError(
                "each secret key needs 32 characters or more, "
                'e.g. from: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
            )
        return value

    @field_validator("base_url")
    @classmethod
    def _is_a_site(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise ValueError("needs a form like https://complaints.example.org")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, value: str) -> str:
        parts = urlsplit(value)
        hosts = parts.netloc.rpartition("@")[2].split(",")
        usable = parts.scheme in ("postgresql", "postgres") and all(map(_has_good_port, hosts))
        if value and not usable:
            raise ValueError("needs a form like postgresql://user:password@host:5432/name")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each, strict=False)
            except ValueError:
                raise ValueError(
                    f"{each!r} is no address or network; write e.g. 127.0.0.1,10.0.0.0/8"
                ) from None
        return value

    @field_validator("keep_mail_days", mode="before")
    @classmethod
    def _some_days(cls, value: object) -> object:
        if not str(value).isdecimal() or int(str(value)) < 1:
            raise ValueError("needs a whole number of days, 1 or more, e.g. 90")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_smtp(cls, value: str) -> str:
        parts = urlsplit(value)
        usable = parts.scheme in ("smtp", "smtps") and parts.hostname and _has_port_or_none(parts)
        if value and not usable:
            raise ValueError("needs a form like smtp://user:pass@host:587?starttls=1")
        return value

    @field_validator("mail_from")
    @classmethod
    def _one_address(cls, value: str) -> str:
        if value.count("@") != 1 or not value.isascii() or any(c in value for c in "\r\n<>, "):
            raise ValueError("needs one plain address like complaints@county.example.org")
        return value


def _has_good_port(host: str) -> bool:
    """Whether `host`, `host:port` or `[address]:port` can be one; a host alone may be empty."""
    found = _HOST.fullmatch(host)
    return found is not None and (not found[1] or 0 < int(found[1]) < 65536)


def _has_port_or_none(parts: SplitResult) -> bool:
    """Whether a URL's port, if it has one, is a number that a port can be."""
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False
