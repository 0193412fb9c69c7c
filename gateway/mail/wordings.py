"""A county's own words in its letters, laid over the default ones."""

import logging
from collections.abc import Mapping

from gateway.i18n import LANGUAGES, Words, words
from gateway.mail.compose import Form, form, lay_out
from gateway.mail.wording_checks import find_fault

log = logging.getLogger(__name__)

# Key, language and form (0, or 1 for the plural) of a wording.
Place = tuple[str, str, int]
# What letters say, and nothing else; these keys stand in `locale/<language>/mail.po`.
PREFIX = "mail."


class Wordings:
    """The words and forms of a county's letters; holds forms once they are laid out.

    `own` may hold what fits no more, after the default words changed or a hand in the database:
    that is logged and left out, and the default said, since a letter must never be lost.
    """

    def __init__(self, own: Mapping[Place, str]) -> None:
        self.own = dict(own)
        self._words = {language: _overlaid(language, self.own) for language in LANGUAGES}
        self._forms: dict[tuple[str, str], Form] = {}

    def words(self, language: str) -> Words:
        """All words of the language, the county's own among them."""
        return self._words[language]

    def form(self, template: str, language: str) -> Form:
        """The form of a letter; raises KeyError for a template that nobody writes."""
        say = self._words[language]
        if say is words(language):
            return form(template, language)
        held = self._forms.get((template, language))
        if held is None:
            held = self._forms[template, language] = _laid_out(template, say)
        return held


def _laid_out(template: str, say: Words) -> Form:
    try:
        return lay_out(template, say)
    except Exception:
        log.exception("the own words of the letter %s fail in %s", template, say.language)
        return form(template, say.language)


def _overlaid(language: str, own: Mapping[Place, str]) -> Words:
    say = words(language)
    found: dict[str, tuple[str, ...]] = {}
    for (key, where, position), wording in own.items():
        if where != language:
            continue
        known = say.forms(key) if key.startswith(PREFIX) and key in say else ()
        if position >= len(known) or find_fault(key, language, known[position], wording):
            log.error("the own wording of %s in %s does not fit and is left out", key, language)
            continue
        forms = list(found.get(key, known))
        forms[position] = wording
        found[key] = tuple(forms)
    return say.worded(found)


DEFAULTS = Wordings({})
