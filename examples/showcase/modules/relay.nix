# The lighthouse relays traffic itself instead of using the public relays.
{
  services.headscale.settings.derp = {
    server = {
      enable = true;
      region_id = 900;
      region_code = "lighthouse";
      stun_listen_addr = "0.0.0.0:3478";
    };
    urls = [ ];
  };

  networking.firewall.allowedUDPPorts = [ 3478 ];
}
