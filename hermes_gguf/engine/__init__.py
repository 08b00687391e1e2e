"""The models themselves: load, prefill, decode, cancel."""
