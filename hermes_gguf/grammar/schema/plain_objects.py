"""Objects whose schema only names keys: the short road from a schema to its shape.

Nearly all objects are such, so their keys are read at once, without facts that would
have to be put together. What the keywords mean is said in `object_facts`; the tests
hold this road to the long one, over `conjunctions` and `object_sorting`.
"""

from __future__ import annotations

from collections.abc import Callable

from ..regular.language import Language
from .nodes import Goal, Literal, Node
from .object_shapes import Key, ObjectShape, Region

_KEYWORDS = frozenset(("type", "properties", "required", "additionalProperties"))


def is_plain(goal: Goal) -> bool:
    """Whether the goal is one schema without keywords but those that are read here."""
    if len(goal) != 1 or not goal[0].positive:
        return False
    node = goal[0].node
    if node.keywords is None or node.library.relaxed:
        return False
    return _KEYWORDS.issuperset(node.keywords)


class PlainObject:
    """The objects that a plain schema allows.

    Args:
        node: The schema.
        is_empty: Tells for a goal whether no value satisfies it; False when it does
            not know.
        closed: Whether an object that names keys and does not say otherwise allows no
            others.
    """

    def __init__(
        self, node: Node, is_empty: Callable[[Goal], bool], *, closed: bool
    ) -> None:
        assert node.keywords is not None
        self.is_empty = is_empty
        self.goals: dict[str, Goal] = {}
        self.others: Goal = ()
        # In the order of the schema, for what says the same is shown where it stood
        # first.
        for keyword, value in node.keywords.items():
            if keyword == "properties":
                for name in value:
                    self.goals[name] = (Literal(node.at("properties", name)),)
            elif keyword == "additionalProperties":
                self.others = (Literal(node.at("additionalProperties")),)
        names_keys = bool(self.goals)
        self.required = dict.fromkeys(node.keywords.get("required", ()))
        for name in self.required:
            self.goals.setdefault(name, self.others)
        is_open = "additionalProperties" not in node.keywords
        #: Whether keys that are not named may be there at all.
        self.has_others = not (closed and names_keys and is_open)
        #: Whether every object is allowed.
        self.is_any = not names_keys and is_open and "required" not in node.keywords
        self.origin = node.where("required") if self.required else ""

    def is_possible(self) -> bool:
        """Whether every key that must be there may have a value."""
        return not any(
            self.is_empty(self.goals[name]) for name in sorted(self.required)
        )

    def shape(self) -> ObjectShape | None:
        """The shape; None when a key that must be there can have no value."""
        keys = []
        for name, goal in self.goals.items():
            if not self.is_empty(goal):
                keys.append(Key(name, goal, name in self.required))
            elif name in self.required:
                return None
        regions: tuple[Region, ...] = ()
        if self.has_others and not self.is_empty(self.others):
            names = Language(words=frozenset(self.goals), excluded=True)
            regions = (Region(names, self.others),)
        return ObjectShape(
            keys=tuple(keys),
            formulas=frozenset(),
            regions=regions,
            wanted=(),
            min_size=0,
            max_size=None,
            origin=self.origin,
        )
