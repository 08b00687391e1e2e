"""What a server process serves: a model that can be opened here or in a worker.

`Service` is the seam between the door and the processes: a value that is sent to the
worker and opened there. It knows no process and no socket.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..catalog import all_parts
from ..chat.plan import LoadPlan
from .metrics.tally import Tally

if TYPE_CHECKING:
    from starlette.types import ASGIApp

#: Seconds that a thread computes before another one may. With Python's own 5 ms each
#: token of an answer waits several times as long while somebody's schema is compiled.
_TURN_S = 0.0005


@dataclass(frozen=True, slots=True)
class Opened:
    """A service that is ready.

    Attributes:
        app: What answers requests.
        backend: Where the model runs, for a person.
        n_ctx: Its context length in tokens.
        pulse: As `Engine.pulse`: a value that keeps changing while there is work.
        tally: What the model has done so far, where that is counted; any thread may
            ask.
    """

    app: ASGIApp
    backend: str
    n_ctx: int
    pulse: Callable[[], Hashable | None]
    tally: Callable[[], Tally]


class Service(Protocol):
    """Something to serve; it can be pickled, and be opened again after a crash."""

    @property
    def files(self) -> Sequence[Path]:
        """What it is opened from, and read while it is open."""

    def open(
        self, *, on_warning: Callable[[str], None]
    ) -> AbstractContextManager[Opened]:
        """Load it; it is freed at the end of the block.

        Raises:
            HermesError: it cannot be loaded.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelService:
    """The endpoint for one model.

    Attributes:
        plan: How the model is loaded.
        aliases: Other names that clients may use for it.
        api_key: What clients must send, or None.
        is_metered: Whether somebody wants to know what the model does.
    """

    plan: LoadPlan
    aliases: tuple[str, ...] = ()
    api_key: str | None = None
    is_metered: bool = False

    @property
    def files(self) -> Sequence[Path]:
        """The model, all parts of it, and the one that guesses for it."""
        options = self.plan.options
        names = [self.plan.path, Path(options.draft_model or self.plan.path)]
        if not options.use_mmap:
            return ()
        return [p.with_name(part) for p in set(names) for part in all_parts(p.name)]

    @contextmanager
    def open(self, *, on_warning: Callable[[str], None]) -> Iterator[Opened]:
        """Load the model and build the app.

        Raises:
            HermesError: as `LoadPlan.load`.
        """
        from .app import create_app
        from .metrics.meter import Meter, MeteredEngine

        sys.setswitchinterval(_TURN_S)
        with self.plan.load(on_warning=on_warning) as chat:
            meter = Meter()
            if self.is_metered:
                chat.engine = MeteredEngine(chat.engine, meter)
            app = create_app(
                chat,
                model_id=self.plan.name,
                aliases=self.aliases,
                api_key=self.api_key,
            )
            info = chat.engine.info
            pulse = chat.engine.pulse
            yield Opened(app, info.backend, info.n_ctx, pulse, meter.tally)
