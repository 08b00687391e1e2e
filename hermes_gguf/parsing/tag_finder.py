"""Finds literal tags in text that arrives in pieces.

Matches text and not token ids: a tag may be one token, or be spread over several.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


class TagFinder:
    """Cuts text at the first of a set of tags; each tag begins with its only `<`."""

    def __init__(self, tags: Iterable[str]) -> None:
        self._tags = tuple(tags)
        self._any = re.compile("|".join(map(re.escape, self._tags)))
        self._longest = max(map(len, self._tags))

    def split(self, text: str) -> tuple[str, str, str]:
        """The text before the first tag, that tag, and what follows.

        Without a tag the second part is empty, and the third is the end of `text`
        that could still grow into a tag.
        """
        if found := self._any.search(text):
            return text[: found.start()], found.group(), text[found.end() :]
        at = text.rfind("<", max(0, len(text) - self._longest + 1))
        if at >= 0 and self.may_begin(text[at:]):
            return text[:at], "", text[at:]
        return text, "", ""

    def may_begin(self, text: str) -> bool:
        """Whether some tag begins with `text`."""
        return any(tag.startswith(text) for tag in self._tags)
