"""Rules about certificates and the server's address."""
