{ config, lib, ... }:
{
  services.headscale.settings.oidc = {
    issuer = "https://id.${config.office.domain}";
    client_id = "headscale";
    client_secret_path = "/run/secrets/headscale-oidc";
    scope = lib.concatLists [
      [
        "openid"
        "profile"
      ]
      (lib.optionals config.office.enable [ "email" ])
    ];
    pkce.enabled = true;
  };
}
