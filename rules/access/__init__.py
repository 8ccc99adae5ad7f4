"""Rules about OIDC, secrets and who can reach what."""
