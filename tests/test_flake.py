"""The flake, its package, its check and its module, evaluated by real Nix; and the check's script, run as a build would run it."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from real_nix import NixRefused, RealNix
from sample import FIXED, FLAKE, MODULE

import hslint

ROOT = Path(__file__).resolve().parent.parent
NIX = ROOT / "tests" / "nix"
RECIPES = ROOT / "examples" / "recipes"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SYSTEMS = ["aarch64-darwin", "aarch64-linux", "x86_64-darwin", "x86_64-linux"]

#: `nixpkgs` as the flake's input, with nixpkgs' own names and nothing else.
WORLD = f"""
  lib = import {NIX}/lib.nix;
  packages = system: import {NIX}/nixpkgs.nix {{ inherit system; }};
  pkgs = packages "x86_64-linux";
  nixpkgs = {{
    inherit lib;
    legacyPackages = lib.genAttrs {json.dumps(SYSTEMS).replace(",", "")} packages;
  }};
  flake = import {ROOT}/flake.nix;
  hslint = flake.outputs {{ self = hslint; inherit nixpkgs; }};
"""


def evaluated(nix: RealNix, expression: str) -> Any:
    return nix.json(f"let {WORLD} in {expression}", cwd=ROOT)


@pytest.fixture
def package(nix: RealNix) -> dict[str, Any]:
    found: dict[str, Any] = evaluated(nix, "builtins.removeAttrs hslint.packages.x86_64-linux.default [ ''outPath'' ]")
    return found


def test_the_flake_has_one_input_and_no_lock_file(nix: RealNix) -> None:
    """Whoever uses it has a nixpkgs already."""
    assert evaluated(nix, "flake.inputs") == {"nixpkgs": {"url": "github:NixOS/nixpkgs/nixos-unstable"}}
    assert not (ROOT / "flake.lock").exists()


def test_every_output_can_be_evaluated_on_every_system(nix: RealNix) -> None:
    """As `nix flake check` does, down to the last argument."""
    outputs = evaluated(nix, "builtins.mapAttrs (_: builtins.attrNames) hslint")
    assert outputs == {
        **dict.fromkeys(("apps", "checks", "devShells", "formatter", "packages"), SYSTEMS),
        "lib": ["check"],
        "nixosModules": ["default", "hslint"],
        "overlays": ["default"],
    }
    for name in ("apps", "checks", "devShells", "formatter", "packages"):
        # A derivation is its path in JSON; what it is made of is forced by asking for all of it.
        evaluated(nix, f"builtins.deepSeq hslint.{name} true")


@pytest.mark.needs_program("nix")
def test_nix_itself_takes_it_for_a_flake(tmp_path: Path) -> None:
    """With nixpkgs overridden by the stub; a store of its own, nothing built, nothing fetched."""
    flake, stub = tmp_path / "flake", tmp_path / "nixpkgs"
    flake.mkdir()
    stub.mkdir()
    for name in ("LICENSE", "README.md", "flake.nix", "package.nix", "pyproject.toml"):
        shutil.copy(ROOT / name, flake / name)
    for name in ("hslint", "nix", "rules", "examples/recipes"):
        shutil.copytree(ROOT / name, flake / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("lib.nix", "nixpkgs.nix"):
        shutil.copy(NIX / name, stub / name)
    systems = json.dumps(SYSTEMS).replace(",", "")
    (stub / "flake.nix").write_text(
        "{ outputs = _: rec { lib = import ./lib.nix; legacyPackages = lib.genAttrs "
        f"{systems} (system: import ./nixpkgs.nix {{ inherit system; }}); }}; }}"
    )
    done = subprocess.run(
        [
            *("nix", "--store", str(tmp_path / "store"), "flake", "show", "--json", "--no-write-lock-file"),
            *("--override-input", "nixpkgs", f"path:{stub}", f"path:{flake}"),
        ],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path / "home"),
            "NIX_CONFIG": "experimental-features = nix-command flakes\nbuild-users-group =",
        },
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["apps"]["x86_64-linux"]["default"] == {"type": "app"}
    assert shown["packages"]["aarch64-darwin"]["default"]["name"] == "hslint"
    assert shown["nixosModules"]["default"] == {"type": "nixos-module"}
    assert shown["overlays"]["default"] == {"type": "nixpkgs-overlay"}


def test_nix_run_starts_hslint(nix: RealNix) -> None:
    """`nix run` takes the default app."""
    assert evaluated(nix, "hslint.apps.aarch64-darwin.default.program") == "/nix/store/hslint/bin/hslint"
    assert "hslint" in PYPROJECT["project"]["scripts"]


def test_the_overlay_adds_the_package_of_the_nixpkgs_that_it_is_laid_over(nix: RealNix) -> None:
    """And nothing else."""
    overlaid = "hslint.overlays.default (packages ''aarch64-linux'') { }"
    assert evaluated(nix, f"builtins.mapAttrs (_: each: each.name) ({overlaid})") == {"hslint": "hslint"}


def test_the_package_is_that_of_pyproject(package: dict[str, Any]) -> None:
    """Its version, its sentence, and its program stand once."""
    assert package["kind"] == "application"
    assert package["version"] == hslint.__version__
    assert package["meta"]["description"] == PYPROJECT["project"]["description"]
    assert package["meta"]["changelog"].endswith(f"/v{hslint.__version__}/CHANGELOG.md")
    assert package["meta"]["mainProgram"] == "hslint"


def test_the_package_has_every_dependency_of_pyproject(nix: RealNix) -> None:
    """A dependency that is added there and not here would only be missed by who builds it."""
    names = evaluated(nix, "map (each: each.name) hslint.packages.x86_64-linux.default.dependencies")
    required = [re.split(r"[<>=]", each)[0] for each in PYPROJECT["project"]["dependencies"]]
    extra = [re.split(r"[<>=]", each)[0] for each in PYPROJECT["project"]["optional-dependencies"]["lsp"]]
    assert names == [*required, *extra]


def test_the_grammar_is_the_one_that_hslint_was_written_for(nix: RealNix) -> None:
    """Not the one that nixpkgs has, which is another version; its source has a hash that was computed."""
    dependency = "builtins.elemAt hslint.packages.x86_64-linux.default.dependencies 5"
    assert evaluated(nix, f"({dependency}).version") == "0.1.0"
    assert "tree-sitter-nix==0.1.*" in PYPROJECT["project"]["dependencies"]
    source = evaluated(nix, f"builtins.removeAttrs ({dependency}).src [ ''outPath'' ]")
    assert source["name"] == "tree_sitter_nix-0.1.0.tar.gz"
    assert re.fullmatch(r"sha256-[A-Za-z0-9+/]{43}=", source["hash"])


def test_without_pygls_2_the_package_has_no_language_server(nix: RealNix) -> None:
    """It would not start."""
    older = f"import {NIX}/nixpkgs.nix {{ pyglsVersion = ''1.3.1''; }}"
    made = f"(({older}).callPackage {ROOT}/package.nix {{ }})"
    assert "pygls" not in evaluated(nix, f"map (each: each.name) {made}.dependencies")
    assert evaluated(nix, f"{made}.pythonImportsCheck") == ["hslint", "hslint.rules"]


def test_the_package_is_made_of_what_the_wheel_is_made_of(package: dict[str, Any]) -> None:
    """A test or a page of docs that changes rebuilds nothing."""
    assert package["src"]["files"] == ["LICENSE", "README.md", "hslint", "pyproject.toml", "rules"]


def test_completions_are_installed_once_the_command_exists(package: dict[str, Any], tmp_path: Path) -> None:
    """The build's last step, with an hslint that has the commands, and with one that has not."""
    shell = "installShellCompletion() { echo completion $3 $5 $7; cat $4 $6 $8; }; installManPage() { cat $1; }\n"
    program = tmp_path / "bin" / "hslint"
    program.parent.mkdir()

    def installed(text: str) -> subprocess.CompletedProcess[str]:
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
        return subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", shell + package["postInstall"]],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "out": str(tmp_path)},
            capture_output=True,
            text=True,
        )

    done = installed('echo "$@"')
    assert done.stdout.splitlines() == [
        "completion --bash --fish --zsh",
        "completions bash",
        "completions fish",
        "completions zsh",
        "man",
    ]
    done = installed('echo "No such command" >&2; exit 2')
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def check(nix: RealNix, tmp_path: Path, arguments: str, source: Path) -> subprocess.CompletedProcess[str]:
    """`hslint.lib.check`, and its script run as a build runs it: with its environment and nothing else, in an empty directory."""
    made = evaluated(
        nix,
        f"let made = hslint.lib.check ({{ inherit pkgs; src = {source}; }} // {arguments});"
        "in { inherit (made) name script; inputs = map toString made.environment.nativeBuildInputs; }",
    )
    assert made["inputs"] == ["/nix/store/hslint"]
    build = tmp_path / "build"
    build.mkdir()
    return subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", made["script"]],
        cwd=build,
        env={
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": "/homeless-shelter",
            "src": str(source),
            "out": str(tmp_path / "out"),
        },
        capture_output=True,
        text=True,
    )


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A flake with one mistake, as read-only as the store."""
    root = tmp_path / "store"
    root.mkdir()
    (root / "flake.nix").write_text(FLAKE)
    (root / "headscale.nix").write_text(MODULE)
    (root / "headscale.nix").chmod(0o444)
    root.chmod(0o555)
    return root


def test_the_check_fails_with_the_report(nix: RealNix, source: Path, tmp_path: Path) -> None:
    """With places of the source, and without a result."""
    done = check(nix, tmp_path, "{ }", source)
    assert done.returncode == 1
    assert "  --> headscale.nix:8:19\n" in done.stdout
    assert done.stdout.splitlines()[-2].startswith("1 warning in 1 file")
    assert not (tmp_path / "out").exists()
    assert sorted(path.name for path in source.iterdir()) == ["flake.nix", "headscale.nix"]


def test_the_check_passes_with_the_report_as_its_result(nix: RealNix, source: Path, tmp_path: Path) -> None:
    """Once the mistake is fixed."""
    source.chmod(0o755)
    (source / "headscale.nix").chmod(0o644)
    (source / "headscale.nix").write_text(FIXED)
    done = check(nix, tmp_path, "{ }", source)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out").read_text() == done.stdout
    assert done.stdout.startswith("no problems found")


def test_the_check_s_arguments_are_those_of_the_command(nix: RealNix, source: Path, tmp_path: Path) -> None:
    """The rule is not run, the host and the release are known, and each word arrives as one."""
    arguments = '{ ignore = [ "misplaced-setting" ]; host = "vpn"; headscale = "0.28"; paths = [ "./headscale.nix" ]; }'
    assert check(nix, tmp_path, arguments, source).returncode == 0
    shutil.rmtree(tmp_path / "build")
    done = check(nix, tmp_path, '{ paths = [ "it\'s $(touch ran)" ]; }', source)
    assert done.returncode == 2
    assert done.stdout == "hslint: it's $(touch ran): no such file or directory\n"
    assert not list(tmp_path.rglob("ran"))


def test_with_fail_on_warnings_pass_and_errors_fail(nix: RealNix, source: Path, tmp_path: Path) -> None:
    """What the guard of a machine asks for: the report is the result all the same."""
    passed = check(nix, tmp_path, '{ failOn = "error"; }', source)
    assert (passed.returncode, "[misplaced-setting]" in (tmp_path / "out").read_text()) == (0, True)
    shutil.rmtree(tmp_path / "build")
    source.chmod(0o755)
    (source / "headscale.nix").chmod(0o644)
    (source / "headscale.nix").write_text(FIXED.replace("tail.example.net", "example.org"))
    assert check(nix, tmp_path, '{ failOn = "error"; }', source).returncode == 1


def test_the_check_says_that_a_file_is_no_source(nix: RealNix, source: Path, tmp_path: Path) -> None:
    """One module is only checked with what is around it."""
    done = check(nix, tmp_path, "{ }", source / "headscale.nix")
    assert done.returncode == 2
    assert done.stderr == f"hslint.lib.check: src is no directory: {source}/headscale.nix\n"


def test_the_check_refuses_what_it_does_not_know(nix: RealNix) -> None:
    """A misspelt argument is Nix's to tell."""
    with pytest.raises(NixRefused, match="called with unexpected argument 'path'"):
        evaluated(nix, '(hslint.lib.check { inherit pkgs; src = ./.; path = "."; }).script')


