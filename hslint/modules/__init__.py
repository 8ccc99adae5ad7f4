"""Values to option definitions, merged as NixOS merges them."""
