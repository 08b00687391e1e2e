"""llama.cpp's grammar engine, one child for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..support.llama_grammar import LlamaGrammar, write_vocab


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaGrammar]:
    path = tmp_path_factory.mktemp("vocab") / "alphabet.gguf"
    write_vocab(path)
    engine = LlamaGrammar(path)
    yield engine
    engine.close()
