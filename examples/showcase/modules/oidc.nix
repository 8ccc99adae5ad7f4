# Sign-in with the company's accounts.
{ domain, ... }:
{
  services.headscale.settings.oidc = {
    issuer = "https://id.${domain}/realms/staff";
    client_id = "headscale";
    client_secret = "not-a-real-secret-1f0c9a";
    allowed_domains = [ domain ];
  };
}
