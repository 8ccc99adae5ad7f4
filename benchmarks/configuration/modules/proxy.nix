{ config, ... }:
{
  services.nginx = {
    enable = true;
    virtualHosts."vpn.${config.office.domain}" = {
      enableACME = true;
      forceSSL = true;
      locations."/" = {
        proxyPass = "http://127.0.0.1:${toString config.services.headscale.port}";
        proxyWebsockets = true;
      };
    };
  };
  networking.firewall.allowedTCPPorts = [
    80
    443
  ];
}
