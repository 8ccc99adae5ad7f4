# What both offices share.
{ domain, lib, ... }:
{
  services.headscale = {
    enable = true;
    address = "0.0.0.0";

    settings = {
      server_url = lib.mkDefault "https://vpn.${domain}";

      dns = {
        magic_dns = true;
        base_domain = domain;
        nameservers.split."corp.example.com" = [ "10.20.0.53" ];
      };

      log.level = "info";
      metrics_listen_addr = "0.0.0.0:9090";
    };
  };
}
