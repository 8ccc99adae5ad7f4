# hslint.lib.check: a derivation that is built if hslint finds nothing in a source, and fails with the report if it does.
{ packageFor }:

{
  pkgs,
  # The source, `self` or a path: all of it, because what a module means is decided by the modules around it.
  src,
  name ? "hslint",
  # What is reported of it: files and directories, as on the command line.
  paths ? [ "." ],
  # Only findings on this host.
  host ? null,
  # Rules and subjects.
  select ? [ ],
  ignore ? [ ],
  # The release of Headscale to check against; otherwise it is inferred.
  headscale ? null,
  # The mildest severity that fails: "error", "warning" or "note".
  failOn ? null,
  # Whether a host that could not be evaluated fails as well.
  failOnUnevaluated ? false,
  # Anything else that `hslint check` takes.
  extraArgs ? [ ],
  package ? packageFor pkgs,
}:

let
  inherit (pkgs) lib;
  option =
    flag: value:
    lib.optionals (value != null) [
      flag
      value
    ];
  names = flag: values: lib.optionals (values != [ ]) (option flag (lib.concatStringsSep "," values));
  arguments =
    option "--host" host
    ++ names "--select" select
    ++ names "--ignore" ignore
    ++ option "--headscale" headscale
    ++ option "--fail-on" failOn
    ++ lib.optional failOnUnevaluated "--fail-on-unevaluated"
    ++ extraArgs
    ++ [ "--" ]
    ++ paths;
in
pkgs.runCommand name
  {
    inherit src;
    nativeBuildInputs = [ package ];
  }
  ''
    if ! [ -d "$src" ]; then
      echo "hslint.lib.check: src is no directory: $src" >&2
      exit 2
    fi
    # A copy: places in the report are then those of the source, and not of the store.
    cp -r --no-preserve=mode,ownership -- "$src" source
    cd source
    status=0
    hslint check ${lib.escapeShellArgs arguments} >../report 2>&1 || status=$?
    cat ../report
    if [ "$status" -ne 0 ]; then
      exit "$status"
    fi
    cp ../report "$out"
  ''
