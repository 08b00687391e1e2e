"""How a process ended, in words, and whether to start it again.

Pure: the clock is the caller's.
"""

from __future__ import annotations

import signal
from collections import deque
from dataclasses import dataclass, field

from ...errors import WorkerDiedError, WorkerHungError

#: Windows' names of what a signal says elsewhere.
_WINDOWS = {
    0xC0000005: "access violation",
    0xC0000006: "in-page error",
    0xC000001D: "illegal instruction",
    0xC0000409: "abort",
}


def describe_exit(returncode: int) -> str:
    """`SIGSEGV`, `exit code 3`, `access violation`."""
    if returncode < 0:
        try:
            return signal.Signals(-returncode).name
        except ValueError:
            return f"signal {-returncode}"
    # Windows' other ways to die are looked up by their code in hex.
    code = f"0x{returncode:X}" if returncode > 0xFFFF else returncode
    return _WINDOWS.get(returncode, f"exit code {code}")


def explain_exit(returncode: int) -> str | None:
    """What a person can do about it, where the way it ended says so."""
    if returncode == -9:
        return "the system kills what takes too much memory: lower --ctx or --slots"
    if returncode in (-4, 0xC000001D):
        return "llama.cpp was built for another processor: build llama-cpp-python anew"
    if describe_exit(returncode) in ("SIGBUS", "in-page error"):
        return "the model's file was cut short while it was in use, or its disk is gone"
    return None


@dataclass(frozen=True, slots=True)
class Death:
    """The end of a worker.

    Attributes:
        returncode: Of the process; a negative signal number after one.
        silent_s: Seconds without a sign of life, for which it was ended; 0 if not.
    """

    returncode: int
    silent_s: float = 0.0

    @property
    def how(self) -> str:
        """`SIGSEGV`, `exit code 3`, `no sign of life for 300 s`."""
        if self.silent_s:
            return f"no sign of life for {self.silent_s:.0f} s"
        return describe_exit(self.returncode)

    @property
    def why(self) -> str | None:
        """What a person can do about it, where the way it ended says so."""
        return None if self.silent_s else explain_exit(self.returncode)

    def error(self, who: str, when: str, *, hint: str | None) -> WorkerDiedError:
        """What to tell those who waited for it; `who` crashed or hung, and `when`."""
        if self.silent_s:
            return WorkerHungError(
                f"{who} hung ({self.how}) {when}.", how=self.how, hint=hint
            )
        return WorkerDiedError(
            f"{who} crashed ({self.how}) {when}.", how=self.how, hint=hint
        )


@dataclass
class RestartPolicy:
    """Start again at once after one death, later after more, then give up.

    Attributes:
        n_deaths: Deaths within the window that end it all.
        window_s: How long a death counts.
        first_delay_s: Pause after the second death; it doubles with each one.
    """

    n_deaths: int = 5
    window_s: float = 60.0
    first_delay_s: float = 1.0
    _deaths: deque[float] = field(default_factory=deque)

    def delay_s(self, now_s: float) -> float | None:
        """Count a death; the pause before the next start, or None to give up."""
        self._deaths.append(now_s)
        while self._deaths[0] < now_s - self.window_s:
            self._deaths.popleft()
        n_before = len(self._deaths) - 1
        if n_before + 1 >= self.n_deaths:
            return None
        return self.first_delay_s * 2 ** (n_before - 1) if n_before else 0.0
