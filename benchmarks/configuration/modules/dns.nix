{ config, lib, ... }:
let
  cfg = config.office;
in
{
  services.headscale.settings.dns = {
    magic_dns = true;
    base_domain = "tail.${cfg.domain}";
    nameservers.global = [
      "9.9.9.9"
      "149.112.112.112"
    ];
    search_domains = lib.optional (cfg.domain != "") cfg.domain;
    extra_records = lib.mapAttrsToList (name: value: {
      inherit value;
      name = "${name}.tail.${cfg.domain}";
      type = "A";
    }) cfg.hosts;
  };
}
