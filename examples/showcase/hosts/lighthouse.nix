# The small office: no proxy, Headscale fetches its own certificate.
{ domain, ... }:
{
  services.headscale.settings = {
    server_url = "vpn.${domain}";
    listen_addr = "0.0.0.0:443";
    tls_letsencrypt_hostname = "vpn.${domain}";

    ip_prefixes = [ "100.77.0.0/16" ];
    noise.private_key_path = ../secrets/noise_private.key;
    dns.override_local_dns = false;
  };

  system.stateVersion = "26.05";
}
