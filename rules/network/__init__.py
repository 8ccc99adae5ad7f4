"""Rules about ports, listeners, the firewall, reverse proxies and DERP."""
