"""A policy → its meaning for a release of Headscale."""

from __future__ import annotations

from hslint.catalogue.release import Release
from hslint.policy.complaint import Change, Complaint, Matter
from hslint.policy.engine_v1 import FirstEngine
from hslint.policy.engine_v2 import SecondEngine
from hslint.policy.hujson import Document, SyntaxMistake
from hslint.policy.meaning import Default, Meaning
from hslint.policy.tree import Node, Untold


def read_document(document: Document, release: Release) -> Meaning:
    """The meaning of a text for a release. Where the parser stops, only that is reported: what follows from it is no mistake of its own."""
    if document.is_empty:
        if release.reaches("0.24"):
            return Meaning(default=Default.ALLOW_ALL)
        return Meaning((Complaint(Matter.EMPTY, "the file is empty", document.root),), complete=False)
    if document.mistakes:
        return Meaning((_syntax(document.mistakes[0]),), complete=False)
    meaning = read_tree(document.root, release)
    if document.invalid_text is not None and release.reaches("0.27"):
        said = Complaint(Matter.SYNTAX, "a string is not valid Unicode", None, span=document.invalid_text)
        meaning = Meaning((said, *meaning.complaints), complete=False)
    return meaning


def read_tree(root: Node, release: Release) -> Meaning:
    """The meaning of a tree for a release."""
    if isinstance(root, Untold):
        return Meaning(complete=False)
    engine = SecondEngine(release) if release.reaches("0.26") else FirstEngine(release)
    return engine.read(root)


def _syntax(mistake: SyntaxMistake) -> Complaint:
    change = None
    if mistake.insert is not None and mistake.insert_at is not None:
        change = Change(
            f"write {mistake.insert.strip() or 'a line ending'}", span=mistake.insert_at, raw=mistake.insert
        )
    return Complaint(Matter.SYNTAX, mistake.message, None, change=change, span=mistake.span)
