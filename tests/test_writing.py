"""What `--fix` does to files: only to those that are as they were read, and nothing else about them changes."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sample import FIXED, FLAKE, MODULE

from hslint.checking import Request
from hslint.cli import main
from hslint.fixes import apply_fixes
from hslint.root import Root
from hslint.writing import NewText, Outcome, write

NEW = NewText(b"{ }\n", b"{ a = 1; }\n")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project with three files that say the same."""
    root = tmp_path.resolve() / "project"
    root.mkdir()
    for name in ("a.nix", "b.nix", "c.nix"):
        (root / name).write_bytes(NEW.before)
    return root


def rewrite(tree: Path, *names: str, together: tuple[str, ...] = ()) -> Outcome:
    group = frozenset(str(tree / name) for name in together)
    return write(Root(str(tree)), {str(tree / name): NEW for name in names}, [group])


def left(outcome: Outcome) -> dict[str, str]:
    return {os.path.basename(each.path): each.reason for each in outcome.left}


def names(tree: Path) -> list[str]:
    return sorted(path.name for path in tree.iterdir())


def test_everything_but_the_text_stays(tree: Path) -> None:
    """Mode, owner, extended attributes, the link by which a file was reached; nothing is left beside it."""
    (tree / "a.nix").chmod(0o4751)
    (tree / "link.nix").symlink_to("a.nix")
    if os.geteuid() == 0:
        os.chown(tree / "a.nix", 4711, 4712)
        (tree / "a.nix").chmod(0o4751)
    kept = _attribute(tree / "a.nix")
    before = (tree / "a.nix").stat()
    assert rewrite(tree, "link.nix") == Outcome((str(tree / "link.nix"),), ())
    after = (tree / "a.nix").stat()
    assert (tree / "a.nix").read_bytes() == NEW.after
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert (tree / "link.nix").is_symlink()
    assert not kept or os.getxattr(tree / "a.nix", "user.hslint") == b"kept"
    assert names(tree) == ["a.nix", "b.nix", "c.nix", "link.nix"]


def _attribute(path: Path) -> bool:
    """Give a file an extended attribute, where the file system has such things."""
    try:
        os.setxattr(path, "user.hslint", b"kept")
    except (AttributeError, OSError):
        return False
    return True