def module(nix: RealNix, settings: str, result: str) -> Any:
    made = (
        f"import {NIX}/module.nix {{ inherit lib pkgs; module = hslint.nixosModules.default; settings = {settings}; }}"
    )
    return evaluated(nix, f"let made = {made}; in assert made.documented; {result}")


NAMES = "{ packages = map (each: each.name) made.systemPackages; checks = map (each: each.name) made.checks; }"


def test_the_module_does_nothing_until_it_is_asked_to(nix: RealNix) -> None:
    """Importing it changes no system."""
    assert module(nix, "{ }", NAMES) == {"packages": [], "checks": []}
    assert module(nix, "{ enable = true; }", NAMES) == {"packages": ["hslint"], "checks": []}


def test_the_guard_is_a_check_of_the_system(nix: RealNix, source: Path) -> None:
    """Of its source, for errors alone, unless told otherwise."""
    settings = f"{{ guard = {{ enable = true; src = {source}; host = ''vpn''; ignore = [ ''dns'' ]; }}; }}"
    assert module(nix, settings, NAMES) == {"packages": [], "checks": ["hslint-guard"]}
    (script,) = module(nix, settings, "map (each: each.script) made.checks")
    assert "hslint check '--host' 'vpn' '--ignore' 'dns' '--fail-on' 'error' '--' '.' >" in script
    (given,) = module(nix, settings, "map (each: toString each.environment.src) made.checks")
    assert given == str(source)


