"""JSON Schema and tools → GBNF, and the automaton that enforces it."""
