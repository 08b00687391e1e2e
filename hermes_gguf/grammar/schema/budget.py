"""How much work one compilation may be; beyond that it refuses by name.

Knows nothing about schemas: callers say where they are when they spend.
"""

from __future__ import annotations

import time

from ...errors import SchemaBudgetError
from ..watch import let_look_on

#: Steps (alternatives combined, states printed) of one compilation.
MAX_STEPS = 60_000
#: Seconds of processor time of one compilation, for steps that are costly one by one.
MAX_SECONDS = 1.7
#: Steps between two looks at the clock.
_STEPS_TO_LOOK = 32
#: Alternatives that one object or array may have after all combinations.
MAX_ALTERNATIVES = 1_000


class Budget:
    """Counts steps and looks at the clock now and then."""

    def __init__(
        self, *, max_steps: int = MAX_STEPS, max_seconds: float = MAX_SECONDS
    ) -> None:
        self.steps_left = max_steps
        self._steps_unlooked = 0
        self.max_seconds = max_seconds
        self._started_s = time.perf_counter()
        self._deadline_s = time.thread_time() + max_seconds

    def spend(self, steps: int, pointer: str, keyword: str) -> None:
        """Count work done for the keyword at `pointer`.

        Raises:
            SchemaBudgetError: the compilation has used up its budget.
        """
        self.steps_left -= steps
        self._steps_unlooked += steps
        is_time = self._steps_unlooked >= _STEPS_TO_LOOK
        if self.steps_left < 0 or (is_time and self._is_late()):
            raise SchemaBudgetError(
                "enforcing the schema exactly would take too many rules",
                pointer=pointer,
                keyword=keyword,
                hint="hermes-gguf grammar SCHEMA.json --explain",
            )

    def _is_late(self) -> bool:
        """The processor's clock is slow to read, so the wall's clock is read first."""
        self._steps_unlooked = 0
        let_look_on()
        if time.perf_counter() - self._started_s < self.max_seconds:
            return False
        return time.thread_time() > self._deadline_s
