"""A static analyser for Nix configurations that run Headscale on NixOS."""

# A literal, not importlib.metadata: reading the metadata of an installed package costs more than starting Python.
__version__ = "0.1.0"
