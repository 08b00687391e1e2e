"""The OpenAI- and Anthropic-compatible endpoint."""
