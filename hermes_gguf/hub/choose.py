"""Which GGUF of a repository is meant by a quantization.

Works on file names only, those of a listing or those of the cache.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Sequence

from ..catalog import QUANT_PREFERENCE, all_parts, quant_from_filename
from ..errors import ModelNotFoundError


def model_files(filenames: Iterable[str]) -> list[tuple[str, ...]]:
    """The models among a repository's files, each as its parts in order.

    Projectors of vision models and importance matrices are GGUF files too, but no
    models; a split model of which a part is missing is left out.
    """
    names = set(filenames)
    return [
        all_parts(name)
        for name in sorted(names)
        if _is_model(name)
        and all_parts(name)[0] == name
        and not lacks_parts(name, names)
    ]


def _is_model(name: str) -> bool:
    plain = name.rsplit("/", 1)[-1].lower()
    return plain.endswith(".gguf") and "mmproj" not in plain and "imatrix" not in plain


def lacks_parts(name: str, names: Collection[str]) -> bool:
    """Whether a name is a part of a split model that others are missing of."""
    return not set(names).issuperset(all_parts(name))


def choose_parts(
    filenames: Iterable[str], *, quant: str | None, repo_id: str
) -> tuple[str, ...]:
    """The one model that a quantization (or a file name) names.

    Without a quantization: Q4_K_M, else the next of `QUANT_PREFERENCE`, else the
    only file there is.

    Raises:
        ModelNotFoundError: none fits, or several do; the candidates are named.
    """
    models = model_files(filenames)
    if not models:
        raise ModelNotFoundError(
            f"{repo_id} holds no GGUF file.",
            repo_id=repo_id,
            hint="hermes-gguf models"
            if repo_id.lower().endswith("gguf")
            else f"hermes-gguf pull {repo_id}-GGUF",
        )
    if quant is not None:
        found = _exact(models, quant) or _beginning(models, quant)
        return _the_only(found, models, quant, repo_id)
    for preferred in QUANT_PREFERENCE:
        found = _exact(models, preferred)
        if found:
            return _the_only(found, models, preferred, repo_id)
    return _the_only(models, models, "the default", repo_id)


def _exact(models: Sequence[tuple[str, ...]], quant: str) -> list[tuple[str, ...]]:
    wanted = quant.lower()
    named = [m for m in models if _quant(m) == wanted]
    return named or [m for m in models if m[0].lower() == wanted]


def _beginning(models: Sequence[tuple[str, ...]], quant: str) -> list[tuple[str, ...]]:
    # "q8" is enough where only one begins so.
    return [m for m in models if _quant(m).startswith(quant.lower())]


def _quant(parts: Sequence[str]) -> str:
    return (quant_from_filename(parts[0]) or "").lower()


def _the_only(
    found: Sequence[tuple[str, ...]],
    models: Sequence[tuple[str, ...]],
    quant: str,
    repo_id: str,
) -> tuple[str, ...]:
    if len(found) == 1:
        return found[0]
    names = [parts[0] for parts in (found or models)]
    what = "several files for" if found else "no file for"
    quants = [quant_from_filename(name) or name for name in names]
    close = difflib.get_close_matches(quant.upper(), quants, n=1, cutoff=0.3)
    again = f"{repo_id}/{names[0]}" if found else f"{repo_id}:{(close or quants)[0]}"
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    raise ModelNotFoundError(
        f"{repo_id} has {what} {quant}: {listed}.",
        repo_id=repo_id,
        hint=f"hermes-gguf pull {again}",
        candidates=[parts[0] for parts in found],
    )
