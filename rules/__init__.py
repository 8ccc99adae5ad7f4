"""The rules that come with hslint; one room per subject, found by hslint.plugins."""
