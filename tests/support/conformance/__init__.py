"""Runs the schema compiler over schemas and documents that others have judged."""
