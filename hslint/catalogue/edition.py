"""How recent the catalogue is: its last day, and the newest release that it knows.

Literals, so that `hslint --version` reads no data; tests/catalogue/test_edition.py compares them with the data.
"""

#: The last day of which the catalogue knows anything.
AS_OF = "2026-11-26"

#: The newest release of Headscale that is known to exist.
NEWEST_KNOWN = "0.29.8"
