"""What is wrong in a county's files, and where."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.i18n import Words


@dataclass(frozen=True, order=True, slots=True)
class Fault:
    """One fault. `line` counts from 1 with the heading; 0 is the whole file. `column` may be "".
    `key` is worded as `county.fault.<key>`, or by itself where a page of the desk says the same."""

    file: str
    line: int
    column: str
    key: str
    params: tuple[tuple[str, str], ...] = ()

    def told(self, words: Words) -> str:
        """The fault in one line, as a compiler writes it: file:line: column: reason."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        shown = {name: _visible(value) for name, value in self.params}
        reason = words(self.key if "." in self.key else f"county.fault.{self.key}", **shown)
        return ": ".join(part for part in (_visible(place), _visible(self.column), reason) if part)


class BadValue(ValueError):
    """A cell's text is not what its column takes; `key` and `params` make the fault."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key)
        self.key = key
        self.params = tuple((name, str(value)) for name, value in params.items())


class CountyFilesError(Exception):
    """The files were not taken; nothing was changed. `faults` are all of them, sorted."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("; ".join(f"{f.file}:{f.line} {f.column} {f.key}" for f in self.faults))


def _visible(text: str) -> str:
    """Cells may hold anything; a message stays on one line and of bearable length."""
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
    return shown if len(shown) <= 80 else f"{shown[:79]}…"
