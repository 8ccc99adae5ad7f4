"""Which names are those of secrets, and which texts are secrets."""

from __future__ import annotations

import pytest

from hslint.secrets import contents_of_file, replaced, secret_file_name, secret_name, secret_path, secret_text, spans_in

SECRET_NAMES = [
    "client_secret",
    "clientSecret",
    "oidcSecret",
    "secret",
    "oidc.secret",
    "pass",
    "db_pass",
    "password",
    "dbPassword",
    "passwrd",
    "pasword",
    "passwort",
    "passphrase",
    "api_key",
    "apiKey",
    "APIKey",
    "api-key",
    "auth_key",
    "authKey",
    "authkey",
    "preauth_key",
    "token",
    "accessToken",
    "TOKEN2",
    "private_key",
    "privateKey",
    "privat_key",
    "presharedKey",
    "signing_key",
    "psk",
    "HEADSCALE_OIDC_CLIENT_SECRET",
    "HEADSCALE_DATABASE_POSTGRES_PASS",
    "HEADSCALE_CLI_API_KEY",
    "MY_TOKEN",
    "hashedPassword",
    "initialPassword",
    "secert",
]

OTHER_NAMES = [
    "client_id",
    "client_secret_path",
    "clientSecretFile",
    "passwordFile",
    "password_file",
    "private_key_path",
    "tls_key_path",
    "tokenUrl",
    "token_endpoint",
    "secrets",
    "sops.secrets.x.owner",
    "proxyPass",
    "proxy_pass",
    "fastcgi_pass",
    "bypass",
    "compass",
    "passed",
    "key",
    "keys",
    "public_key",
    "publicKey",
    "authorizedKeys",
    "trusted-public-keys",
    "authorized_keys",
    "use_expiry_from_token",
    "passwordAuthentication",
    "PasswordAuthentication",
    "token_expiry",
    "secretName",
    "mkSecret",
    "requirePassword",
    "monkey",
    "turnkey",
    "broken",
    "section",
    "server_url",
    "name",
    "id",
    "keyboard",
    "keymap",
    "path",
    "url",
]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_name_of_a_secret(name: str) -> None:
    """In every way of writing it, misspelt, and as a variable."""
    assert secret_name(name.rpartition(".")[2])


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_a_name_of_something_else(name: str) -> None:
    """Files, switches, what is public, and words that only sound like it."""
    assert not secret_name(name.rpartition(".")[2])


@pytest.mark.parametrize(
    "name", ["client_secret_path", "passwordFile", "private_key_path", "tls_key_path", "TOKEN_FILE"]
)
def test_a_name_of_a_secret_file(name: str) -> None:
    """What stands there is a path, or should be."""
    assert secret_file_name(name)


@pytest.mark.parametrize("name", ["tls_cert_path", "policy.path", "path", "settingsFile", "client_secret"])
def test_a_name_of_another_file(name: str) -> None:
    """A certificate is shown to everybody anyway."""
    assert not secret_file_name(name)


def test_a_set_in_place_of_a_secret_holds_one() -> None:
    """But what tools say about a secret is none, and a service may be called like one."""
    assert secret_path(("oidc", "client_secret", "value"))
    assert secret_path(("services", "headscale", "settings", "oidc", "client_secret", "what", "ever")) is False
    for path in ("sops.secrets.token.owner", "age.secrets.api_key.mode", "systemd.services.token.script"):
        assert not secret_path(tuple(path.split(".")))
    assert not secret_path(())


@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        "correct horse battery staple",
        "$2b$12$jeSGNoPYjq6WpVsQ6SMU3eYp",
        "3kD9sl/fA+4=",
        "/3kD9slfA+4=",
        "postgres",
    ],
)
def test_a_text_that_is_a_secret(text: str) -> None:
    """Under the name of a secret nearly everything is one."""
    assert secret_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "/run/secrets/oidc",
        "/var/lib/headscale/noise_private.key",
        "/etc/x",
        "~/secret/key",
        "./key.pem",
        "file:/run/secrets/key",
        "${CREDENTIALS_DIRECTORY}/oidc",
        "$CREDENTIALS_DIRECTORY/oidc",
        "%d/oidc",
        "@OIDC_SECRET@",
        "{{ secret }}",
        "<secret>",
        "<SOPS:abc:PLACEHOLDER>",
        "true",
        "no",
        "disabled",
        "!",
        "ssh-ed25519 AAAAC3Nz me@here",
        "$__file{/run/x}",
    ],
)
def test_a_text_that_is_none(text: str) -> None:
    """Paths, placeholders, switches, and public keys."""
    assert not secret_text(text)


@pytest.mark.parametrize(
    "text", ["privkey:0123abcd", "hunter2", "one line\n", "aGVsbG8gd29ybGQ=", "ABCDEFGHIJKLMNOPQRSTU"]
)
def test_contents_in_place_of_a_path(text: str) -> None:
    """They look like no path."""
    assert contents_of_file(text)


@pytest.mark.parametrize("text", ["/run/key", "noise.key", "secrets/noise.key", "noise", "/key.pem", "${DIR}/key"])
def test_a_path_where_one_belongs(text: str) -> None:
    """A relative one is wrong, and no secret."""
    assert not contents_of_file(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("up --authkey tskey-auth-abc123", "up --authkey <redacted>"),
        ("--auth-key=hskey-abc123 --login-server=https://x", "--auth-key=<redacted> --login-server=https://x"),
        ("--auth-key file:/run/key", "--auth-key file:/run/key"),
        ("https://user:hunter2@example.org:8443/x", "https://user:<redacted>@example.org:8443/x"),
        ("https://example.org:8443/x@y", "https://example.org:8443/x@y"),
        ("https://user@example.org", "https://user@example.org"),
        ("postgres://u:${PASS}@db", "postgres://u:${PASS}@db"),
        ("HEADSCALE_OIDC_CLIENT_SECRET=hunter2", "HEADSCALE_OIDC_CLIENT_SECRET=<redacted>"),
        ('{"client_secret": "a b", "client_id": "c"}', '{"client_secret": "<redacted>", "client_id": "c"}'),
        ("oidc:\n  client_secret: hunter\n  scope: x", "oidc:\n  client_secret: <redacted>\n  scope: x"),
        ("PASSWORD_FILE=/run/x TOKEN=$(cat /run/x) PASS=$PASS", "PASSWORD_FILE=/run/x TOKEN=$(cat /run/x) PASS=$PASS"),
        ("the password: it must be long", "the password: it must be long"),
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer <redacted>"),
        ("basic authentication and Basic networking", "basic authentication and Basic networking"),
        ("-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----", "<redacted>"),
        ("-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----",) * 2,
        ("privkey:00112233", "<redacted>"),
        ("AGE-SECRET-KEY-1ABCDEF", "<redacted>"),
    ],
)
def test_secrets_within_a_text(text: str, shown: str) -> None:
    """Only they are left out, not what stands around them."""
    assert replaced(text, spans_in(text)) == shown
