"""Templates with their words put in when they are loaded, and not at every rendering.

A page has some hundred words that never change. Looked up and escaped one by one while it is
rendered they cost a third of its time; as constants Jinja escapes and joins them once.
"""

from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, Template, nodes
from jinja2.runtime import Context
from jinja2.visitor import NodeTransformer


class DirectContext(Context):
    """Calls what a template calls and no more.

    Jinja first looks, several times a call, whether a function wants to be given the context; none
    of ours does, and macros do without. That was a fifth of a page's time.
    """

    def call(self, called: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
        """What a call expression of a template becomes."""
        named.pop("_block_vars", None)  # Jinja's own, for functions that are given the context
        named.pop("_loop_vars", None)
        return called(*args, **named)


class WordedLoader(FileSystemLoader):
    """Loads templates of one language; `say` gives the wording of a key.

    `_("key")` becomes its wording. `_("key", name=…)`, whose wording depends on the moment, and
    `_(variable)` stay calls. Raises what `say` raises for a key that is not worded.
    """

    def __init__(self, folder: Path, say: Callable[[str], str]) -> None:
        super().__init__(folder)
        self._say = say

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,
    ) -> Template:
        """See `jinja2.BaseLoader.load`."""
        source, filename, up_to_date = self.get_source(environment, name)
        tree = _Words(self._say).visit(environment.parse(source, name, filename))
        code = environment.compile(tree, name, filename)
        return environment.template_class.from_code(environment, code, globals or {}, up_to_date)


class _Words(NodeTransformer):
    def __init__(self, say: Callable[[str], str]) -> None:
        self._say = say

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        key = _constant_key(node)
        return node if key is None else nodes.Const(self._say(key), lineno=node.lineno)


def _constant_key(node: nodes.Call) -> str | None:
    called, given = node.node, [*node.args, *node.kwargs, node.dyn_args, node.dyn_kwargs]
    plain = isinstance(called, nodes.Name) and called.name == "_" and given[1:] == [None, None]
    if not plain or not isinstance(given[0], nodes.Const) or not isinstance(given[0].value, str):
        return None
    return given[0].value
