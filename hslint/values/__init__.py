"""Trees to Nix values, lazily; what cannot be known stays unknown."""
