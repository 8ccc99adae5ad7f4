"""Headscale's settings per release and the NixOS modules per release, as data."""
