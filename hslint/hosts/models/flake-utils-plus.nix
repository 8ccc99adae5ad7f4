# flake-utils-plus: hosts out of channels (each a nixpkgs with its overlays), as far as NixOS configurations depend on it.
{ lib, open, memoized, flake-utils }:
let
  # One level below the names, sets and lists come together.
  mergeAny = one: other: one // builtins.mapAttrs
    (name: value:
      if builtins.isAttrs value then one.${name} or { } // value
      else if builtins.isList value then one.${name} or [ ] ++ value
      else value)
    other;

  patchChannel = system: channel: patches:
    if patches == [ ] then channel else (import channel { inherit system; }).applyPatches { name = "nixpkgs-patched"; src = channel; inherit patches; };

  own = [ "inputs" "hosts" "hostDefaults" "nixosProfiles" "channels" "channelsConfig" "self" "sharedOverlays" "supportedSystems" "outputsBuilder" ];

  mkFlake =
    { self
    , inputs
    , supportedSystems ? flake-utils.lib.defaultSystems
    , channels ? { }
    , channelsConfig ? { }
    , sharedOverlays ? [ ]
    , hosts ? { }
    , hostDefaults ? { }
    , outputsBuilder ? _: { }
    , ...
    }@arguments:
    let
      others = builtins.removeAttrs arguments own;
      flakes = lib.filterAttrs (_: input: input ? legacyPackages && input.legacyPackages ? x86_64-linux && input.legacyPackages.x86_64-linux ? nix) inputs;
      sources = mergeAny (builtins.mapAttrs (_: input: { inherit input; }) flakes) channels;

      channelsOf = memoized (system: builtins.mapAttrs
        (name: { input ? inputs.${name}, config ? { }, patches ? [ ], overlaysBuilder ? _: [ ], ... }: import (patchChannel system input patches) {
          inherit system;
          overlays = sharedOverlays ++ overlaysBuilder (channelsOf system);
          config = channelsConfig // config;
        } // { inherit name input; })
        sources);

      hostOf = name: given:
        let
          host = { channelName = "nixpkgs"; system = "x86_64-linux"; output = "nixosConfigurations"; modules = [ ]; extraArgs = { }; specialArgs = { }; }
            // mergeAny ({ system = "x86_64-linux"; modules = [ ]; extraArgs = { }; } // hostDefaults) given;
          channel = (channelsOf host.system).${host.channelName};
          labels = lib.reverseList (lib.splitString "." name);
          paths = lib.mapAttrs' (channelName: of: lib.nameValuePair "${channelName}ModulesPath" "${of.input}/nixos/modules") (channelsOf host.system);
          patched = (sources.${host.channelName} or { }).patches or [ ] != [ ];
          nixosSystem = if patched then import (channel.path + "/nixos/lib/eval-config.nix") else channel.input.lib.nixosSystem;
        in
        {
          ${host.output}.${name} = (host.builder or nixosSystem) {
            inherit (host) system;
            modules = [
              {
                networking.hostName = builtins.head labels;
                networking.domain = if builtins.length labels == 1 then lib.mkDefault null else lib.concatStringsSep "." (builtins.tail labels);
                nixpkgs.pkgs = channel;
                _module.args = { inherit inputs; } // host.extraArgs;
              }
            ] ++ host.modules;
            specialArgs = paths // { inherit channel; } // host.specialArgs;
          };
        };

      ofSystem = system:
        let made = outputsBuilder (channelsOf system); in
        { pkgs = channelsOf system; }
        // builtins.mapAttrs (output: value: if others ? ${output}.${system} then (mergeAny { all = others.${output}.${system}; } { all = value; }).all else value) made;
    in
    mergeAny others (flake-utils.lib.eachSystem supportedSystems ofSystem
      // builtins.foldl' mergeAny { } (lib.mapAttrsToList hostOf hosts));

  nameOf = path: lib.removeSuffix ".nix" (baseNameOf path);
in
{
  lib = flake-utils.lib // {
    inherit mkFlake mergeAny;
    exportModules = paths: builtins.listToAttrs (map (path: { name = nameOf path; value = import path; }) paths);
    exportOverlays = _: open;
    exportPackages = _: _: open;
    inherit patchChannel;
    internal = open;
  };
  nixosModules.autoGenFromInputs = { };
  overlay = _: _: { };
}