def test_the_guard_needs_a_source(nix: RealNix) -> None:
    """There is none that could be guessed."""
    with pytest.raises(NixRefused, match=r"programs\.hslint\.guard\.src was accessed but has no value defined"):
        module(nix, "{ guard.enable = true; }", "(builtins.head made.checks).environment.src")
    with pytest.raises(NixRefused, match=r"not of the type of programs\.hslint\.guard\.failOn"):
        module(
            nix, '{ guard = { enable = true; src = ./.; failOn = "fatal"; }; }', "map (each: each.script) made.checks"
        )


def test_the_module_is_one_of_nixos(nix: RealNix, source: Path) -> None:
    """With HSLINT_NIXPKGS_LIB (the lib directory of nixpkgs) its own module system evaluates it."""
    library = os.environ.get("HSLINT_NIXPKGS_LIB")
    if library is None:
        pytest.skip("HSLINT_NIXPKGS_LIB names no lib of nixpkgs")
    guarded = f"""
      let
        lib = import {library};
        list = lib.mkOption {{ type = lib.types.listOf lib.types.package; }};
        made = lib.evalModules {{
          modules = [
            hslint.nixosModules.default
            {{ options.environment.systemPackages = list; options.system.checks = list; }}
            {{ _module.args = {{ inherit pkgs; }}; }}
            {{ programs.hslint = {{ enable = true; guard = {{ enable = true; src = {source}; }}; }}; }}
          ];
        }};
      in
      {{
        packages = map (each: each.name) made.config.environment.systemPackages;
        scripts = map (each: each.script) made.config.system.checks;
      }}"""
    made = evaluated(nix, guarded)
    assert made["packages"] == ["hslint"]
    assert "hslint check '--fail-on' 'error' '--' '.' >" in made["scripts"][0]


