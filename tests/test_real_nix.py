"""The fixture `nix` itself: a judge that answers wrongly would make every comparison worthless."""

from pathlib import Path

import pytest
from real_nix import NixRefused, RealNix


def test_an_expression_is_evaluated_deeply(nix: RealNix) -> None:
    """Lists and sets come back whole, not as thunks."""
    assert nix.json("{ a = [ (1 + 1) ]; }") == {"a": [2]}


def test_a_file_is_evaluated_where_it_lies(nix: RealNix, tmp_path: Path) -> None:
    """An import beside the file is found."""
    (tmp_path / "one.nix").write_text("1")
    (tmp_path / "main.nix").write_text("import ./one.nix + 1")
    assert nix.json(tmp_path / "main.nix") == 2


def test_printed_values_keep_what_json_loses(nix: RealNix) -> None:
    """A function and a float are distinguished from their neighbours."""
    assert nix.text("{ f = x: x; n = 1.5; }") == "{ f = <LAMBDA>; n = 1.5; }"


def test_what_nix_refuses_raises_with_its_message(nix: RealNix) -> None:
    """The message is Nix's own."""
    with pytest.raises(NixRefused, match="infinite recursion"):
        nix.json("let x = x; in x")


def test_syntax_is_checked_without_evaluating(nix: RealNix) -> None:
    """A throw parses, a stray bracket does not."""
    assert nix.parses('throw "never reached"')
    assert not nix.parses("{ a = 1; ]")
