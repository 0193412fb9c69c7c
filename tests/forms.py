"""Pages as a robot reads them: links, and forms with what they hold as they stand."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """A form and its fields as a browser would send them untouched."""

    action: str
    method: str
    multipart: bool = False
    fields: list[tuple[str, str]] = field(default_factory=list)
    # (action, name, value) of each button.
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    def values(self) -> dict[str, str]:
        """The fields by name; the last of a name wins."""
        return dict(self.fields)


class Page(HTMLParser):
    """What is on a page: `links`, `forms`, `ids` and its visible `text`."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.ids: list[str] = []
        self.title = ""
        self._words: list[str] = []
        self._open: list[str] = []
        self._area: tuple[str, list[str]] | None = None
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self.feed(source)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._words).split())

    def form(self, ending: str) -> Form:
        """The form whose action ends so."""
        return next(form for form in self.forms if form.action.endswith(ending))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag == "form":
            multipart = found.get("enctype", "").startswith("multipart/")
            method = found.get("method", "get").lower()
            self.forms.append(Form(found.get("action", ""), method, multipart))
        elif tag == "button" and self.forms and found.get("type", "submit") == "submit":
            action = found.get("formaction", self.forms[-1].action)
            button = (action, found.get("name", ""), found.get("value", ""))
            self.forms[-1].buttons.append(button)
        elif tag == "input":
            self._input(found, checked=any(name == "checked" for name, _ in attrs))
        elif tag == "textarea":
            self._area = (found.get("name", ""), [])
        elif tag == "select":
            self._select = (found.get("name", ""), [])
        elif tag == "option" and self._select:
            chosen = any(name == "selected" for name, _ in attrs)
            self._select[1].append((found.get("value", ""), chosen))
        self._open.append(tag)

    def _input(self, found: dict[str, str], *, checked: bool) -> None:
        if not self.forms or not found.get("name"):
            return
        kind = found.get("type", "text")
        if kind in ("radio", "checkbox") and not checked:
            return
        if kind not in ("file", "submit", "button", "image"):
            self.forms[-1].fields.append((found["name"], found.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area and self.forms:
            # The first line break belongs to the markup.
            self.forms[-1].fields.append((self._area[0], "".join(self._area[1]).removeprefix("\n")))
            self._area = None
        elif tag == "select" and self._select and self.forms:
            name, options = self._select
            chosen = [value for value, selected in options if selected] or [
                value for value, _ in options[:1]
            ]
            self.forms[-1].fields += [(name, value) for value in chosen]
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area:
            self._area[1].append(data)
        elif not self._open or self._open[-1] not in ("script", "style"):
            if self._open and self._open[-1] == "title":
                self.title += data
            self._words.append(data)
