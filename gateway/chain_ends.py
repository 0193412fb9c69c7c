"""Where each county's chain over its events ended last, kept in a file beside the database.

The seals lie in the database: whoever empties it of them would have everything sealed anew by us.
"""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from complaints.audit import End

FOLDER = "chain"
# What no chain ends with: a file that says nothing is no better than a chain that was changed.
UNREADABLE: "End" = (0, b"")


def path_of(data_dir: Path, schema: str) -> Path:
    """The file of a county."""
    return data_dir / FOLDER / schema


def find(data_dir: Path, schema: str) -> "End | None":
    """The end that was kept last; None before the first."""
    try:
        n, hash_ = path_of(data_dir, schema).read_text("ascii").strip().split(":")
        return int(n), bytes.fromhex(hash_)
    except FileNotFoundError:
        return None
    except ValueError:
        return UNREADABLE


def keep(data_dir: Path, schema: str, end: "End") -> None:
    """Puts this end in the place of the one before. Raises `OSError`."""
    path = path_of(data_dir, schema)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with scratch.open("x", encoding="ascii") as file:
            file.write(f"{end[0]}:{end[1].hex()}\n")
            file.flush()
            os.fsync(file.fileno())  # a power cut leaves this one or the one before, never half
        os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)
