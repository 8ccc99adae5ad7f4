"""Where a Nix file holds secrets, and where it only looks so."""

from __future__ import annotations

import pytest

from hslint.syntax.secret_literals import secret_literals

HELD = [
    'oidc.client_secret = "[SECRET]";',
    'oidc = { client_id = "x"; client_secret = "[SECRET]"; };',
    "client_secret = ''[SECRET]'';",
    'client_secret = lib.mkForce "[SECRET]";',
    'client_secret = lib.mkIf cfg.enable "[SECRET]";',
    'client_secret = config.x.y or "[SECRET]";',
    'client_secret = if host == "alpha" then "[SECRET]" else "[OTHER]";',
    'client_secret = "[SEC]" + "[RET]";',
    'client_secret = lib.concatStrings [ "[SEcret1]" "[SEcret2]" ];',
    'client_secret.value = "[SECRET]";',
    '"client_secret" = "[SECRET]";',
    'database.postgres.passwrd = "[SECRET]";',
    "database.postgres.pass = [123456];",
    'systemd.services.headscale.environment.HEADSCALE_OIDC_CLIENT_SECRET = "[SECRET]";',
    'Environment = [ "HEADSCALE_CLI_API_KEY=[SECRET]" "PORT=80" ];',
    'extraUpFlags = [ "--authkey=[tskey-abc123]" "--login-server=https://x" ];',
    'extraUpFlags = [ "--auth-key" "[SECRET]" "--login-server" "https://x" ];',
    'script = "tailscale up --authkey [SECRET] --login-server https://x";',
    'derp.urls = [ "https://user:[SECRET]@example.org/derp" ];',
    "derp.urls = [ https://user:[SECRET]@example.org/derp ];",
    'private_key_path = "[privkey:0123456789]";',
    'private_key_path = pkgs.writeText "noise.key" "[SECRET]";',
    'tls_key_path = builtins.toFile "key.pem" "[SECRET]";',
    'text = "[-----BEGIN PRIVATE KEY-----\\nabc\\n-----END PRIVATE KEY-----]";',
    "text = ''\n  oidc:\n    client_secret: [SECRET]\n    scope: openid\n'';",
    'json = "{\\"client_secret\\": \\"[SECRET]\\"}";',
    'let s = "[SECRET]"; in { client_secret = s; }',
    'let s = "[SECRET]"; t = s; in { client_secret = lib.mkDefault t; }',
    'let s = "[SECRET]"; in { client_secret = "${s}"; }',
    '{ apiKey ? "[SECRET]", host ? "h" }: 1',
    '# client_secret = "[SECRET]" until there is a file',
    'client_secret = "[SECRET]" client_id = ',  # does not parse
    'client_secret = "[SECRET]"; /* never closed',
    '/* never closed client_secret = "[SECRET]";',
    'builtins.toJSON { apiKey = "[SECRET]"; url = "https://x"; }',
    'clientSecret = lib.mkOption { type = lib.types.str; default = "[SECRET]"; description = "The password."; };',
    'client_secret = "[a\\"b\\nc]";',
    'oidc = {\n  # a comment\n  client_secret =\n    "[SECRET]"; };',
]

NOT_HELD = [
    'client_secret_path = "/run/secrets/oidc";',
    'client_secret = "/run/secrets/oidc";',
    'client_secret = "\\${CREDENTIALS_DIRECTORY}/oidc";',
    'client_secret = config.sops.placeholder."oidc";',
    'client_secret = "${config.sops.placeholder.oidc}";',
    'client_secret = builtins.getEnv "OIDC_SECRET";',
    'client_secret = builtins.readFile "/run/secrets/oidc";',
    'client_secret = if host == "alpha" then null else "";',
    'client_secret = throw "no secret was given";',
    'secret = "${dataDir}/rocksdb";',
    'private_key_path = "noise.key";',
    'private_key_path = "${dir}/noise.key";',
    "passwordFile = config.sops.secrets.password.path;",
    'sops.secrets."headscale/token" = { owner = "headscale"; mode = "0400"; key = "token"; sopsFile = ./a.yaml; };',
    "age.secrets.apiKey.file = ../secrets/api-key.age;",
    'systemd.services.fetch-token = { script = "echo done"; wantedBy = [ "multi-user.target" ]; };',
    'get-token = pkgs.writeShellScript "get-token" "cat /run/token";',
    'locations."/token".proxyPass = "http://127.0.0.1:8080";',
    'proxyPass = "http://127.0.0.1:8080";',
    'PasswordAuthentication = "no";',
    "passwordAuthentication = false;",
    'claims.id_token = [ "groups" "email" ];',
    'publicKey = "ssh-ed25519 AAAA me";',
    'description = "Set the password: it must be long";',
    'LoadCredential = [ "password:${config.sops.secrets.password.path}" ];',
    "script = ''\n  TOKEN=$(cat ${path})\n  curl -H \"Authorization: Bearer $TOKEN\"\n'';",
    'secret_key = "$__file{${config.sops.secrets.x.path}}";',
    'server_url = "https://hs.example.org:8443";',
    "token = 5;",
    'x = cfg ? secret && cfg ? "password";',
    'mkSecret = { owner ? "root", mode ? "0400" }: { inherit owner mode; }; a.secret = mkSecret { };',
    'let domain = "example.org"; in { client_secret = "${domain}-${x}"; }',
]


@pytest.mark.parametrize("marked", HELD)
def test_secrets_are_found_exactly_where_they_stand(marked: str) -> None:
    """The brackets around capitals, or around digits, are not in the file; between them lies what nobody may see."""
    text, expected = unmarked(marked)
    found = [(literal.start, literal.end) for literal in secret_literals(text)]
    assert sorted(set(found)) == expected


@pytest.mark.parametrize("text", NOT_HELD)
def test_nothing_is_taken_for_a_secret(text: str) -> None:
    """Paths, placeholders, switches, what is said about secrets, and scripts that read them."""
    assert [literal.text for literal in secret_literals(text.encode())] == []


def unmarked(marked: str) -> tuple[bytes, list[tuple[int, int]]]:
    import re

    text, spans = "", []
    at = 0
    for found in re.finditer(r"\[((?:SE|OT|RET|tskey|privkey|-----|a\\)[^\]]*|\d+)\]", marked):
        text += marked[at : found.start()]
        spans.append((len(text), len(text) + len(found[1])))
        text += found[1]
        at = found.end()
    return (text + marked[at:]).encode(), spans


def test_a_literal_says_what_it_says() -> None:
    """Escapes are decoded, so that the text can be found in what was made of it."""
    (literal,) = secret_literals(rb'client_secret = "a\"b\nc";')
    assert literal.text == 'a"b\nc'


def test_a_file_without_such_names_is_not_read() -> None:
    """Most files are of that kind."""
    assert secret_literals(b'{ services.nginx.virtualHosts.x.locations."/".root = "/srv"; }') == ()
