"""How likely a token was by the model's own logits. Pure."""

from __future__ import annotations

import numpy as np

from ...events import TokenProb
from .batch import Logits
from .sampler import likeliest
from .vocabulary import Vocabulary


def token_prob(
    logits: Logits, token: int, text: bytes, *, vocabulary: Vocabulary, n_top: int
) -> TokenProb:
    """The token's log probability, and the likeliest ones in its place.

    Args:
        logits: What the model gave, untouched.
        token: What came.
        text: What it added.
        vocabulary: The model's tokens.
        n_top: How many of the likeliest to tell.
    """
    shifted = logits.astype(np.float64) - float(logits.max())
    logprobs = shifted - np.log(np.exp(shifted).sum())
    top = likeliest(logits, n_top)
    return TokenProb(
        token,
        text,
        float(logprobs[token]),
        tuple((int(t), vocabulary.pieces[t], float(logprobs[t])) for t in top),
    )
