# What the NixOS module makes of settings of programs.hslint: its options checked by their types, and its definitions, where they hold.
{
  lib,
  pkgs,
  module,
  settings,
}:

let
  fill =
    path: options: given:
    let
      unknown = builtins.attrNames (builtins.removeAttrs given (builtins.attrNames options));
    in
    if unknown != [ ] then
      throw "no such option: ${path}.${builtins.head unknown}"
    else
      builtins.mapAttrs (
        name: option:
        if !(option.isOption or false) then
          fill "${path}.${name}" option (given.${name} or { })
        else if !(given ? ${name}) then
          option.default or (throw "${path}.${name} was accessed but has no value defined")
        else if option.type given.${name} then
          given.${name}
        else
          throw "not of the type of ${path}.${name}"
      ) options;

  evaluated = module { inherit config lib pkgs; };
  config.programs.hslint = fill "programs.hslint" evaluated.options.programs.hslint settings;

  defined =
    content:
    if content ? values then
      builtins.concatMap defined content.values
    else if !(content ? condition) then
      [ content ]
    else if content.condition then
      [ content.content ]
    else
      [ ];
in
{
  # Documentation is made of these: forced like the rest.
  documented = builtins.deepSeq (builtins.toJSON (
    builtins.mapAttrs (_: option: option.description or "") evaluated.options.programs.hslint.guard
  )) true;
  systemPackages = builtins.concatMap (each: each.environment.systemPackages or [ ]) (
    defined evaluated.config
  );
  checks = builtins.concatMap (each: each.system.checks or [ ]) (defined evaluated.config);
}
