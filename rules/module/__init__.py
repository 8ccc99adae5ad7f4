"""Rules about the NixOS module itself: which one is imported, its options, their types."""
