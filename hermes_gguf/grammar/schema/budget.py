"""How much work one compilation may be; beyond that it refuses by name.

Knows nothing about schemas: callers say where they are when they spend.
"""

from __future__ import annotations

import time

from hermes_gguf.errors import SchemaBudgetError

#: Steps (alternatives combined, states printed) of one compilation.
MAX_STEPS = 60_000
#: Seconds of processor time of one compilation, for steps that are costly one by one.
MAX_SECONDS = 1.8
#: Alternatives that one object or array may have after all combinations.
MAX_ALTERNATIVES = 1_000


class Budget:
    """Counts steps and looks at the clock now and then."""

    def __init__(
        self, *, max_steps: int = MAX_STEPS, max_seconds: float = MAX_SECONDS
    ) -> None:
        self.steps_left = max_steps
        self.deadline_s = time.thread_time() + max_seconds

    def spend(self, steps: int, pointer: str, keyword: str) -> None:
        """Count work done for the keyword at `pointer`.

        Raises:
            SchemaBudgetError: the compilation has used up its budget.
        """
        self.steps_left -= steps
        if self.steps_left < 0 or time.thread_time() > self.deadline_s:
            raise SchemaBudgetError(
                "enforcing the schema exactly would take too many rules",
                pointer=pointer,
                keyword=keyword,
                hint="simplify the schema there, or pass on_unsupported='check'",
            )
