"""The HuJSON policy: text to a tree with spans to what it means."""
