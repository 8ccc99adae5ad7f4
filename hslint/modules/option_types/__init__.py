"""lib.types: what options accept and how their definitions merge."""