def test_an_attribute_that_cannot_be_kept_keeps_the_file(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An access control list that is lost opens a file to others."""
    monkeypatch.setattr(os, "listxattr", lambda file: ["system.posix_acl_access"], raising=False)
    monkeypatch.setattr(os, "getxattr", lambda file, name: os.urandom(8), raising=False)
    monkeypatch.setattr(os, "setxattr", _refusing(errno.EPERM), raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert left(rewrite(tree, "a.nix")) == {
        "a.nix": "has an extended attribute that cannot be kept (system.posix_acl_access)"
    }
    assert names(tree) == ["a.nix", "b.nix", "c.nix"]


def test_a_foreign_owner_keeps_the_file(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new file would be mine."""
    if os.geteuid() == 0:
        os.chown(tree / "a.nix", 4711, 4712)
    else:
        real = os.fstat
        monkeypatch.setattr(os, "fstat", lambda file: _owned_by_another(real(file), file))
    monkeypatch.setattr(os, "fchown", _refusing(errno.EPERM))
    outcome = rewrite(tree, "a.nix", "b.nix") if os.geteuid() == 0 else rewrite(tree, "a.nix")
    assert left(outcome) == {"a.nix": "belongs to another user or group, which a new text would change"}


def _owned_by_another(status: os.stat_result, file: int) -> os.stat_result:
    fields = list(status)
    fields[stat.ST_UID] += file
    return os.stat_result(fields)


def _refusing(number: int) -> Callable[..., object]:
    def refuse(*given: object) -> object:
        raise OSError(number, os.strerror(number))

    return refuse


def test_what_was_changed_since_is_left_alone(tree: Path) -> None:
    """In place, by another file of the name, by a link, by none; the others are written."""
    (tree / "a.nix").write_bytes(b"{ mine = 1; }\n")
    (tree / "b.nix").unlink()
    outcome = rewrite(tree, "a.nix", "b.nix", "c.nix")
    assert left(outcome) == {"a.nix": "was changed since hslint read it", "b.nix": "is not there any more"}
    assert outcome.written == (str(tree / "c.nix"),)
    assert (tree / "a.nix").read_bytes() == b"{ mine = 1; }\n"
    assert names(tree) == ["a.nix", "c.nix"]


@pytest.mark.parametrize("saved", ["in place", "by renaming"])
def test_what_is_changed_at_the_last_moment_is_left_alone(
    tree: Path, monkeypatch: pytest.MonkeyPatch, saved: str
) -> None:
    """An editor saves while the new text is on its way to the disk."""
    syncing = os.fsync

    def sync(descriptor: int) -> None:
        syncing(descriptor)
        if saved == "in place":
            (tree / "a.nix").write_bytes(b"{ mine = 1; }\n")
        else:
            (tree / "new").write_bytes(NEW.before)
            (tree / "new").rename(tree / "a.nix")

    monkeypatch.setattr(os, "fsync", sync)
    assert left(rewrite(tree, "a.nix")) == {"a.nix": "was changed since hslint read it"}
    assert b"a = 1" not in (tree / "a.nix").read_bytes()
    assert names(tree) == ["a.nix", "b.nix", "c.nix"]


def test_read_only_files_are_left_alone(tree: Path) -> None:
    """Renaming over them would need no permission, and whoever is root needs none at all."""
    (tree / "a.nix").chmod(0o444)
    assert left(rewrite(tree, "a.nix")) == {"a.nix": "is read-only"}
    assert (tree / "a.nix").read_bytes() == NEW.before


def test_hard_links_are_left_alone(tree: Path) -> None:
    """Renaming would part the two names."""
    os.link(tree / "a.nix", tree / "again.nix")
    reason = "has a second name (a hard link), which would keep the old text"
    assert left(rewrite(tree, "a.nix", "again.nix", "b.nix")) == {"a.nix": reason, "again.nix": reason}
    assert (tree / "a.nix").samefile(tree / "again.nix")
    assert (tree / "b.nix").read_bytes() == NEW.after


def test_nothing_is_written_outside(tree: Path) -> None:
    """Neither through a link that was always there nor through one that came after the reading."""
    (tree.parent / "outside.nix").write_bytes(NEW.before)
    (tree / "a.nix").unlink()
    (tree / "a.nix").symlink_to("../outside.nix")
    assert left(rewrite(tree, "a.nix")) == {"a.nix": "lies outside the project"}
    assert (tree.parent / "outside.nix").read_bytes() == NEW.before
    assert names(tree.parent) == ["outside.nix", "project"]


def test_files_of_one_fix_are_written_together_or_not_at_all(tree: Path) -> None:
    """Half of a renaming is worse than none."""
    (tree / "b.nix").chmod(0o444)
    outcome = rewrite(tree, "a.nix", "b.nix", "c.nix", together=("a.nix", "b.nix"))
    assert left(outcome) == {"a.nix": "goes together with b.nix", "b.nix": "is read-only"}
    assert outcome.written == (str(tree / "c.nix"),)
    assert (tree / "a.nix").read_bytes() == NEW.before
    assert names(tree) == ["a.nix", "b.nix", "c.nix"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT])
