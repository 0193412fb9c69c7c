"""What people must write with a step, and the reasons why a step is not taken."""

from complaints import phrases, typed

LONGEST = 2_000


class Refused(ValueError):
    """Why a step is not taken: `key` of the catalogue, and the `field` that it stands beside."""

    def __init__(self, key: str, field: str = "") -> None:
        super().__init__(f"{field}: {key}" if field else key)
        self.key = key
        self.field = field


def needed(text: str, field: str) -> str:
    """A text that may not be empty. Raises `Refused`: missing, too_long."""
    clean = optional(text, field)
    if not clean:
        raise Refused("missing", field)
    return clean


def optional(text: str, field: str) -> str:
    """A text that may be left out. Raises `Refused`: too_long."""
    clean = typed.lines(text)
    if len(clean) > LONGEST:
        raise Refused("too_long", field)
    return clean


def worded(text: str, field: str) -> str:
    """What an office writes to a complainant: definite, and free of phrases that push away
    (推责). Raises `Refused`: missing, too_long, vague, phrase_hard."""
    clean = needed(text, field)
    if phrases.is_vague(clean):
        raise Refused("vague", field)
    if any(hit.severity == "hard" for hit in phrases.check(clean)):
        raise Refused("phrase_hard", field)
    return clean
