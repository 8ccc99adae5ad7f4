# In nixpkgs' style, for `callPackage`. Needs NixOS 25.11 or later: the build asks for setuptools 80.
{
  lib,
  stdenv,
  fetchPypi,
  installShellFiles,
  python3Packages,
  versionCheckHook,
  # The language server needs pygls 2, which not every nixpkgs has.
  withLsp ? lib.versionAtLeast python3Packages.pygls.version "2",
}:

let
  inherit (lib.importTOML ./pyproject.toml) project;

  # Not python3Packages.tree-sitter-grammars.tree-sitter-nix: that follows the grammar's own releases, and what hslint corrects in the
  # grammar before it parses (hslint/syntax) was found out for this one.
  tree-sitter-nix = python3Packages.buildPythonPackage rec {
    pname = "tree-sitter-nix";
    version = "0.1.0";
    pyproject = true;

    src = fetchPypi {
      pname = "tree_sitter_nix";
      inherit version;
      hash = "sha256-tVH9APu6yS8wD6lB88QbZh8pDBQVWd4PaQ1VCdmsPLA=";
    };

    build-system = [ python3Packages.setuptools ];

    # The source that is published has no tests.
    doCheck = false;
    pythonImportsCheck = [ "tree_sitter_nix" ];

    meta = {
      description = "Python bindings for the tree-sitter grammar of Nix";
      homepage = "https://github.com/nix-community/tree-sitter-nix";
      license = lib.licenses.mit;
    };
  };

  languageServer = [ python3Packages.pygls ];
in
python3Packages.buildPythonApplication {
  pname = "hslint";
  inherit (project) version;
  pyproject = true;

  # What the wheel is made of, so that nothing else rebuilds it.
  src = lib.fileset.toSource {
    root = ./.;
    fileset = lib.fileset.unions [
      ./LICENSE
      ./README.md
      ./hslint
      ./pyproject.toml
      ./rules
    ];
  };

  build-system = [ python3Packages.setuptools ];

  dependencies = [
    python3Packages.click
    python3Packages.pathspec
    python3Packages.pyyaml
    python3Packages.rich
    python3Packages.tree-sitter
    tree-sitter-nix
  ]
  ++ lib.optionals withLsp languageServer;

  optional-dependencies.lsp = languageServer;

  nativeBuildInputs = [ installShellFiles ];

  # A release from before a command existed is packaged without what it prints.
  postInstall = lib.optionalString (stdenv.buildPlatform.canExecute stdenv.hostPlatform) ''
    if "$out/bin/hslint" completions --help >/dev/null 2>&1; then
      installShellCompletion --cmd hslint \
        --bash <("$out/bin/hslint" completions bash) \
        --fish <("$out/bin/hslint" completions fish) \
        --zsh <("$out/bin/hslint" completions zsh)
    fi
    if "$out/bin/hslint" man >hslint.1 2>/dev/null; then
      installManPage hslint.1
    fi
  '';

  # The tests compare with real Nix, editors and forges: they are run in the repository (.ci/run).
  nativeCheckInputs = [ versionCheckHook ];
  pythonImportsCheck = [
    "hslint"
    "hslint.rules"
  ]
  ++ lib.optional withLsp "hslint.lsp.server";

  meta = {
    inherit (project) description;
    homepage = "https://github.com/hslint/hslint";
    changelog = "https://github.com/hslint/hslint/blob/v${project.version}/CHANGELOG.md";
    license = lib.licenses.mit;
    mainProgram = "hslint";
    maintainers = [ ];
  };
}
