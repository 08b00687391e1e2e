"""A model's text → events, however the text was cut."""
