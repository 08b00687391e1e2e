"""Several answers at once, read as one: whichever has something to say comes next.

Of the answers to one prompt the first begins alone, and the others when it has read the
prompt: what it read, they share. It knows no wire.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from ..chat.pump import Closeable
from ..engine.base import PrefillProgress

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Said(Generic[T]):
    """What answer number `index` (from 0) says."""

    index: int
    item: T


@dataclass(frozen=True, slots=True)
class _Ended:
    """One of them is at its end, perhaps with an error."""

    error: Exception | None = None


#: An answer that has not begun, and its number.
_Numbered: TypeAlias = tuple[int, Closeable[T | PrefillProgress]]


class Together(Generic[T]):
    """Iterator over what several answers say; any thread may close it."""

    def __init__(
        self, prompts: Sequence[Sequence[Closeable[T | PrefillProgress]]]
    ) -> None:
        """Join answers that have not begun.

        Args:
            prompts: For each prompt its answers; they are numbered in this order.
        """
        self._prompts: list[list[_Numbered[T]]] = []
        self._n_left = 0
        for answers in prompts:
            self._prompts.append(list(enumerate(answers, self._n_left)))
            self._n_left += len(answers)
        self._arrived: queue.SimpleQueue[Said[T] | PrefillProgress | _Ended]
        self._arrived = queue.SimpleQueue()
        self._is_begun = False
        self._closed = threading.Event()

    def __iter__(self) -> Together[T]:
        return self

    def __next__(self) -> Said[T] | PrefillProgress:
        """What any of them says next, or how far a prompt is read.

        Raises:
            Exception: what one of them raises; the others are closed.
        """
        if not self._is_begun:
            self._is_begun = True
            for answers in self._prompts:
                self._begin(answers[:1], then=answers[1:])
        while self._n_left and not self._closed.is_set():
            arrival = self._arrived.get()
            if self._closed.is_set():
                break
            if not isinstance(arrival, _Ended):
                return arrival
            self._n_left -= 1
            if arrival.error is not None:
                self.close()
                raise arrival.error
        raise StopIteration

    def close(self) -> None:
        """End all of them, also while another thread waits in `next`."""
        self._closed.set()
        for answers in self._prompts:
            for _, answer in answers:
                answer.close()
        self._arrived.put(_Ended())

    def _begin(
        self, answers: list[_Numbered[T]], *, then: list[_Numbered[T]] | None = None
    ) -> None:
        for numbered in answers:
            threading.Thread(
                target=self._read,
                args=(*numbered, then or []),
                name="hermes-gguf-answer",
                daemon=True,
            ).start()

    def _read(
        self,
        index: int,
        answer: Closeable[T | PrefillProgress],
        then: list[_Numbered[T]],
    ) -> None:
        """Read one answer to its end; begin those in `then` when its prompt is read."""
        error: Exception | None = None
        try:
            for item in answer:
                if isinstance(item, PrefillProgress):
                    self._arrived.put(item)
                    continue
                self._begin(then)
                then = []
                self._arrived.put(Said(index, item))
        # Whatever it is, it is raised where the answers are read.
        except Exception as raised:
            error = raised
        else:
            self._begin(then)
        self._arrived.put(_Ended(error))


def together(
    prompts: Sequence[Sequence[Closeable[T | PrefillProgress]]],
) -> Closeable[Said[T] | PrefillProgress]:
    """As `Together`; an answer that is alone needs no threads."""
    if [len(answers) for answers in prompts] == [1]:
        return _Alone(prompts[0][0])
    return Together(prompts)


class _Alone(Generic[T]):
    """One answer."""

    def __init__(self, answer: Closeable[T | PrefillProgress]) -> None:
        self._answer = answer

    def __iter__(self) -> _Alone[T]:
        return self

    def __next__(self) -> Said[T] | PrefillProgress:
        item = next(self._answer)
        return item if isinstance(item, PrefillProgress) else Said(0, item)

    def close(self) -> None:
        self._answer.close()
