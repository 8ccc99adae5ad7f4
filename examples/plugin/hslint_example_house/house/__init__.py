"""What every server of the house has in common: `house` is the subject of the rules in this folder."""
