# den: hosts made of aspects, each with modules by class (`nixos`) and other aspects that it includes. What is unknown leaves a host incomplete.
{ lib, open, import-tree }:
let
  inherit (lib) mkOption types;
  text = default: mkOption { type = types.str; inherit default; };

  # A class of an aspect: modules of several files are one module.
  classModule = types.mkOptionType {
    name = "classModule";
    check = _: true;
    merge = _: definitions:
      if builtins.length definitions == 1 then (builtins.head definitions).value
      else { imports = map (definition: lib.setDefaultModuleLocation definition.file definition.value) definitions; };
  };

  isContextual = value:
    let asked = builtins.functionArgs value; in
    builtins.isFunction value && asked != { } && !builtins.all (name: builtins.elem name [ "lib" "config" "options" ]) (builtins.attrNames asked);
  # A function of a context is an aspect that includes it; a function of anything else makes an aspect when it is called.
  provider = types.either
    (types.addCheck types.raw (value: builtins.isFunction value && builtins.functionArgs value == { }))
    (types.coercedTo (types.addCheck types.raw isContextual) (function: { includes = [ function ]; }) aspect);

  aspect = types.submodule ({ name, ... }: {
    imports = [ (lib.mkAliasOptionModule [ "_" ] [ "provides" ]) ];
    freeformType = types.lazyAttrsOf classModule;
    options = {
      name = text name;
      description = text name;
      meta = mkOption { type = types.raw; default = { }; };
      includes = mkOption { type = types.listOf types.raw; default = [ ]; };
      provides = mkOption { type = types.lazyAttrsOf provider; default = { }; };
      __functor = mkOption { type = types.raw; default = self: _: self; };
    };
  });
  aspects = types.lazyAttrsOf provider;

  notAspect = [ "name" "description" "meta" "includes" "provides" "_" "__functor" "__functionArgs" "into" ];
  contexts = [ "host" "user" "home" ];

  # The NixOS modules of an aspect in a context.
  modulesOf = context: given:
    if builtins.isFunction given || (given ? __functor && !(given ? includes)) then
      let
        asked = lib.functionArgs given;
        all = context // { class = "nixos"; aspect-chain = [ ]; };
        missing = builtins.filter (name: !asked.${name} && !(all ? ${name})) (builtins.attrNames asked);
      in
      if asked == { } then [ open ]
      else if missing == [ ] then modulesOf context (given (builtins.intersectAttrs asked all))
      # For homes, or for each user: users' own aspects are called with them.
      else if builtins.elem "home" missing || (builtins.all (name: builtins.elem name contexts) missing && context.host.users == { }) then [ ]
      else [ open ]
    else
      builtins.concatMap (class: lib.optional (given ? ${class}) given.${class}) [ "nixos" "os" ]
      ++ builtins.concatMap (modulesOf context) (given.includes or [ ]);

  # What den brings along. None of it has to do with Headscale.
  nothing = { __functor = _: _: { includes = [ ]; }; includes = [ ]; };
  filesFor = root: name:
    let directory = (if builtins.isPath root then root else /. + root) + (if name == null then "/_nixos" else "/${name}/_nixos"); in
    if builtins.pathExists directory then { nixos = import-tree directory; } else { };
  batteries = withSystem: open // lib.genAttrs
    [ "bidirectional" "define-user" "home-manager" "hjem" "host-aspects" "insecure" "maid" "mutual-provider" "os-class" "os-user" "primary-user" "self'" "tty-autologin" "unfree" "user-shell" "wsl" ]
    (_: nothing)
  // {
    hostname = { host, ... }: { nixos.networking.hostName = host.hostName; };
    inputs' = { host, ... }: { nixos = withSystem host.system ({ inputs', ... }: { _module.args = { inherit inputs'; }; }); };
    import-tree = {
      __functor = _: root: filesFor root null;
      provides = {
        host = root: { host, ... }: filesFor root host.name;
        user = root: { user, ... }: filesFor root user.name;
        home = _: { home, ... }: { };
      };
    };
  };

  library = open // {
    __findFile = open;
    parametric = open // { __functor = _: given: given; atLeast = given: given; exactly = given: given; fixedTo = _: given: given; expands = _: given: given; };
    take = open // { atLeast = function: _: function; exactly = function: _: function; unused = _: used: used; };
    perHost = given: { includes = [ given ]; };
    perUser = given: { includes = [ ({ host, user }: given) ]; };
    perHome = given: { includes = [ ({ home }: given) ]; };
  };

  flakeModule = { config, inputs, withSystem ? _: _: open, ... }:
    let
      inherit (config) den;

      user = host: types.submodule ({ name, config, ... }: {
        freeformType = types.attrsOf types.anything;
        imports = [ (den.schema.user or { }) (den.base.user or { }) ];
        options = {
          name = text name;
          userName = text config.name;
          class = text "homeManager";
          classes = mkOption { type = types.listOf types.str; default = [ "user" ]; };
          aspect = mkOption { type = types.raw; default = config.name; };
          host = mkOption { type = types.raw; default = host; };
        };
        config._module.args = { inherit host; user = config; };
      });

      host = system: types.submodule ({ name, config, ... }: {
        freeformType = types.attrsOf types.anything;
        imports = [ (den.schema.host or { }) (den.base.host or { }) ];
        options = {
          name = text name;
          hostName = text config.name;
          system = text system;
          class = text (if lib.hasSuffix "darwin" config.system then "darwin" else "nixos");
          description = text "a host";
          aspect = mkOption { type = types.raw; default = config.name; };
          includes = mkOption { type = types.listOf types.raw; default = [ ]; };
          users = mkOption { type = types.attrsOf (user config); default = { }; };
          instantiate = mkOption { type = types.raw; default = if config.class == "nixos" then inputs.nixpkgs.lib.nixosSystem else _: open; };
          intoAttr = mkOption { type = types.raw; default = [ (if config.class == "nixos" then "nixosConfigurations" else "darwinConfigurations") config.name ]; };
        };
        config._module.args.host = config;
      });

      # By system and name, or by name alone, as den has it of late.
      isSystem = name: builtins.match ".*-(linux|darwin)" name != null;
      hosts = types.mkOptionType {
        name = "hosts";
        check = builtins.isAttrs;
        merge = place: definitions:
          let name = lib.last place; in
          (if isSystem name then types.lazyAttrsOf (host name) else host "x86_64-linux").merge place definitions;
      };

      # What newer versions have beside aspects may give a host more modules.
      notModelled = builtins.removeAttrs den [ "hosts" "homes" "aspects" "ful" "default" "ctx" "schema" "base" "provides" "_" "lib" "fxPipeline" ];

      # Named, or given; a host or a user without an aspect has an empty one.
      aspectOf = entity: if builtins.isString entity.aspect then den.aspects.${entity.aspect} or { } else entity.aspect;
      everywhere = [ den.default ] ++ map (name: { includes = den.ctx.${name}.includes or [ ]; }) [ "host" "default" ];

      modulesFor = host:
        lib.optional (notModelled != { }) open
        ++ builtins.concatMap (modulesOf { inherit host; }) ([ (aspectOf host) { inherit (host) includes; } ] ++ everywhere)
        ++ builtins.concatMap (user: modulesOf { inherit host user; } (aspectOf user)) (builtins.attrValues host.users);

      made = name: host: {
        path = if builtins.isList host.intoAttr then host.intoAttr else [ host.intoAttr name ];
        value = host.instantiate { modules = [ { imports = modulesFor host; } { nixpkgs.hostPlatform = lib.mkDefault host.system; } ]; };
      };
      all = lib.concatLists (lib.mapAttrsToList (name: given: if isSystem name then lib.mapAttrsToList made given else [ (made name given) ]) den.hosts);
    in
    {
      imports = lib.optional (!(inputs ? flake-parts)) outputs;
      options.den = mkOption {
        type = types.submodule {
          imports = [ (lib.mkAliasOptionModule [ "_" ] [ "provides" ]) ];
          freeformType = types.lazyAttrsOf types.raw;
          options = {
            hosts = mkOption { type = types.lazyAttrsOf hosts; default = { }; };
            homes = mkOption { type = types.raw; default = { }; };
            aspects = mkOption { type = aspects; default = { }; };
            ful = mkOption { type = types.lazyAttrsOf aspects; default = { }; };
            default = mkOption { type = aspect; default = { }; };
            ctx = mkOption { type = types.lazyAttrsOf (types.submodule { freeformType = types.lazyAttrsOf types.raw; options.includes = mkOption { type = types.listOf types.raw; default = [ ]; }; }); default = { }; };
            schema = mkOption { type = types.lazyAttrsOf types.deferredModule; default = { }; };
            base = mkOption { type = types.lazyAttrsOf types.deferredModule; default = { }; };
            provides = mkOption { type = types.lazyAttrsOf types.raw; default = { }; };
            lib = mkOption { type = types.lazyAttrsOf types.raw; default = { }; };
          };
        };
        default = { };
      };
      config = {
        _module.args.den = den // { lib = library // den.lib; provides = batteries withSystem // den.provides; _ = batteries withSystem // den.provides; };
        den.schema = { host = { }; user = { }; };
        flake = lib.mkMerge (map (host: lib.setAttrByPath host.path host.value) all);
      };
    };

  outputs.options.flake = mkOption {
    type = types.submodule {
      freeformType = types.lazyAttrsOf types.anything;
      options.nixosConfigurations = mkOption { type = types.lazyAttrsOf types.raw; default = { }; };
    };
    default = { };
  };

  # Aspects of one's own, by a name of their own.
  namespace = name: sources: { config, ... }:
    let from = builtins.filter builtins.isAttrs (lib.flatten [ sources ]); in
    {
      imports = [ (lib.mkAliasOptionModule [ name ] [ "den" "ful" name ]) ]
        ++ map (source: { config.den.ful.${name} = source.denful.${name}; }) from;
      config._module.args.${name} = config.den.ful.${name};
    };
in
{
  inherit flakeModule namespace;
  flakeModules = open // { default = flakeModule; dendritic = flakeModule; strict = { }; };
  modules.flake = open // { default = flakeModule; dendritic = flakeModule; };
  flakeOutputs = lib.genAttrs [ "nixosConfigurations" "darwinConfigurations" "homeConfigurations" "all" "devShells" "packages" "apps" "checks" "tests" "legacyPackages" ] (_: { }) // { flake = outputs; };
  lib = library;
}
