"""Finding units and matters by what people type: any script, English, pinyin, a short form."""

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from board.names import fold, is_chinese

# A near miss has to share this much, in percent, and comes only when nothing fits.
_NEAR_PERCENT = 70


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    code: str
    name: str
    english: str
    pinyin: str
    initials: str


class TextIndex:
    """A few hundred named things, searched one by one; rows are (id, code, name, name_en)."""

    def __init__(self, rows: Iterable[tuple[str, str, str, str]]) -> None:
        self._entries = tuple(_entry(*row) for row in rows)

    def find(self, query: str, limit: int) -> tuple[str, ...]:
        """Ids that fit every word of `query`, best first; all, in order, for an empty query."""
        words = fold(query).split()
        scored = sorted(
            (score, place, entry.id)
            for place, entry in enumerate(self._entries)
            if (score := _score_all(entry, words)) is not None
        )
        if not scored and words:
            return self._near("".join(words), limit)
        return tuple(id_ for _, _, id_ in scored[:limit])

    def _near(self, word: str, limit: int) -> tuple[str, ...]:
        field = "name" if is_chinese(word) else "english"
        texts = {entry.id: getattr(entry, field) for entry in self._entries}
        scorer = fuzz.ratio if is_chinese(word) else fuzz.partial_ratio
        if len(word) < 3:
            return ()
        found = process.extract(word, texts, scorer=scorer, score_cutoff=_NEAR_PERCENT, limit=limit)
        return tuple(str(id_) for _, _, id_ in found)


def _entry(id_: str, code: str, name: str, english: str) -> _Entry:
    # Imported late for the same reason as in board.names.
    from pypinyin import lazy_pinyin

    folded = fold(name)
    syllables = lazy_pinyin(folded, v_to_u=False, errors="ignore")
    initials = "".join(syllable[0] for syllable in syllables)
    return _Entry(id_, fold(code), folded, fold(english), "".join(syllables), initials)


def _score_all(entry: _Entry, words: list[str]) -> int | None:
    total = 0
    for word in words:
        score = _score(entry, word)
        if score is None:
            return None
        total += score
    return total


def _score(entry: _Entry, word: str) -> int | None:
    """How well one word fits, 0 best; None when it does not."""
    if word in (entry.code, entry.name):
        return 0
    if entry.name.startswith(word) or entry.code.startswith(word):
        return 1
    if word in entry.name:
        return 2
    if is_chinese(word):
        # 住建局 stands for 住房和城乡建设局.
        return 5 if len(word) > 1 and is_subsequence(word, entry.name) else None
    return _latin_score(entry, word)


def _latin_score(entry: _Entry, word: str) -> int | None:
    if entry.english.startswith(word) or f" {word}" in entry.english:
        return 3
    # One letter says nothing inside initials; two say something at their start.
    if len(word) > 1 and word in entry.initials:
        return 4 if entry.initials.startswith(word) else 6
    return 5 if len(word) > 2 and word in entry.pinyin else None


def is_subsequence(short: str, long: str) -> bool:
    """Whether the characters of `short` come in `long` in this order."""
    rest = iter(long)
    return all(char in rest for char in short)