INPUTS = """
  self = recipe // { outPath = "/nix/store/self"; };
  takes = names: given: assert builtins.removeAttrs given names == { }; builtins.deepSeq given given;
"""


def recipe(nix: RealNix, name: str, inputs: str, result: str) -> Any:
    """What a recipe's outputs are, with its inputs as given."""
    given = "({ inherit self nixpkgs hslint; } // { " + inputs + " })"
    outputs = f"recipe = (import {RECIPES}/{name}/flake.nix).outputs {given};"
    return evaluated(nix, f"let {INPUTS} {outputs} in {result}")


def test_the_recipe_for_a_flake_s_own_checks(nix: RealNix) -> None:
    """The check is of the flake's own source, and the machine has the guard of its own host."""
    script = recipe(nix, "flake", "", "recipe.checks.x86_64-linux.hslint.script")
    assert "hslint check '--' '.' >" in script
    assert recipe(nix, "flake", "", "recipe.checks.x86_64-linux.hslint.environment.src") == "/nix/store/self"
    machine = "nixpkgs = nixpkgs // { lib = lib // { nixosSystem = { modules }: { inherit modules; }; }; };"
    modules = "recipe.nixosConfigurations.vpn.modules"
    settings = recipe(nix, "flake", machine, f"(builtins.elemAt {modules} 2).programs.hslint")
    assert module(nix, f"builtins.fromJSON ''{json.dumps(settings)}''", NAMES) == {
        "packages": ["hslint"],
        "checks": ["hslint-guard"],
    }
    assert recipe(nix, "flake", machine, f"builtins.isFunction (builtins.elemAt {modules} 1)") is True


