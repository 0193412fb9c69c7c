"""The secret key of an installation that was given none: made once, kept in the data folder."""

import os
import secrets
from pathlib import Path

from gateway.embedded_home import unusable
from gateway.settings import Settings

SECRET_FILE = "secret-key"  # noqa: S105 a file's name


def secret_keys(settings: Settings) -> tuple[str, ...]:
    """The keys from the settings, newest first, else the one in the data folder.

    Raises `EmbeddedError` when the folder cannot be used.
    """
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_dir / SECRET_FILE
    try:
        if not path.exists():
            _make(path)
        return (path.read_text("ascii").strip(),)
    except OSError as error:
        raise unusable(settings.data_dir, error) from error


def existing_keys(settings: Settings) -> tuple[str, ...]:
    """Like `secret_keys`, but makes none: empty where there is none yet. Raises `EmbeddedError`."""
    exists = (settings.data_dir / SECRET_FILE).exists()
    return secret_keys(settings) if settings.secret_key or exists else ()


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if not path.exists():
            os.link(scratch, path)  # unlike a rename, never replaces another starter's key
    except FileExistsError:
        pass  # another starter was quicker; its key is the key
    finally:
        scratch.unlink(missing_ok=True)
