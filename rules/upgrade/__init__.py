"""Rules about what changes between releases of Headscale."""
