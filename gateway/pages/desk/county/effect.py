"""What a change would do to open cases, in words; for `desk/county/_effect.html`."""

from typing import Any

from complaints.foresight import Effect
from gateway.i18n import Words
from gateway.snapshots import Snapshot
from gateway.views import name_in


def say_effect(words: Words, effect: Effect, snapshot: Snapshot) -> dict[str, Any]:
    """`{"lines": sentences, "offices": [(name, n)], "examples": [(number, office, what, was,
    becomes)], "moved": n}`."""

    def name(code: str | None) -> str:
        office = snapshot.directory.office(code)
        return name_in(words.language, office) if office else code or words("desk.actor.desk")

    unknown = words("county_limits.day_unknown")
    counted = ("later", "sooner", "unknown", "newly_late", "no_longer_late")
    return {
        "moved": effect.moved,
        "looked": effect.looked,
        "lines": [
            words(f"county_limits.effect.{each}", n=n)
            for each in counted
            if (n := getattr(effect, each))
        ],
        "offices": [
            (name(code), n)
            for code, n in sorted(effect.by_office.items(), key=lambda each: (-each[1], each[0]))
        ],
        "examples": [
            (
                each.number,
                name(each.office),
                words(f"county_limits.due.{each.kind}"),
                words.short_day(each.was) if each.was else unknown,
                words.short_day(each.becomes) if each.becomes else unknown,
            )
            for each in effect.examples
        ],
    }
