"""Rules of one house for its Headscale servers."""
