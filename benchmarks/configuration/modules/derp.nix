{ config, lib, ... }:
{
  services.headscale.settings.derp = {
    server = {
      enabled = true;
      region_id = 910;
      region_code = "office";
      region_name = lib.toUpper config.office.domain;
      stun_listen_addr = "0.0.0.0:3478";
    };
    urls = lib.mkForce [ ];
  };
  networking.firewall.allowedUDPPorts = [ 3478 ];
}
