"""Editors; the only room that knows pygls."""
