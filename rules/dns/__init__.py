"""Rules about MagicDNS, base_domain and nameservers."""
