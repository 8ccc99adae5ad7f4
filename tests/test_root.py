"""The tree of a project: links are followed inside it, and nothing that changes while hslint looks leads out of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hslint.hosts.discovery import scopes
from hslint.hosts.tree import Tree
from hslint.root import LeadsOutside, Root
from hslint.source import Project, SourceFile, Unreadable

SECRET = b"# headscale\n{ secret = true; }\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with a directory in it, and the same names with secrets beside it."""
    root = tmp_path.resolve() / "project"
    (root / "hosts").mkdir(parents=True)
    (root / "hosts" / "vpn.nix").write_text("# headscale\n{ }\n")
    (root.parent / "outside").mkdir()
    (root.parent / "outside" / "vpn.nix").write_bytes(SECRET)
    return root


def text(found: SourceFile | Unreadable) -> bytes | Unreadable:
    return found.text if isinstance(found, SourceFile) else found


@pytest.fixture
def just_before_opening(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], None]], None]:
    """Somebody else's move in the moment before a file of a name is opened, after all that was looked at before."""
    opening = os.open

    def install(name: str, move: Callable[[], None]) -> None:
        moves = [move]

        def opened(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
            if moves and os.path.basename(path) == name:
                moves.pop()()
            return opening(path, flags, mode, dir_fd=dir_fd)

        monkeypatch.setattr(os, "open", opened)

    return install


Install = Callable[[str, Callable[[], None]], None]


def test_a_file_that_becomes_a_link_out_is_not_read(root: Path, just_before_opening: Install) -> None:
    """Whether it lies inside is found out by opening it, not before."""
    module = root / "hosts" / "vpn.nix"

    def swap() -> None:
        module.unlink()
        module.symlink_to("../../outside/vpn.nix")

    just_before_opening("vpn.nix", swap)
    assert text(Project(str(root)).read(str(module))) is Unreadable.OUTSIDE


@pytest.mark.parametrize("look", ["read", "mentioning"])
def test_a_directory_that_becomes_a_link_out_is_not_entered(
    root: Path, look: str, just_before_opening: Install
) -> None:
    """The directory that was looked at is the one in which the file is opened."""
    module = root / "hosts" / "vpn.nix"
    module.write_text("{ }")

    def swap() -> None:
        (root / "hosts").rename(root / "before")
        (root / "hosts").symlink_to("../outside")

    just_before_opening("vpn.nix", swap)
    project = Project(str(root))
    if look == "read":
        assert text(project.read(str(module))) == b"{ }"
    else:
        assert project.mentioning(b"headscale", [str(module)]) == []


def test_a_directory_that_is_being_walked_is_not_left_by_a_link(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is a directory in the listing may be a link by the time it is entered."""
    listing = os.scandir

    def scanned(path: int | str) -> object:
        entries = listing(path)
        monkeypatch.setattr(os, "scandir", listing)
        (root / "hosts").rename(root.parent / "before")
        (root / "hosts").symlink_to("../outside")
        return entries

    (scope,) = scopes([str(root)])
    project = Project(str(root))
    monkeypatch.setattr(os, "scandir", scanned)
    assert Tree(project, scope).files == ()


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("hosts/same.nix", "vpn.nix"),
        ("same.nix", "hosts/../hosts/./vpn.nix"),
        ("hosts/deep/same.nix", "../vpn.nix"),
        ("same.nix", "{root}/hosts/vpn.nix"),
        ("same.nix", "{alias}/hosts/vpn.nix"),
        ("same.nix", "../project/hosts/vpn.nix"),
        ("hosts/same.nix", "../../../{above}/project/hosts/vpn.nix"),
    ],
)
def test_links_that_end_inside_are_followed(root: Path, link: str, target: str) -> None:
    """Relative, absolute, through the name by which the project was called, and out by the name and back in."""
    alias = root.parent / "alias"
    alias.symlink_to(root)
    (root / "hosts" / "deep").mkdir()
    (root / link).symlink_to(target.format(root=root, alias=alias, above=root.parent.name))
    project = Project(str(alias))
    expected = (root / "hosts" / "vpn.nix").read_bytes()
    assert text(project.read(str(root / link))) == text(project.read(str(alias / link))) == expected
    assert project.contains(str(root / link))
    assert project.exists(str(alias / link)) is True


@pytest.mark.parametrize("target", ["..", "../outside", "/", "/etc", "{root}/../outside", "hosts/../../outside"])
def test_links_that_lead_out_are_outside(root: Path, target: str) -> None:
    """Whatever is there: a file, a directory, nothing."""
    (root / "link").symlink_to(target.format(root=root))
    project = Project(str(root))
    for below in ("", "/vpn.nix", "/passwd", "/nothing"):
        path = f"{root}/link{below}"
        assert text(project.read(path)) is Unreadable.OUTSIDE
        assert project.entries(path) is Unreadable.OUTSIDE
        assert project.exists(path) is None
        assert not project.is_directory(path)
        assert not project.contains(path)


def test_directories_are_followed_one_after_the_other(root: Path) -> None:
    """`..` behind a link is the directory above where the link led, not above the link."""
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "here.nix").write_text("1")
    (root / "here.nix").write_text("2")
    (root / "deep").symlink_to("a/b")
    (root / "link.nix").symlink_to("deep/../here.nix")
    assert text(Project(str(root)).read(str(root / "link.nix"))) == b"1"


def test_links_without_an_end_come_to_one(root: Path) -> None:
    """They are there, and nothing can be read through them."""
    (root / "loop").symlink_to("loop")
    project = Project(str(root))
    assert project.exists(str(root / "loop")) is True
    assert project.contains(str(root / "loop" / "x"))
    assert text(project.read(str(root / "loop"))) is Unreadable.DENIED


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "a/" * 3000, "n" * 5000])
def test_what_no_file_can_be_called_does_not_exist(root: Path, name: str) -> None:
    """A string of Nix may hold anything."""
    project = Project(str(root))
    assert project.exists(f"{root}/{name}") is False
    assert not project.is_directory(f"{root}/{name}")
    assert isinstance(project.read(f"{root}/{name}"), Unreadable)


def test_the_root_of_the_machine_can_be_a_root(root: Path) -> None:
    """Nothing leads out of it."""
    (root / "up").symlink_to("/".join([".."] * 60) + str(root / "hosts"))
    tree = Root("/")
    assert tree.lexists("/") and tree.contains("/..") and tree.lexists(str(root))
    assert tree.lexists(f"{root}/up/vpn.nix")
    with pytest.raises(LeadsOutside):
        Root(str(root)).place(f"{root}/up/../..")


def test_many_projects_keep_few_directories_open(root: Path) -> None:
    """An editor's server looks at a project again and again; a process may have 256 files open on macOS."""
    for number in range(50):
        (root / f"area{number}").mkdir()
        (root / f"area{number}" / "a.nix").write_text("{ }")
    before = len(os.listdir("/dev/fd"))
    projects = [Project(str(root)) for _ in range(20)]
    for project in projects:
        for number in range(50):
            assert isinstance(project.read(f"{root}/area{number}/a.nix"), SourceFile)
    assert len(os.listdir("/dev/fd")) - before <= 100
