"""A loaded model: weights, metadata and vocabulary, through llama.cpp.

Every value is checked before it crosses into C++. Contexts and sampling are not its
business.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from ...errors import EngineError, ModelLoadError
from ...options import LoadOptions
from . import library
from .ahead import Ahead
from .fitting import Fit
from .interrupts import held_interrupts, load_callback
from .pieces import Pieces
from .vocabulary import Vocabulary
from .vocabulary_table import VocabularyTable, load_table, save_table, table_path

_UNKNOWN = 1 << 0
_CONTROL = 1 << 3
_USER_DEFINED = 1 << 4
_VOCAB_NONE = 0
_VOCAB_SPM = 1
_WHITE_SPACE = re.compile(rb"\s")
#: A character that no SentencePiece rule merges with its neighbour.
_ANCHOR = b"\x01"


class LlamaModel:
    """A GGUF file in memory. `close` frees it; nothing may use it afterwards."""

    def __init__(
        self,
        path: str,
        *,
        n_gpu_layers: int,
        use_mmap: bool,
        use_mlock: bool,
        use_extra_buffers: bool,
        vocabulary_folder: Path | None = None,
    ) -> None:
        self.lib = library.load_library()
        self.path = path
        self._table_path: Path | None = None
        if vocabulary_folder is not None:
            stat = os.stat(path)
            parts = (os.path.abspath(path), stat.st_size, stat.st_mtime_ns)
            self._table_path = table_path(vocabulary_folder, *parts)
        self._table_ahead = Ahead(self._load_table)
        self._lock = threading.Lock()
        params = self.lib.llama_model_default_params()
        params.n_gpu_layers = n_gpu_layers
        params.load_mode = int(use_mmap) * self.lib.LLAMA_LOAD_MODE_MMAP + (
            int(use_mlock) * self.lib.LLAMA_LOAD_MODE_MLOCK
        )
        params.use_extra_bufts = use_extra_buffers
        params.progress_callback = load_callback()
        library.forget_log()
        self.handle: Any = None
        try:
            with held_interrupts():
                self.handle = self.lib.llama_model_load_from_file(
                    _encode_path(path), params
                )
        except BaseException:
            self.close()
            raise
        if not self.handle:
            raise ModelLoadError(
                path,
                f"llama.cpp cannot load it: {library.recent_log()}",
                hint="hermes-gguf pull --force, or another quantization",
            )
        self._vocab: Any = self.lib.llama_model_get_vocab(self.handle)
        self._refuse_other_kinds()

    @classmethod
    def fitted(
        cls,
        path: str,
        options: LoadOptions,
        fit: Fit,
        *,
        repack: bool,
        vocabulary_folder: Path | None = None,
    ) -> LlamaModel:
        """The weights where `fit` found room for them.

        Args:
            path: The file.
            options: How it shall be loaded.
            fit: What it gets of the machine.
            repack: Whether llama.cpp may repack the weights.
            vocabulary_folder: Where the sorted vocabulary is kept; None keeps none.

        Raises:
            ModelLoadError: llama.cpp cannot load the file.
        """
        return cls(
            path,
            n_gpu_layers=fit.n_gpu_layers,
            use_mmap=options.use_mmap,
            use_mlock=options.use_mlock,
            use_extra_buffers=repack,
            vocabulary_folder=vocabulary_folder,
        )

    def _refuse_other_kinds(self) -> None:
        problem = ""
        if self.lib.llama_vocab_type(self._vocab) == _VOCAB_NONE:
            problem = "it has no vocabulary"
        elif self.lib.llama_model_has_encoder(self.handle):
            problem = "it is an encoder, not a text generator"
        elif self.lib.llama_model_is_diffusion(self.handle):
            problem = "it is a diffusion model"
        if problem:
            self.close()
            raise ModelLoadError(self.path, problem, hint="hermes-gguf models")

    def close(self) -> None:
        """Free the weights; safe to call twice."""
        with self._lock:
            if self.handle:
                self.lib.llama_model_free(self.handle)
                self.handle = None

    @property
    def n_vocab(self) -> int:
        """Tokens in the vocabulary."""
        return int(self.lib.llama_vocab_n_tokens(self._vocab))

    @property
    def n_ctx_train(self) -> int:
        """Context length that the model was trained with."""
        return int(self.lib.llama_model_n_ctx_train(self.handle))

    @property
    def n_params(self) -> int:
        """Number of weights."""
        return int(self.lib.llama_model_n_params(self.handle))

    @property
    def size_bytes(self) -> int:
        """Bytes of all tensors."""
        return int(self.lib.llama_model_size(self.handle))

    @cached_property
    def metadata(self) -> Mapping[str, str]:
        """All scalar and string metadata, as text."""
        lib, handle = self.lib, self.handle
        result: dict[str, str] = {}
        for index in range(lib.llama_model_meta_count(handle)):
            key = _read_text(lib.llama_model_meta_key_by_index, handle, index)
            value = _read_text(lib.llama_model_meta_val_str_by_index, handle, index)
            result[key] = value
        return result

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The tokens, as kinds; their bytes are read when they are asked for."""
        lib, vocab = self.lib, self._vocab
        table = self._table
        pieces = table.pieces if table else Pieces(self.n_vocab, self._piece)
        attributes = table.attributes if table else self._attributes
        special = _CONTROL | _USER_DEFINED | _UNKNOWN
        bos = int(lib.llama_vocab_bos(vocab))
        ends = (lib.llama_vocab_eos(vocab), lib.llama_vocab_eot(vocab))
        # A user-defined token with white space in it is frequent text, not a mark:
        # cut apart in what a user wrote, a model would read what it never learnt.
        marked = {
            t
            for t, a in enumerate(attributes)
            if a & special
            and not (a & _USER_DEFINED and _WHITE_SPACE.search(pieces[t]))
        }
        return Vocabulary(
            pieces=pieces,
            special=frozenset(marked),
            control=frozenset(t for t in marked if attributes[t] & (_CONTROL | 1)),
            # Whatever ends a generation is marked as control text by llama.cpp.
            eog=frozenset(
                t
                for t in marked.union(t for t in ends if t >= 0)
                if lib.llama_vocab_is_eog(vocab, t)
            ),
            bos=bos if bos >= 0 else None,
            add_bos=bool(lib.llama_vocab_get_add_bos(vocab)),
            tokenize=self.tokenize,
            order=table.order if table else (),
            anchor=_ANCHOR if lib.llama_vocab_type(vocab) == _VOCAB_SPM else b"",
        )

    @cached_property
    def _table(self) -> VocabularyTable | None:
        table = self._table_ahead.result()
        return table if table and len(table.order) == self.n_vocab else None

    def _load_table(self) -> VocabularyTable | None:
        return load_table(self._table_path) if self._table_path else None

    @cached_property
    def _attributes(self) -> list[int]:
        lib, vocab = self.lib, self._vocab
        return [lib.llama_vocab_get_attr(vocab, t) for t in range(self.n_vocab)]

    def keep_vocabulary(self) -> None:
        """Write the tokens down, so that the next start finds them.

        Raises:
            EngineError: the model was closed meanwhile.
        """
        if self._table_path is not None and self._table is None:
            vocabulary = self.vocabulary
            table = VocabularyTable(
                list(vocabulary.pieces), self._attributes, list(vocabulary.in_order)
            )
            save_table(self._table_path, table)

    def _piece(self, token: int) -> bytes:
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            with self._lock:
                self._require_open()
                length = self.lib.llama_token_to_piece(
                    self._vocab, token, buffer, size, 0, True
                )
            if length >= 0:
                return buffer.raw[:length]
            size = -length

    def tokenize(self, text: bytes, read_special: bool) -> list[int]:
        """Ids of `text`, without BOS. Thread-safe."""
        try:
            text.decode()
        except UnicodeDecodeError:
            text = text.decode("utf-8", "replace").encode()
        size = len(text) + 8
        ids = (ctypes.c_int32 * size)()
        with self._lock:
            self._require_open()
            count = self.lib.llama_tokenize(
                self._vocab, text, len(text), ids, size, False, read_special
            )
        if count < 0:
            raise EngineError(f"A text of {len(text)} bytes is too long to tokenize.")
        return ids[:count]

    def _require_open(self) -> None:
        if not self.handle:
            raise EngineError("The engine is closed.", hint="load the model again")


def _encode_path(path: str) -> bytes:
    """A path for llama.cpp: UTF-8 on Windows, elsewhere the bytes that it has."""
    return path.encode() if sys.platform == "win32" else os.fsencode(path)


def _read_text(function: Any, handle: Any, index: int) -> str:
    """Call a `(handle, index, buffer, size) -> length` function until it fits."""
    size = 256
    while True:
        buffer = ctypes.create_string_buffer(size)
        length = function(handle, index, buffer, size)
        if length < size:
            return buffer.value.decode("utf-8", "replace")
        size = length + 1
