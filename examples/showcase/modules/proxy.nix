# nginx terminates TLS and hands everything on to Headscale.
{ config, domain, ... }:
let
  upstream = "http://127.0.0.1:${toString config.services.headscale.port}";
in
{
  services.nginx = {
    enable = true;
    recommendedProxySettings = true;

    virtualHosts."vpn.${domain}" = {
      enableACME = true;
      forceSSL = true;
      locations."/".proxyPass = upstream;
    };
  };

  security.acme = {
    acceptTerms = true;
    defaults.email = "ops@${domain}";
  };

  networking.firewall.allowedTCPPorts = [
    80
    443
    config.services.headscale.port
  ];
}
