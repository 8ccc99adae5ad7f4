"""Paths of the project in every spelling: read where they lie, and never taken for known text."""

from __future__ import annotations

from pathlib import Path

import pytest

from hslint.hosts import Options
from hslint.hosts.host import Host
from hslint.hosts.search import open_project
from hslint.values.budget import with_deep_stack
from hslint.values.value import Bool, String, Unknown

FLAKE = """{{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  outputs = {{ self, nixpkgs, ... }}@inputs: let
    lib = nixpkgs.lib;
    dir = ./modules;
  in {{
    nixosConfigurations.h = nixpkgs.lib.nixosSystem {{
      specialArgs = {{ inherit inputs self; }};
      modules = {modules};
    }};
  }};
}}
"""

MODULE = """{ services.headscale.settings.server_url = "https://hs.example.com"; }"""


def host(directory: Path, modules: str, **files: str) -> Host:
    (directory / "modules").mkdir()
    (directory / "modules/hs.nix").write_text(MODULE)
    (directory / "modules/default.nix").write_text("{ imports = [ ./hs.nix ]; }")
    (directory / "modules/notes.txt").write_text("https://notes.example.com")
    (directory / "modules/broken.nix~").write_text("{")
    for name, text in files.items():
        (directory / name).write_text(text)
    (directory / "flake.nix").write_text(FLAKE.format(modules=modules))
    inspection = with_deep_stack(open_project, [str(directory)], Options())
    (found,) = [host for host in inspection.hosts if host.name == "h"]
    return found


#: What stands for the module, or a list of modules.
MODULES = [
    '[ "${self}/modules/hs.nix" ]',
    '[ (self + "/modules/hs.nix") ]',
    '[ "${inputs.self}/modules/hs.nix" ]',
    '[ "${self.outPath}/modules/hs.nix" ]',
    '[ (self.outPath + "/modules/hs.nix") ]',
    '[ "${self.sourceInfo.outPath}/modules/hs.nix" ]',
    '[ "${toString self}/modules/hs.nix" ]',
    '[ "${dir}/hs.nix" ]',
    '[ (dir + "/hs.nix") ]',
    '[ (dir + "/${"hs"}.nix") ]',
    '[ ./modules/${"hs"}.nix ]',
    '[ (toString dir + "/hs.nix") ]',
    "[ (toString ./modules/hs.nix) ]",
    '[ "${./modules/hs.nix}" ]',
    '[ "${./.}/modules/hs.nix" ]',
    '[ (lib.path.append ./. "modules/hs.nix") ]',
    '[ (builtins.unsafeDiscardStringContext "${self}/modules/hs.nix") ]',
    '[ (builtins.toPath "${toString dir}/hs.nix") ]',
    '[ (import "${self}/modules/hs.nix") ]',
    '[ (import (self + "/modules")) ]',
    '[ "${self}/modules" ]',
    '[ ({ self, ... }: { imports = [ (self + "/modules/hs.nix") ]; }) ]',
    '[ ({ inputs, ... }: { imports = [ "${inputs.self}/modules/hs.nix" ]; }) ]',
    '(map (n: "${self}/modules/${n}") [ "hs.nix" ])',
    '(map (n: "${self}/modules/${n}") (builtins.filter (lib.hasSuffix ".nix") (builtins.attrNames (builtins.readDir "${self}/modules"))))',
    '(lib.optional (builtins.pathExists "${self}/modules/hs.nix") (self + "/modules/hs.nix"))',
    '(builtins.filter (lib.hasSuffix ".nix") (lib.filesystem.listFilesRecursive "${self}/modules"))',
    '(builtins.filter (p: lib.hasSuffix ".nix" (toString p)) (lib.filesystem.listFilesRecursive dir))',
    # parts of the project, chosen
    '[ "${builtins.path { path = ./modules; name = "modules"; }}/hs.nix" ]',
    '[ (builtins.path { path = ./modules/hs.nix; name = "x.nix"; }) ]',
    '[ "${builtins.filterSource (path: type: lib.hasSuffix ".nix" path) ./modules}/hs.nix" ]',
    '[ "${lib.cleanSource ./.}/modules/hs.nix" ]',
    '[ (lib.cleanSource ./modules + "/hs.nix") ]',
    '[ "${lib.cleanSourceWith { src = ./.; filter = path: type: type == "directory" || baseNameOf path == "hs.nix"; }}/modules/hs.nix" ]',
    '[ "${lib.cleanSourceWith { src = lib.cleanSource self; name = "mine"; filter = path: type: true; }}/modules/hs.nix" ]',
    '[ "${lib.sourceFilesBySuffices ./modules [ ".nix" ]}/hs.nix" ]',
    '[ "${lib.sourceByRegex ./. [ "modules" "modules/.*[.]nix" ]}/modules/hs.nix" ]',
    '(lib.fileset.toList (lib.fileset.fileFilter (file: file.hasExt "nix") ./modules))',
    "(lib.fileset.toList ./modules/hs.nix)",
    "(lib.fileset.toList (lib.fileset.intersection ./modules/hs.nix (lib.fileset.fromSource (lib.cleanSource ./.))))",
    "(lib.fileset.toList (lib.fileset.difference (lib.fileset.unions [ ./modules/hs.nix ./flake.nix ]) ./flake.nix))",
    '[ "${lib.fileset.toSource { root = ./.; fileset = lib.fileset.union ./modules/hs.nix (lib.fileset.maybeMissing ./nothing); }}/modules/hs.nix" ]',
]  # fmt: skip


