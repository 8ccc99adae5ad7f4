"""The rules that come with hslint; one folder per subject, found by hslint.plugins."""
