"""A flake, a configuration.nix or a lone module to hosts, each with its effective configuration."""
