"""Rules about the access policy."""