@pytest.mark.parametrize("modules", MODULES)
def test_a_module_is_found_by_any_spelling_of_its_path(modules: str, tmp_path: Path) -> None:
    """The module's definition counts, and nothing stays unresolved."""
    found = host(tmp_path, modules)
    assert with_deep_stack(lambda: found.setting("settings.server_url").text) == "https://hs.example.com"
    assert not found.unresolved_imports
    (setting,) = [setting for setting in found.written() if setting.option.endswith("server_url")]
    assert setting.at is not None and setting.at.file.path == str(tmp_path / "modules/hs.nix")


#: What a filter or a file set leaves out is not there.
LEFT_OUT = [
    '"${lib.cleanSourceWith { src = ./.; filter = path: type: baseNameOf path != "modules"; }}/modules/hs.nix"',
    '"${builtins.filterSource (path: type: type == "directory") ./modules}/hs.nix"',
    '"${lib.fileset.toSource { root = ./.; fileset = ./flake.nix; }}/modules/hs.nix"',
    '"${lib.cleanSource ./modules}/broken.nix~"',
    '"${lib.sourceByRegex ./. [ "modules" ]}/modules/hs.nix"',
    '"${self}/modules/nothing.nix"',
]


@pytest.mark.parametrize("path", LEFT_OUT)
def test_what_a_filter_leaves_out_does_not_exist(path: str, tmp_path: Path) -> None:
    """`pathExists` says so, and importing it is refused."""
    found = host(tmp_path, f"[ {{ services.headscale.enable = builtins.pathExists {path}; }} ]")
    assert isinstance(with_deep_stack(lambda: found.setting("enable").value), Bool)
    assert with_deep_stack(lambda: found.setting("enable").flag) is False


def test_a_copy_is_unknown_as_text_although_its_file_is_known(tmp_path: Path) -> None:
    """The hash in its name is not known, nor is anything made of it; what is in the file is."""
    found = host(
        tmp_path,
        """[ {
          services.headscale.settings.server_url = builtins.readFile "${self}/modules/notes.txt";
          services.headscale.settings.policy.path = "${self}/modules/notes.txt";
          services.headscale.settings.noise.private_key_path = "${./modules}/notes.txt";
        } ]""",
    )
    assert with_deep_stack(lambda: found.setting("settings.server_url").text) == "https://notes.example.com"
    for option, name in (("settings.policy.path", "source"), ("settings.noise.private_key_path", "modules")):
        value = with_deep_stack(found.setting, option).value
        assert isinstance(value, String) and value.known is None
        start, hash_, end = value.parts
        assert start == "/nix/store/" and isinstance(hash_, Unknown)
        assert end == ("-source/modules/notes.txt" if name == "source" else "-modules/notes.txt")


def test_a_filter_that_is_unknown_leaves_its_files_unknown(tmp_path: Path) -> None:
    """The module may be there or not: the host has an unresolved import and no value."""
    found = host(
        tmp_path,
        '[ "${lib.cleanSourceWith { src = ./.; filter = path: type: inputs.nixpkgs.rev == path; }}/modules/hs.nix" ]',
    )
    assert with_deep_stack(lambda: found.setting("settings.server_url").text) is None
    assert found.unresolved_imports


def test_the_list_of_a_directory_ends_where_its_filter_does(tmp_path: Path) -> None:
    """`readDir` of a filtered source has the names that the filter keeps."""
    found = host(
        tmp_path,
        """[ { services.headscale.settings.server_url = builtins.concatStringsSep " " (
          builtins.attrNames (builtins.readDir "${lib.cleanSource self}/modules")); } ]""",
    )
    assert with_deep_stack(lambda: found.setting("settings.server_url").text) == "default.nix hs.nix notes.txt"


def test_a_file_of_the_project_is_one_module_whatever_it_is_called_by(tmp_path: Path) -> None:
    """`./x` and `"${self}/x"` are one path to Nix; `"${./dir}/x"` is a copy, and another."""
    found = host(tmp_path, '[ ./modules/hs.nix "${self}/modules/hs.nix" (self + "/modules/hs.nix") "${dir}/hs.nix" ]')
    counted = [module.name for module in found.imported_modules if module.counted and module.name.endswith("hs.nix")]
    assert counted == ["modules/hs.nix", "modules/hs.nix"]
