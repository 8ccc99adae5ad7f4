# The main office.
{
  services.headscale.settings = {
    database = {
      type = "sqlite";
      sqlite.write_ahead_log = false;
    };
    policy.path = ../policy.hujson;
  };

  system.stateVersion = "26.05";
}
