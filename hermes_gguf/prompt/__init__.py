"""Messages and tools → the exact text of a Hermes prompt."""