def test_a_disk_that_takes_nothing_is_named(tree: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The old text stays, and no half of the new one."""
    monkeypatch.setattr(os, "write", _refusing(number))
    assert left(rewrite(tree, "a.nix")) == {"a.nix": os.strerror(number)}
    assert (tree / "a.nix").read_bytes() == NEW.before
    assert names(tree) == ["a.nix", "b.nix", "c.nix"]


# -- on the command line -------------------------------------------------------------------------------------------------


@pytest.fixture
def flake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A flake with two hosts, each with a module of its own, and the same mistake in both."""
    hosts = FLAKE.replace(
        "    nixosConfigurations.vpn =",
        "    nixosConfigurations.other = nixpkgs.lib.nixosSystem {\n"
        "      modules = [ ./other.nix ];\n    };\n    nixosConfigurations.vpn =",
    )
    (tmp_path / "flake.nix").write_text(hosts)
    for name in ("headscale.nix", "other.nix"):
        (tmp_path / name).write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fix(*command: str) -> Result:
    return CliRunner().invoke(main, [*command, "--fix"])


@pytest.mark.parametrize("command", [("check",), ("upgrade", "--from", "0.22", "--to", "0.23")], ids=lambda c: c[0])
def test_a_file_that_was_saved_meanwhile_is_reported_and_the_status_says_so(
    flake: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """Somebody's work is not overwritten, whichever command would; the other file is fixed, and both are named."""

    def saving(root: Root, texts: Mapping[str, NewText], together: tuple[frozenset[str], ...]) -> Outcome:
        (flake / "other.nix").write_text("{ }\n")
        return write(root, texts, together)

    old = MODULE.replace("dns.base_domain", "dns_config.base_domain").replace(
        "dns.nameservers.global", "dns_config.nameservers"
    )
    for name in ("headscale.nix", "other.nix"):
        (flake / name).write_text(MODULE if command == ("check",) else old)
    monkeypatch.setattr("hslint.fixes.write", saving)
    result = fix(*command)
    assert result.exit_code == 2
    assert "hslint: other.nix was not changed: was changed since hslint read it\n" in result.stderr
    assert "hslint: headscale.nix was changed\n" in result.stderr
    assert "in 1 file\n" in result.stderr
    assert (flake / "other.nix").read_text() == "{ }\n"
    assert (flake / "headscale.nix").read_text() == FIXED


def test_a_full_disk_names_what_was_and_what_was_not_changed(flake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first file still had room."""
    writing = os.write
    left = [FIXED.encode()]

    def full(descriptor: int, data: bytes) -> int:
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left.pop()
        return writing(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    result = fix("check")
    assert result.exit_code == 2
    assert result.stderr == (
        "hslint: other.nix was not changed: No space left on device\n"
        "hslint: headscale.nix was changed\n"
        "fixed 1 problem in 1 file\n"
    )
    assert (flake / "headscale.nix").read_text() == FIXED
    assert (flake / "other.nix").read_text() == MODULE
    assert names(flake) == ["flake.nix", "headscale.nix", "other.nix"]


def test_a_file_with_two_names_is_fixed_once(flake: Path) -> None:
    """It is found wrong under both."""
    (flake / "other.nix").unlink()
    (flake / "other.nix").symlink_to("headscale.nix")
    result = fix("check")
    assert (result.exit_code, result.stderr) == (0, "fixed 1 problem in 1 file\n")
    assert (flake / "headscale.nix").read_text() == FIXED
    assert (flake / "other.nix").is_symlink()


def test_a_file_with_two_names_is_shown_once(flake: Path) -> None:
    """The patch would not apply twice."""
    (flake / "other.nix").unlink()
    (flake / "other.nix").hardlink_to(flake / "headscale.nix")
    diff = CliRunner().invoke(main, ["check", "--diff"]).stdout
    assert [line for line in diff.splitlines() if line.startswith("+++")] == ["+++ b/headscale.nix"]


def test_a_fixed_file_is_checked_under_all_its_names(flake: Path) -> None:
    """A fix that helps under one name and harms under another would be taken back; here it helps."""
    (flake / "other.nix").unlink()
    (flake / "other.nix").symlink_to("headscale.nix")
    outcome = apply_fixes([str(flake)], Request(), {})
    assert (list(outcome.after), outcome.fixed, outcome.withdrawn) == ([str(flake / "headscale.nix")], 1, [])
