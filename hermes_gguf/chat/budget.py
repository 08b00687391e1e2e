"""How much a tool loop may do: rounds, calls, repetitions of one and the same call.

It counts and decides; executing, and what the model is told, is `tool_loop`'s business.
"""

from __future__ import annotations

import json
from collections import Counter

from ..messages import ToolCall
from ..options import require_count


class CallBudget:
    """What may still be executed.

    Attributes:
        max_depth: Rounds of calls at most.
    """

    def __init__(
        self, *, max_depth: int, max_calls: int | None, max_repeats: int
    ) -> None:
        """Check the limits.

        Args:
            max_depth: Rounds of calls at most.
            max_calls: Calls at most, over all rounds; None is no limit.
            max_repeats: How often one and the same call is executed at most.

        Raises:
            OptionError: a limit is out of its range.
        """
        require_count("max_depth", max_depth, least=1)
        require_count("max_repeats", max_repeats, least=1)
        if max_calls is not None:
            require_count("max_calls", max_calls, least=0)
        self.max_depth = max_depth
        self._max_calls = max_calls
        self._max_repeats = max_repeats
        self._taken: Counter[str] = Counter()

    @property
    def is_spent(self) -> bool:
        """Whether no further call may be executed."""
        return self._max_calls is not None and self._taken.total() >= self._max_calls

    def is_repeated(self, call: ToolCall) -> bool:
        """Whether this very call was executed as often as it may be."""
        return self._taken[_key(call)] >= self._max_repeats

    def take(self, call: ToolCall) -> None:
        """Count a call that is executed now."""
        self._taken[_key(call)] += 1


def _key(call: ToolCall) -> str:
    return json.dumps([call.name, call.arguments], sort_keys=True, default=str)
