"""docs/module-advice.md: its rules exist, and what it adds to the advice is what hslint says to who follows it to the letter."""

import re
from pathlib import Path

import pytest

from hslint.checking import Request, check
from hslint.plugins import rules

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "module-advice.md"


def test_every_rule_that_is_named_exists_and_is_linked() -> None:
    """By its name, to its page."""
    links = re.findall(r"\[([\w-]+)\]\(\.\./(rules/[\w/]+\.md)\)", PAGE.read_text())
    assert len(links) > 90
    places = {rule.name: f"rules/{rule.subject}/{rule.name.replace('-', '_')}.md" for rule in rules()}
    assert [(name, place) for name, place in links if places.get(name) != place] == []


def test_every_piece_of_advice_has_a_rule() -> None:
    """What has none is listed at the end, with the reason."""
    rows = [line.split(" | ") for line in PAGE.read_text().splitlines() if line.startswith("| ") and "---" not in line]
    assert [row[0] for row in rows if "](../rules/" not in row[1] and row[0] != "| advice"] == []


HEAD = """{
  services.headscale = {
    enable = true;
    settings.server_url = "https://headscale.example.com";
    settings.dns.base_domain = "tailnet.example.com";
"""
NAMESERVERS = "    settings.dns.nameservers.global = [ ''1.1.1.1'' ''8.8.8.8'' ];\n".replace("''", '"')

#: What stands in the module's README, as far as it is not in HEAD, and what hslint says.
LETTERS = {
    "MagicDNS without nameservers": ("  };\n}\n", ["override-without-nameservers"]),
    "domains and users": (
        NAMESERVERS
        + """
    settings.oidc = {
      issuer = "https://accounts.google.com";
      client_id = "id.apps.googleusercontent.com";
      client_secret_path = "/run/secrets/oidc";
      allowed_domains = [ "example.com" ];
      allowed_users = [ "admin@example.com" ];
    };
  };
}
""",
        ["node-expiry-default-changed", "oidc-filters-anded"],
    ),
    "a challenge on port 80": (
        NAMESERVERS
        + """
    settings.tls_letsencrypt_hostname = "headscale.example.com";
    settings.tls_letsencrypt_challenge_type = "HTTP-01";
    settings.tls_letsencrypt_listen = ":http";
  };
  networking.firewall.allowedTCPPorts = [ 80 ];
}
""",
        ["acme-challenge-unreachable"],
    ),
    "members of the group": (
        NAMESERVERS + '  };\n  users.users.me.extraGroups = [ "headscale" ];\n}\n',
        ["socket-mode"],
    ),
    "another base domain": (NAMESERVERS + "  };\n}\n", []),
}


@pytest.mark.parametrize(("text", "expected"), LETTERS.values(), ids=LETTERS)
def test_what_the_page_adds_is_what_hslint_reports(tmp_path: Path, text: str, expected: list[str]) -> None:
    """For a configuration that follows the advice and no more of it."""
    path = tmp_path / "configuration.nix"
    path.write_text(HEAD + text)
    found = check([str(path)], Request(headscale="0.29")).findings
    assert sorted({finding.rule.name for finding in found}) == [*expected]
