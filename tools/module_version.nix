# What a NixOS module for Headscale declares, as JSON: its options with types and defaults, what it sets under settings by itself,
# the options it renames and removes, and its assertions' messages. Called by tools/module_version.py.
{ lib, module }:
let
  nixpkgs = import (/. + lib);
  inherit (nixpkgs) isOption mapAttrs attrNames concatMap listToAttrs isAttrs isList isString isFunction isDerivation;

  yamlValue = nixpkgs.types.anything // { description = "YAML value"; };
  package = name: { type = "derivation"; inherit name; outPath = "/nix/store/${name}"; outputName = "out"; meta.mainProgram = name; };
  pkgs = {
    headscale = package "headscale";
    formats.yaml = _: { type = yamlValue; generate = name: _: package name; };
  };

  anything = nixpkgs.mkOption { type = nixpkgs.types.anything; default = { }; };
  surroundings.options = {
    assertions = nixpkgs.mkOption { type = nixpkgs.types.listOf nixpkgs.types.unspecified; default = [ ]; };
    warnings = nixpkgs.mkOption { type = nixpkgs.types.listOf nixpkgs.types.str; default = [ ]; };
    environment = anything; systemd = anything; users = anything; meta = anything;
  };
  evaluated = nixpkgs.evalModules {
    modules = [ (/. + module) surroundings { services.headscale.enable = true; } ];
    specialArgs = { inherit pkgs; modulesPath = "/modules"; };
  };

  # The module once more, applied by hand, so that its own definitions and its imports can be looked at before they are merged.
  seen = import (/. + module) {
    inherit pkgs;
    config.services.headscale = evaluated.config.services.headscale // { address = "\${address}"; port = "\${port}"; };
    lib = nixpkgs // {
      mkRenamedOptionModule = from: to: { inherit from to; };
      mkRemovedOptionModule = option: _: { inherit option; };
    };
  };
  contents = definition:
    if definition._type or null == "merge" then concatMap contents definition.contents
    else if definition._type or null == "if" then contents definition.content
    else [ definition ];

  plain = value:
    if isDerivation value then { package = value.name; }
    else if isFunction value then { function = true; }
    else if isList value then map plain value
    else if isAttrs value then mapAttrs (_: plain) value
    else if builtins.isPath value then toString value
    else value;

  term = type:
    let element = term type.nestedTypes.elemType; in
    {
      nullOr = { nullOr = element; };
      listOf = { listOf = element; };
      attrsOf = { attrsOf = element; };
      lazyAttrsOf = { attrsOf = element; };
      enum = { enum = type.functor.payload.values or type.functor.payload; };
      unsignedInt16 = "port";
      submodule = { submodule = options (type.getSubOptions [ ]); };
    }.${type.name} or type.name;
  option = o: { type = if o ? type.getSubOptions && o.loc == [ "services" "headscale" "settings" ] then "settings" else term o.type; }
    // nixpkgs.optionalAttrs (o ? default && o.type.name != "submodule") (let d = builtins.tryEval (builtins.deepSeq (plain o.default) (plain o.default)); in if d.success then { default = d.value; } else { })
    // nixpkgs.optionalAttrs (o.readOnly or false) { readOnly = true; };
  options = tree: listToAttrs (concatMap (walk "" tree) (attrNames tree));
  walk = prefix: tree: name:
    let node = tree.${name}; path = prefix + name; in
    if name == "_module" || name == "_freeformOptions" then [ ]
    else if isOption node then
      (if node.visible or true == false then [ ] else [ { name = path; value = option node; } ]
        ++ nixpkgs.optionals (path == "settings") (concatMap (walk "settings." (node.type.getSubOptions node.loc)) (attrNames (node.type.getSubOptions node.loc))))
    else concatMap (walk (path + ".") node) (attrNames node);
  dotted = path: builtins.concatStringsSep "." (nixpkgs.drop 2 path);
in
{
  options = options evaluated.options.services.headscale;
  fixed = map plain (concatMap contents (contents seen.config.content.services.headscale.settings));
  renamed = map (r: { from = dotted r.from; to = dotted r.to; }) (builtins.filter (i: i ? from) seen.imports);
  removed = map (r: dotted r.option) (builtins.filter (i: i ? option) seen.imports);
  assertions = map (a: a.message) (seen.config.content.assertions or [ ]);
  disables = map toString (seen.disabledModules or [ ]);
}
