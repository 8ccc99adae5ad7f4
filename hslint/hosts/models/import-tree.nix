# import-tree: every .nix file below a directory is a module, but for those with a path element that starts with an underscore.
{ lib, open }:
let
  isPathLike = value: builtins.isPath value || builtins.isString value || (builtins.isAttrs value && value ? outPath);
  isTree = value: builtins.isAttrs value && value ? __tree;
  isModule = path: lib.hasSuffix ".nix" path && !lib.hasInfix "/_" path;
  matches = pattern: path: builtins.match pattern path != null;

  # What is decided below a root is decided by the path relative to it.
  relative = roots: path:
    let root = lib.findFirst (root: lib.hasPrefix root path) "" roots; in lib.removePrefix root path;

  filesOf = entry:
    if isTree entry then entry.files
    else if builtins.isAttrs entry && entry ? outPath then filesOf entry.outPath
    else if isPathLike entry && builtins.readFileType entry == "directory" then lib.filesystem.listFilesRecursive entry
    else [ entry ];

  leafs = how: entries:
    let
      given = lib.flatten [ how.paths entries ];
      roots = map toString (builtins.filter (entry: isPathLike entry && builtins.readFileType entry == "directory") given);
      accepts = if how.accepts != null then how.accepts else isModule;
      keeps = entry:
        if isPathLike entry then let path = relative roots (toString entry); in accepts path && how.keeps path
        else how.keeps entry && (how.accepts == null || how.accepts entry);
    in
    map how.map (builtins.filter keeps (lib.concatMap filesOf given));

  tree = how: open // builtins.mapAttrs (_: extension: extension (tree how)) how.api // {
    __tree = how;
    # Called with a module's arguments it is a module itself.
    __functor = _: entries:
      let found = leafs how (if builtins.isAttrs entries && entries ? options then [ ] else entries); in
      if how.pipe == null then { imports = found; } else how.pipe found;
    filter = keeps: tree (how // { keeps = value: keeps value && how.keeps value; });
    filterNot = drops: tree (how // { keeps = value: !drops value && how.keeps value; });
    match = pattern: tree (how // { keeps = path: matches pattern path && how.keeps path; });
    matchNot = pattern: tree (how // { keeps = path: !matches pattern path && how.keeps path; });
    map = function: tree (how // { map = value: function (how.map value); });
    addPath = path: tree (how // { paths = how.paths ++ [ path ]; });
    addAPI = api: tree (how // { api = how.api // api; });
    initFilter = accepts: tree (how // { inherit accepts; });
    withLib = _: tree how;
    pipeTo = pipe: tree (how // { inherit pipe; });
    leafs = tree (how // { pipe = found: found; });
    result = tree how [ ];
    files = leafs how [ ];
    new = tree initial;
  };

  initial = { api = { }; map = value: value; keeps = _: true; accepts = null; paths = [ ]; pipe = null; };
in
tree initial
