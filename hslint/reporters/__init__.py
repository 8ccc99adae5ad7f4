"""Findings to text, JSON and the formats of other tools; one small file each."""
