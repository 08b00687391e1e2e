"""Conversations: prompt, constraint, engine and parser put together."""
