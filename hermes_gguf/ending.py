"""The end of the whole program, on its way through code that is not ours."""

from __future__ import annotations


class ProgramEnding(SystemExit):
    """A signal ends the program, whatever is running.

    What a user's function raises ends its call only, its `sys.exit()` too: this is not
    the function's. asyncio lets it pass at once, like every SystemExit.
    """
