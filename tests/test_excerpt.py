"""Excerpts of modules, which rule pages show: what is put around them, and how a reader gets to see them."""

from itertools import pairwise
from pathlib import Path

import pytest

from hslint.catalogue import RELEASES
from hslint.checking import Request, check
from hslint.excerpt import SETS, readable, surroundings
from hslint.plugins import page, rules

ROOT = Path(__file__).parent.parent

SERVER_URL = '  services.headscale.settings.server_url = "https://hs.example.com";'
BASE_DOMAIN = '  services.headscale.settings.dns.base_domain = "tailnet.example.net";'
NAMESERVERS = '  services.headscale.settings.dns.nameservers.global = [ "9.9.9.9" ];'
ORDINARY = ["  services.headscale.enable = true;", SERVER_URL, BASE_DOMAIN, NAMESERVERS]


def set_around(kind: str, text: str) -> list[str]:
    """The definitions that are put before an excerpt."""
    return [line for line in surroundings(kind, text).before.splitlines() if line.endswith(";")]


@pytest.mark.parametrize("kind", SETS)
@pytest.mark.parametrize("release", [release.series for release in RELEASES if release.series != "0.22"])
def test_what_surrounds_an_excerpt_has_nothing_to_report(kind: str, release: str, tmp_path: Path) -> None:
    """By itself, at every release that reads `dns`, beside what is known to be wrong with the release."""
    module = tmp_path / "configuration.nix"
    module.write_text(surroundings(kind, "").around(""))
    checked = check([str(module)], Request(headscale=release))
    assert [finding.problem.message for finding in checked.findings if not finding.rule.of_release] == []
    assert len(checked.inspection.hosts) == 1


def test_an_excerpt_that_says_nothing_of_the_ordinary_gets_all_of_it() -> None:
    """In both kinds."""
    assert set_around("settings", '  log.level = "debug";') == ORDINARY
    assert set_around("config", "  services.nginx.enable = true;") == ORDINARY


def test_what_an_excerpt_sets_wins_without_a_conflict() -> None:
    """Nobody else sets it, however the path is written; its neighbours stay."""
    without = [line for line in ORDINARY if line != BASE_DOMAIN]
    assert set_around("settings", '  dns.base_domain = "a.example.net";') == without
    assert set_around("settings", '  dns = { base_domain = "a.example.net"; };') == without
    assert set_around("settings", '  "dns".base_domain = "a.example.net";') == without
    assert set_around("config", "  services.headscale.settings = { dns.base_domain = config.my.domain; };") == without
    assert set_around("settings", "  inherit (config.my) server_url;") == [ORDINARY[0], BASE_DOMAIN, NAMESERVERS]


def test_a_set_that_an_excerpt_computes_is_left_to_it() -> None:
    """Nix could not add an attribute to it."""
    assert set_around("settings", "  dns = lib.mkIf config.my.dns { magic_dns = false; };") == ORDINARY[:2]
    assert set_around("config", "  services.headscale.settings = lib.mkMerge [ { } ];") == ORDINARY[:1]
    assert set_around("settings", '  dns = rec { base_domain = "a.b"; };') == ORDINARY[:2]


def test_names_beside_the_ordinary_ones_are_others() -> None:
    """What is compared is a path, not its letters."""
    assert set_around("settings", '  dns.base_domains = "a"; base_domain = "b"; oidc.server_url = "c";') == ORDINARY


def test_the_ordinary_stays_where_an_excerpt_cannot_be_read() -> None:
    """It may show how Nix refuses a file."""
    assert set_around("settings", "  log = ;") == ORDINARY


PAGE = """# a-rule

```nix settings
  log.level = "loud";
  #           ^^^^^^ a-rule
```

```nix fixed
  log.level = "info";
```

```nix config
  services.nginx.enable = true;
```

```nix
{ }
```

```nix fixed
{ a = 1; }
```

```yaml
a: 1
```
"""

READABLE = """# a-rule

```nix
services.headscale.settings = {
  log.level = "loud";
  #           ^^^^^^ a-rule
};
```

```nix fixed
services.headscale.settings = {
  log.level = "info";
};
```

```nix
{
  services.nginx.enable = true;
}
```

```nix
{ }
```

```nix fixed
{ a = 1; }
```

```yaml
a: 1
```
"""


def test_a_reader_sees_which_set_an_excerpt_is_the_body_of() -> None:
    """The word in a fence is not printed."""
    assert readable(PAGE) == READABLE


def test_manuals_are_readable() -> None:
    """`hslint explain` and SARIF show no excerpt without its set."""
    shown = "\n".join(page(rule) for rule in rules())
    assert not any(f"```nix {kind}" in shown for kind in SETS)


def test_excerpts_are_indented_as_in_their_sets() -> None:
    """Marks reach the first letter of a name only so."""
    for path in (ROOT / "rules").rglob("*.md"):
        lines = path.read_text("utf-8").splitlines()
        for fence, first in pairwise(lines):
            if fence in {f"```nix {kind}" for kind in SETS}:
                assert first.startswith("  ") and not first.startswith("   "), f"{path.name}: {first}"
