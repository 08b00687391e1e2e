"""One stream of prose (the answer, or the reasoning), with its edges trimmed.

White space is held back until prose follows it: between prose and a tool call, or
around reasoning, it belongs to the format and not to the answer.
"""

from __future__ import annotations


class Channel:
    """Feed it prose; it returns what may be shown now.

    Attributes:
        started: Some prose was let out.
        at_line_start: Nothing but white space stands on the current line.
        n_made: Characters at the front of what was let out last that nobody wrote.
    """

    def __init__(self) -> None:
        self.started = False
        self.at_line_start = True
        self.n_made = 0
        self._held: list[str] = []
        self._fresh = False
        self._turn_ended = False

    def feed(self, text: str) -> str:
        """The text that may be shown: all but white space at the end."""
        self._note_line(text)
        if not text or text.isspace():
            self._held.append(text)
            return ""
        body = text.rstrip()
        tail = text[len(body) :]
        lead = "".join(self._held)
        self._held, self._turn_ended, self.n_made = [tail], False, 0
        if self._fresh:
            # Prose on both sides of a call or of reasoning: keep the two apart.
            lead, body = "\n" if self.started else "", body.lstrip()
            self.n_made = len(lead)
            self._fresh = False
        self.started = True
        return lead + body

    def hold_turn_end(self, tag: str) -> None:
        """Keep back a tag that ends turns: it is prose only if prose follows."""
        self._held.append(tag)
        self._turn_ended = True

    def end_segment(self) -> None:
        """Something else follows: white space on both sides of it is dropped."""
        self._held, self._turn_ended = [], False
        self._fresh = True
        self.at_line_start = True

    def flush(self) -> str:
        """The white space at the very end of a segment that nothing followed."""
        held, self._held = "".join(self._held), []
        return "" if self._fresh or self._turn_ended else held

    def _note_line(self, text: str) -> None:
        last_line = text[text.rfind("\n") + 1 :]
        blank = not last_line or last_line.isspace()
        self.at_line_start = blank and ("\n" in text or self.at_line_start)
