"""Conversations with a model: one answer, the tool loop, and the friendly front."""
