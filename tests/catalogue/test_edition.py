"""What `hslint --version` says of the catalogue is what the catalogue holds."""

from hslint.catalogue.channels import UNSTABLE_SEEN_UNTIL
from hslint.catalogue.data import stored
from hslint.catalogue.edition import AS_OF, NEWEST_KNOWN
from hslint.catalogue.published import NEWEST_PUBLISHED
from hslint.catalogue.release import PREVIEW


def test_the_newest_known_release_is_that_of_the_data() -> None:
    """The literal is changed with hslint/catalogue/published.json."""
    assert str(NEWEST_PUBLISHED) == NEWEST_KNOWN


def test_the_date_is_the_last_one_in_the_data() -> None:
    """Of releases, advisories, channels and the preview."""
    dates = [entry["until"] for entry in stored("published").values()]
    dates += [entry["date"] for entry in stored("advisories").values()]
    dates += [entry["seen_until"] or "" for entry in stored("stable").values()]
    dates += [*stored("unstable"), str(UNSTABLE_SEEN_UNTIL), PREVIEW.as_of or ""]
    assert max(dates) == AS_OF
