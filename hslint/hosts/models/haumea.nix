# haumea: a directory as a set of what its files give. `_x` is seen in the whole tree, `__x` beside and below it, everything else outside too.
{ lib, open }:
let
  nameOf = kind: stripped:
    let parts = lib.splitString "." stripped; in
    if kind == "directory" || lib.hasSuffix "." stripped || builtins.length parts == 1 || (builtins.length parts == 2 && builtins.head parts == "")
    then stripped
    else lib.concatStringsSep "." (lib.init parts);

  # A node seen from the directory `from` (null: from outside), in the whole tree at `cursor`.
  view = transform: from: cursor: node:
    if !node.isDirectory then node.content
    else
      let
        isSeen = { visibility, ... }:
          visibility == "public" || (from != null && (visibility == "root" || lib.take (builtins.length cursor) from == cursor));
      in
      transform cursor (builtins.mapAttrs (name: view transform from (cursor ++ [ name ])) (lib.filterAttrs (_: isSeen) node.children));

  nodesOf = { matchers, inputs, transform, whole }@all: from: src:
    let
      nodeOf = file: kind:
        let
          stripped = lib.removePrefix "_" (lib.removePrefix "_" file);
          matching = builtins.filter (matcher: matcher.matches stripped) matchers;
          visibility = if lib.hasPrefix "__" file then "super" else if lib.hasPrefix "_" file then "root" else "public";
          path = src + "/${file}";
          name = nameOf kind stripped;
          seen = view transform from [ ] whole;
          content = (builtins.head matching).loader
            (inputs // { self = content; super = lib.getAttrFromPath from seen; root = seen; })
            path;
        in
        if stripped == "" then [ ]
        else if kind == "directory" then [{ inherit name; value = { inherit visibility; isDirectory = true; children = nodesOf all (from ++ [ name ]) path; }; }]
        else if kind == "regular" && matching != [ ] then [{ inherit name; value = { inherit visibility content; isDirectory = false; }; }]
        else [ ];
    in
    builtins.listToAttrs (lib.concatLists (lib.mapAttrsToList nodeOf (builtins.readDir src)));

  defaultWith = importer: inputs: path:
    let function = lib.toFunction (importer path); in
    function (builtins.mapAttrs (name: _: inputs.${name}) (lib.functionArgs function));
  loaders = open // {
    default = defaultWith import;
    inherit defaultWith;
    scoped = inputs: defaultWith (builtins.scopedImport inputs) inputs;
    callPackage = inputs: path: lib.callPackageWith inputs path { };
    path = _: path: path;
    verbatim = _: import;
  };

  extension = ending: loader: {
    matches = file: lib.hasSuffix ".${ending}" file && builtins.stringLength file > builtins.stringLength ending + 1;
    inherit loader;
  };
  matchers = open // {
    inherit extension;
    nix = extension "nix";
    json = extension "json" (_: lib.importJSON);
    toml = extension "toml" (_: lib.importTOML);
    always = loader: { matches = _: true; inherit loader; };
    regex = pattern: loader: {
      matches = file: builtins.match pattern file != null;
      loader = inputs: path: loader (builtins.match pattern (baseNameOf path)) inputs path;
    };
  };

  # Each name with what `from` it holds taken out of it, and what was taken out under `to`, brought together by `join`.
  hoisting = join: from: to: cursor: set:
    let target = if cursor == [ ] then to else from; in
    builtins.foldl' (all: name:
      let value = set.${name}; in
      if builtins.isAttrs value && value ? ${from}
      then join target all { ${name} = builtins.removeAttrs value [ from ]; ${target} = value.${from}; } name
      else join target all { ${name} = value; } null) { } (builtins.attrNames set);
  transformers = open // {
    hoistAttrs = hoisting (target: all: more: name: lib.recursiveUpdate all (if name == null then more else more // { ${target} = { ${name} = more.${target}; }; }));
    hoistLists = hoisting (target: all: more: _: all // more // { ${target} = (all.${target} or [ ]) ++ (more.${target} or [ ]); });
    liftDefault = _: set: builtins.removeAttrs set [ "default" ] // set.default or { };
    prependUnderscore = _: lib.mapAttrs' (name: lib.nameValuePair (if builtins.match "[A-Za-z_].*" name != null then name else "_${name}"));
  };
in
{
  lib = open // {
    inherit loaders matchers transformers;
    load = { src, loader ? loaders.default, inputs ? { }, transformer ? [ ] }:
      let
        transform = cursor: value: lib.pipe value (map (function: function cursor) (lib.flatten [ transformer ]));
        whole = {
          isDirectory = true;
          children = nodesOf { inherit inputs transform whole; matchers = if lib.isFunction loader then [ (matchers.nix loader) ] else loader; } [ ] src;
        };
      in
      view transform null [ ] whole;
  };
}
