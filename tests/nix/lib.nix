# The functions of nixpkgs' lib that flake.nix and what it imports call, each as strict about its arguments as is told here.
let
  text = value: if builtins.isString value then value else throw "no string: ${builtins.typeOf value}";
in
rec {
  importTOML = path: builtins.fromTOML (builtins.readFile path);
  versionAtLeast = version: least: builtins.compareVersions (text version) (text least) >= 0;
  optionalString = condition: string: if condition then text string else "";
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: values: if condition then builtins.seq (builtins.length values) values else [ ];
  concatStringsSep = builtins.concatStringsSep;
  genAttrs = names: f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) names);
  getExe = package: "${package}/bin/${package.meta.mainProgram}";
  escapeShellArg = argument: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (text argument)}'";
  escapeShellArgs = arguments: concatStringsSep " " (map escapeShellArg arguments);

  licenses.mit = "mit";

  # A set of files is the list of their paths, all of which exist.
  fileset = {
    unions = map (path: if builtins.pathExists path then path else throw "no such file: ${toString path}");
    toSource =
      { root, fileset }:
      {
        type = "source";
        files = map (
          path:
          builtins.substring (builtins.stringLength (toString root) + 1) (-1) (toString path)
        ) fileset;
      };
  };

  # The module system as far as nix/module.nix goes: one module, no merging.
  mkEnableOption = what: mkOption { type = types.bool; default = false; description = "Whether to enable ${text what}."; };
  mkOption = option: { isOption = true; } // builtins.seq (text option.description) option;
  mkIf = condition: content: { inherit condition content; };
  mkMerge = values: { inherit values; };
  literalExpression = text;

  types = {
    bool = builtins.isBool;
    str = builtins.isString;
    path = value: builtins.substring 0 1 "${value}" == "/";
    package = value: value.type == "derivation";
    enum = values: value: builtins.elem value values;
    nullOr = type: value: value == null || type value;
    listOf = type: values: builtins.all type values;
  };
}
