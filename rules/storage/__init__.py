"""Rules about the database and files of state."""
