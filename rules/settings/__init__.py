"""Rules about keys and values of services.headscale.settings as such."""
