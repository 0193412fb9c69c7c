"""What a browser calls itself, in two words that a person knows it by."""

# The first that fits: later names also stand in what earlier ones send.
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("QQBrowser", "QQ Browser"),
    ("UCBrowser", "UC Browser"),
    ("OPR", "Opera"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def short_agent(header: str) -> str:
    """A User-Agent as "Chrome · Windows"; "" where neither is known. Nothing else is kept."""
    text = header[:512]
    names = [
        next((name for mark, name in table if mark in text), "") for table in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(name for name in names if name)
