"""`LoadPlan`: all that a chat model is loaded from, as one value.

Doors fill it in from flags and settings; it can be sent to another process and be
loaded there, as often as needed, to the same effect. It finds no files.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..options import LoadOptions

if TYPE_CHECKING:
    from ..catalog import ModelSpec
    from .model import ChatModel


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """Which file to load, and how.

    Attributes:
        path: The GGUF file.
        spec: What the catalogue knows about it; None for an unknown file.
        options: How the engine loads it.
        prompt: Options of `ChatModel` in place of the model's own.
        sampling: Fields of `SamplingOptions` in place of the model's own.
        cache_dir: Where prompts are kept; None is the user's cache folder.
    """

    path: Path
    spec: ModelSpec | None = None
    options: LoadOptions = field(default_factory=LoadOptions)
    prompt: Mapping[str, Any] = field(default_factory=dict)
    sampling: Mapping[str, Any] = field(default_factory=dict)
    cache_dir: Path | None = None

    @property
    def name(self) -> str:
        """The catalogue's key, or the file's name."""
        # Bytes that are not UTF-8 have no place in an answer over HTTP.
        stem = os.fsencode(self.path.stem).decode(errors="replace")
        return self.spec.key if self.spec else stem

    @contextmanager
    def load(
        self, *, on_warning: Callable[[str], None], meanwhile: Sequence[str] = ()
    ) -> Iterator[ChatModel]:
        """The loaded model; it is freed at the end of the block.

        Args:
            on_warning: Gets one line for each thing a person should know.
            meanwhile: Modules to import while the file is read, see `load_engine`.

        Raises:
            HermesError: as `load_engine` and `ChatModel.from_spec`.
        """
        from ..engine import load_engine

        engine = load_engine(
            self.path,
            options=self.options,
            on_warning=on_warning,
            cache_dir=self.cache_dir,
            meanwhile=(f"{__package__}.model", *meanwhile),
        )
        from .model import ChatModel

        try:
            chat = ChatModel.from_spec(engine, self.spec, **self.prompt)
            chat.sampling = replace(chat.sampling, **self.sampling)
            yield chat
        finally:
            engine.close()
