"""Asking the person before a function runs."""

from __future__ import annotations

from collections.abc import Callable

from ..messages import ToolCall
from ..tools import PythonTool


class AskApproval:
    """Decides on calls by asking; remembers "always" for the length of a chat."""

    def __init__(
        self,
        *,
        ask: Callable[[ToolCall], None],
        run: Callable[[ToolCall], None],
        read: Callable[[str], str],
    ) -> None:
        """Prepare to ask.

        Args:
            ask: Shows the call that is asked about.
            run: Shows a call that runs without being asked about.
            read: Reads the reply to a prompt.
        """
        self._ask = ask
        self._run = run
        self._read = read
        self._always: set[str] = set()

    def __call__(self, call: ToolCall, tool: PythonTool) -> bool | str:
        """True runs the call; False does not."""
        if tool.name in self._always:
            self._run(call)
            return True
        self._ask(call)
        while True:
            try:
                reply = self._read("  run it? [Y]es, [n]o, [a]lways: ").strip().lower()
            except EOFError:
                return False
            if reply in ("", "y", "yes"):
                return True
            if reply in ("a", "always"):
                self._always.add(tool.name)
                return True
            if reply in ("n", "no"):
                return False
