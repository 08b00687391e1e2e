"""What is known about each model: its files, prompts, shape and sampling.

`load_catalog` reads the shipped models.toml and the user's own. Nothing here
knows the network, the cache (`hub`) or how a prompt is rendered (`prompt`).
"""

from .entries import Catalog, ModelFile, ModelSpec, Shape
from .load import builtin_catalog_path, embedded_file, load_catalog
from .memory import kv_bytes_per_token, ram_needed_bytes
from .names import (
    QUANT_PREFERENCE,
    all_parts,
    quant_from_filename,
    split_model_name,
)

__all__ = [
    "QUANT_PREFERENCE",
    "Catalog",
    "ModelFile",
    "ModelSpec",
    "Shape",
    "all_parts",
    "builtin_catalog_path",
    "embedded_file",
    "kv_bytes_per_token",
    "load_catalog",
    "quant_from_filename",
    "ram_needed_bytes",
    "split_model_name",
]
