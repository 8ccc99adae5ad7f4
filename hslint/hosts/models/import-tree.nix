# import-tree: every .nix file below a directory is a module, but for those with a path element that starts with an underscore.
{ lib }:
let
  isModule = path: lib.hasSuffix ".nix" (toString path) && !(lib.hasInfix "/_" (toString path));

  filesOf = entry:
    if builtins.isPath entry || builtins.isString entry then
      if builtins.readFileType entry == "directory" then builtins.filter isModule (lib.filesystem.listFilesRecursive entry) else [ entry ]
    else [ entry ];

  tree = keep: {
    __functor = _: entries: { imports = builtins.filter keep (builtins.concatMap filesOf (lib.toList entries)); };
    filter = predicate: tree (path: keep path && predicate (toString path));
    filterNot = predicate: tree (path: keep path && !(predicate (toString path)));
    match = pattern: tree (path: keep path && builtins.match pattern (toString path) != null);
    matchNot = pattern: tree (path: keep path && builtins.match pattern (toString path) == null);
    leafs = entries: builtins.filter keep (builtins.concatMap filesOf (lib.toList entries));
    withLib = _: tree keep;
  };
in
tree (_: true)
