"""Builds a prompt from parts and remembers which parts came from outside.

The spans of untrusted text are right by construction: nothing is ever searched for
in the finished text, and in a part only in the caller's own. Knows nothing of roles,
turns or tools.
"""

from __future__ import annotations

import re

from .rendered import Prompt, Span

#: Control tokens of Hermes' vocabularies; its tags, `<tools>`, have no bars.
_TURN_MARKER = re.compile(r"<\|[^<>|]*\|>|</?s>")


class PromptWriter:
    """Collects pieces of text, ours and theirs, in order."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._spans: list[Span] = []
        self._length = 0
        self._preamble_end = 0

    def write(self, text: str) -> None:
        """Add text that we vouch for: tags, turn markers, prompt wording."""
        self._parts.append(text)
        self._length += len(text)

    def quote(self, text: str) -> None:
        """Add text that came from outside; special tokens in it are mere text."""
        if not text:
            return
        start = self._length
        self.write(text)
        if self._spans and self._spans[-1][1] == start:
            start = self._spans.pop()[0]
        self._spans.append((start, self._length))

    def write_own(self, text: str) -> None:
        """Add the caller's own text: tags in it are the model's, turn markers are not.

        Documents and notes often stand in a system message: none of it shall end the
        turn and begin another one.
        """
        at = 0
        for marker in _TURN_MARKER.finditer(text):
            self.write(text[at : marker.start()])
            self.quote(marker.group())
            at = marker.end()
        self.write(text[at:])

    def paragraph(self) -> None:
        """Leave one empty line before what follows, unless nothing was written."""
        tail = "".join(self._parts[-2:])[-2:]
        if tail:
            self.write("\n" if tail.endswith("\n") else "\n\n")

    def append(self, other: PromptWriter) -> None:
        """Add all that another writer collected, its spans shifted to here."""
        for start, end in other._spans:
            self._spans.append((start + self._length, end + self._length))
        self._parts.extend(other._parts)
        self._length += other._length

    def end_preamble(self) -> None:
        """Mark this place as the end of the system text and the tools."""
        self._preamble_end = self._length

    def __bool__(self) -> bool:
        return self._length > 0

    def finish(self) -> Prompt:
        """The prompt that was written."""
        return Prompt(
            text="".join(self._parts),
            untrusted=tuple(self._spans),
            preamble_end=self._preamble_end,
        )
