"""Finding staff while somebody types; 5,000 of them within 5 ms."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from board.model import Section, Staff, Unit, Window
from board.names import fold, is_chinese, pinyin_keys, spelled, syllables
from board.numbers import number_key

# Penalties, added up over the words of a query; the smallest sum comes first.
_EXACT, _WINDOW, _PREFIX, _INSIDE, _CONTEXT, _NEAR = 0, 1, 2, 4, 6, 10
_LEFT_OFFICE = 1
# 陈小明 for 陈晓鸣 shares one of three; two of three is a likely slip.
_NEAR_NAME_PERCENT = 66
_NEAR_PINYIN_PERCENT = 80
# What people write around a window's number.
_WINDOW_WORDS = str.maketrans("", "", "第号窗口台位w#")

_Scores = dict[int, int]
_Scorer = Callable[[str], _Scores]


class _Keys:
    """Sorted (key, place) pairs: everything that starts with a prefix, in O(log n)."""

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        ordered = sorted(set(pairs))
        self.keys = [key for key, _ in ordered]
        self.places = [place for _, place in ordered]
        self.different = list(dict.fromkeys(self.keys))

    def at(self, key: str) -> tuple[int, ...]:
        """The places of exactly this key."""
        start = bisect_left(self.keys, key)
        return tuple(self.places[start : bisect_right(self.keys, key, start)])

    def starting(self, prefix: str) -> Iterator[tuple[int, bool]]:
        """(place, whether the whole key is the prefix) of each key that starts so."""
        start = bisect_left(self.keys, prefix)
        end = bisect_left(self.keys, prefix + "\U0010ffff", start)
        for at in range(start, end):
            yield self.places[at], len(self.keys[at]) == len(prefix)


class _Pinyin(_Keys):
    """Readings; initials are too short to be a slip of the pen away from anything."""

    def __init__(self, staff: Sequence[Staff]) -> None:
        super().__init__(
            (key, place)
            for place, person in enumerate(staff)
            for key in pinyin_keys(person.name, person.pinyin)
        )
        whole = {key for person in staff for key in spelled(person.name, person.pinyin)}
        self.different = sorted(whole)


class StaffIndex:
    """All staff of a county, present and past, by everything that names them."""

    def __init__(
        self,
        staff: Sequence[Staff],
        units: Mapping[str, Unit],
        sections: Mapping[str, Section],
        windows: Mapping[str, Window],
    ) -> None:
        self._staff = tuple(staff)
        places = range(len(self._staff))
        self._folded = [fold(p.name).replace(" ", "") for p in self._staff]
        self._context = [_context(p, units, sections) for p in self._staff]
        self._numbers = _Keys(_number_pairs(self._staff))
        self._names = _Keys((self._folded[place], place) for place in places)
        self._pinyin = _Pinyin(self._staff)
        self._windows = _window_places(self._staff, windows)
        self._penalty = [_LEFT_OFFICE if p.until else 0 for p in self._staff]

    def find(
        self, query: str, *, unit: str | None, window: str | None, limit: int
    ) -> tuple[Staff, ...]:
        """Best `limit` staff that fit every word, else near misses; see `Directory.find_staff`."""
        allowed = self._allowed(unit, window)
        words = fold(query).split()
        if not words:
            listed = allowed if allowed is not None else range(0)
            return tuple(self._staff[place] for place in sorted(listed)[:limit])
        scores = self._all_words(words, self._fitting)
        scores = self._restricted(scores, allowed)
        if not scores:
            scores = self._restricted(self._all_words(words, self._near), allowed)
        best = nsmallest(limit, scores.items(), key=self._order)
        return tuple(self._staff[place] for place, _ in best)

    def _order(self, item: tuple[int, int]) -> tuple[int, int]:
        place, score = item
        return score + self._penalty[place], place

    def _allowed(self, unit: str | None, window: str | None) -> set[int] | None:
        if unit is None and window is None:
            return None
        return {
            place
            for place, person in enumerate(self._staff)
            if unit in (None, person.unit) and window in (None, person.window)
        }

    @staticmethod
    def _restricted(scores: _Scores, allowed: set[int] | None) -> _Scores:
        if allowed is None:
            return scores
        return {place: score for place, score in scores.items() if place in allowed}

    @staticmethod
    def _all_words(words: list[str], score: _Scorer) -> _Scores:
        total = score(words[0])
        for word in words[1:]:
            more = score(word)
            total = {at: total[at] + more[at] for at in total.keys() & more.keys()}
        return total

    def _fitting(self, word: str) -> _Scores:
        scores: _Scores = {}
        if any(c.isdigit() for c in word):
            _take(scores, self._numbers.starting(number_key(word)))
            for place in self._windows.get(_window_number(word), ()):
                scores[place] = min(scores.get(place, _WINDOW), _WINDOW)
        if is_chinese(word):
            _take(scores, self._names.starting(word))
            self._inside(scores, word)
        else:
            letters = word.replace("'", "")
            _take(scores, self._pinyin.starting(letters) if letters else ())
        return scores

    def _inside(self, scores: _Scores, word: str) -> None:
        for place, name in enumerate(self._folded):
            if word in name:
                scores.setdefault(place, _INSIDE)
        for place, context in enumerate(self._context):
            if word in context:
                scores.setdefault(place, _CONTEXT)

    def _near(self, word: str) -> _Scores:
        scores = self._fitting(word)
        if scores:
            return scores
        if any(c.isdigit() for c in word):
            return self._near_numbers(number_key(word))
        if not is_chinese(word):
            return self._near_keys(word, self._pinyin, _NEAR_PINYIN_PERCENT)
        # Heard, not read: the same sound in other characters comes before a slip of the pen.
        sound = self._pinyin.starting("".join(syllables(word)))
        alike = {place: _NEAR for place, whole in sound if whole}
        return alike or self._near_keys(word, self._names, _NEAR_NAME_PERCENT)

    def _near_numbers(self, key: str) -> _Scores:
        if len(key) < 3:
            return {}
        keys = self._numbers.different
        found = process.extract(key, keys, scorer=OSA.distance, score_cutoff=1, limit=20)
        return {place: _NEAR for near, _, _ in found for place in self._numbers.at(near)}

    @staticmethod
    def _near_keys(word: str, keys: _Keys, percent: int) -> _Scores:
        if len(word) < 2:
            return {}
        found = process.extract(
            word, keys.different, scorer=fuzz.ratio, score_cutoff=percent, limit=40
        )
        scores: _Scores = {}
        for near, similarity, _ in found:
            for place in keys.at(near):
                scores.setdefault(place, _NEAR + round((100 - similarity) / 10))
        return scores


def _take(scores: _Scores, hits: Iterable[tuple[int, bool]]) -> None:
    for place, whole in hits:
        score = _EXACT if whole else _PREFIX
        if score < scores.get(place, _NEAR):
            scores[place] = score


def _context(person: Staff, units: Mapping[str, Unit], sections: Mapping[str, Section]) -> str:
    section = sections.get(person.section or "")
    words = (units[person.unit].name, section.name if section else "", person.post)
    return fold("\n".join(words))


def _number_pairs(staff: Sequence[Staff]) -> Iterator[tuple[str, int]]:
    for place, person in enumerate(staff):
        yield number_key(person.badge), place
        if person.placard:
            yield number_key(person.placard), place


def _window_number(text: str) -> str:
    return number_key(fold(text).translate(_WINDOW_WORDS)).lstrip("0")


def _window_places(
    staff: Sequence[Staff], windows: Mapping[str, Window]
) -> dict[str, tuple[int, ...]]:
    found: dict[str, tuple[int, ...]] = {}
    for place, person in enumerate(staff):
        if person.window in windows:
            number = _window_number(person.window or "")
            found[number] = (*found.get(number, ()), place)
    return found
