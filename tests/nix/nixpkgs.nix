# As much of nixpkgs as flake.nix, package.nix and the recipes ask for, by the names that nixpkgs has. What is handed to its functions is
# forced, and arguments that they do not take are refused; derivations are sets that say what they would be made of.
{
  system ? "x86_64-linux",
  pyglsVersion ? "2.1.0",
}:

let
  lib = import ./lib.nix;

  takes =
    function: names: given:
    let
      unknown = builtins.attrNames (builtins.removeAttrs given names);
    in
    if unknown != [ ] then
      throw "${function} takes no ${builtins.concatStringsSep ", " unknown}"
    else
      builtins.deepSeq given given;

  derivation = kind: name: about: {
    type = "derivation";
    inherit kind name;
    outPath = "/nix/store/${name}";
  } // about;

  program =
    name: derivation "program" name { meta.mainProgram = name; };

  pythonPackage = name: version: derivation "python" name { inherit version; };

  buildPython =
    kind: given:
    derivation kind given.pname (
      takes "buildPython" [
        "pname"
        "version"
        "pyproject"
        "src"
        "build-system"
        "dependencies"
        "optional-dependencies"
        "nativeBuildInputs"
        "nativeCheckInputs"
        "postInstall"
        "doCheck"
        "pythonImportsCheck"
        "meta"
      ] given
    );

  pkgs = {
    inherit lib;

    stdenv = rec {
      buildPlatform.canExecute = host: host.system == system;
      hostPlatform = { inherit system; };
    };

    callPackage =
      path: extra:
      let
        function = import path;
      in
      function (builtins.intersectAttrs (builtins.functionArgs function) pkgs // extra);

    fetchPypi =
      given:
      let
        known = takes "fetchPypi" [
          "pname"
          "version"
          "hash"
        ] given;
      in
      derivation "source" "${known.pname}-${known.version}.tar.gz" { inherit (known) hash; };

    # What a build's environment holds of a set is its path: `self` is a whole flake.
    runCommand =
      name: environment: script:
      derivation "command" name {
        inherit script;
        environment = takes "runCommand" [
          "src"
          "nativeBuildInputs"
        ] (environment // { src = environment.src.outPath or environment.src; });
      };

    mkShell =
      given:
      derivation "shell" "shell" (
        takes "mkShell" [
          "packages"
          "env"
          "shellHook"
        ] given
      );

    python3Packages = {
      buildPythonPackage = buildPython "python";
      buildPythonApplication = buildPython "application";
      click = pythonPackage "click" "8.2.1";
      pathspec = pythonPackage "pathspec" "0.12.1";
      pygls = pythonPackage "pygls" pyglsVersion;
      pyyaml = pythonPackage "pyyaml" "6.0.2";
      rich = pythonPackage "rich" "14.1.0";
      setuptools = pythonPackage "setuptools" "80.9.0";
      tree-sitter = pythonPackage "tree-sitter" "0.25.1";
    };

    emacs-nox = program "emacs-nox";
    git = program "git";
    gnumake = program "gnumake";
    installShellFiles = program "installShellFiles";
    neovim = program "neovim";
    nix = program "nix";
    nixfmt-tree = program "nixfmt-tree";
    nodejs = program "nodejs";
    python3 = program "python3";
    ruff = program "ruff";
    versionCheckHook = program "versionCheckHook";
  };
in
pkgs
