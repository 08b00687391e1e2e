"""The models themselves: load, prefill, decode, cancel.

`load_engine` imports llama_cpp when it is called, not before.
"""

from .load import load_engine

__all__ = ["load_engine"]