def test_the_recipe_for_flake_parts(nix: RealNix) -> None:
    """`mkFlake` gets the inputs and one module, whose perSystem gets packages."""
    parts = "flake-parts.lib.mkFlake = { inputs }: module: takes [ ''systems'' ''perSystem'' ] module;"
    made = recipe(nix, "flake-parts", parts, "(recipe.perSystem { inherit pkgs; }).checks.hslint.environment.src")
    assert made == "/nix/store/self"


def test_real_flake_parts_makes_the_check(nix: RealNix) -> None:
    """With HSLINT_FLAKE_PARTS and HSLINT_NIXPKGS_LIB, which name its source and nixpkgs' lib."""
    parts, library = os.environ.get("HSLINT_FLAKE_PARTS"), os.environ.get("HSLINT_NIXPKGS_LIB")
    if parts is None or library is None:
        pytest.skip("HSLINT_FLAKE_PARTS names no source of flake-parts, or HSLINT_NIXPKGS_LIB no lib of nixpkgs")
    real = f"""
      flake-parts = (import {parts}/flake.nix).outputs {{ nixpkgs-lib.lib = import {library}; self = flake-parts; }};
      inputs = {{ inherit flake-parts hslint self; nixpkgs = nixpkgs // {{ _type = "flake"; }}; }};
      outputs = (import {RECIPES}/flake-parts/flake.nix).outputs inputs;
      self = outputs // {{ inherit inputs outputs; _type = "flake"; outPath = "/nix/store/self"; }};"""
    made = evaluated(nix, f"let {real} in builtins.mapAttrs (_: each: each.hslint.environment.src) outputs.checks")
    assert made == {"aarch64-linux": "/nix/store/self", "x86_64-linux": "/nix/store/self"}


HOOK = "[ ''enable'' ''package'' ''entry'' ''files'' ''pass_filenames'' ''require_serial'' ]"


def test_the_recipe_for_git_hooks(nix: RealNix) -> None:
    """The hook is that of .pre-commit-hooks.yaml, with a program that Nix built; the shell installs it."""
    run = f"""git-hooks.lib.x86_64-linux.run = given: {{
      hook = takes {HOOK} (takes [ "src" "hooks" ] given).hooks.hslint;
      shellHook = "install the hooks";
      enabledPackages = [ given.hooks.hslint.package ];
    }};"""
    hook = recipe(nix, "git-hooks", run, "recipe.checks.x86_64-linux.git-hooks.hook")
    assert hook["entry"] == "/nix/store/hslint/bin/hslint check"
    own = re.findall(r"^  files: '(.*)'$", (ROOT / ".pre-commit-hooks.yaml").read_text(), re.MULTILINE)
    assert {hook["files"]} == set(own)
    assert (hook["pass_filenames"], hook["require_serial"]) == (False, True)
    assert recipe(nix, "git-hooks", run, "recipe.devShells.x86_64-linux.default.shellHook") == "install the hooks"


def test_the_recipe_for_treefmt(nix: RealNix) -> None:
    """Treefmt gives the formatter the files that match."""
    treefmt = """treefmt-nix.lib.evalModule = pkgs: given: {
      config.build = {
        wrapper = (takes [ "projectRootFile" "programs" "settings" ] given).settings.formatter.hslint;
        check = source: source.outPath;
      };
    };"""
    formatter = recipe(nix, "treefmt-nix", treefmt, "recipe.formatter.x86_64-linux")
    assert formatter == {
        "command": "/nix/store/hslint/bin/hslint",
        "options": ["check", "--fix"],
        "includes": ["*.nix"],
    }
    assert recipe(nix, "treefmt-nix", treefmt, "recipe.checks.x86_64-linux.formatting") == "/nix/store/self"


@pytest.mark.parametrize("name", ["flake", "flake-parts", "git-hooks", "treefmt-nix"])
def test_a_recipe_follows_the_nixpkgs_of_its_user(nix: RealNix, name: str) -> None:
    """Or everybody would evaluate two of them."""
    inputs = nix.json(f"(import {RECIPES}/{name}/flake.nix).inputs")
    assert isinstance(inputs, dict)
    assert inputs["hslint"] == {"url": "github:hslint/hslint", "inputs": {"nixpkgs": {"follows": "nixpkgs"}}}
