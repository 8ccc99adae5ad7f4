"""Removes inspected projects from `sys.path`: no module and no plugin comes from the working directory or the project.

Python looks for modules in the working directory first (`python -m hslint`), and in every directory of PYTHONPATH; a repository under
inspection may hold a `click.py`, a `json.py`, or a package that announces rules. This module imports only what Python has loaded before it
(not even `__future__`, which is a file like any other).
"""

import os
import sys


def exclude_inspected(arguments: list[str]) -> None:
    """Take what lies in an inspected project out of `sys.path`; `arguments` are those of the command line.

    Kept are the interpreter's own directories, also those of a virtual environment inside the project, and what `.pth` files in
    them name: whoever installs a package there means to run it.
    """
    try:
        here = os.path.realpath(os.getcwd())
    except FileNotFoundError:
        return  # the directory was deleted, and with it what could have been imported
    own = _own(here)
    given = _from_environment()
    roots = _roots([here, *arguments]) if given else frozenset[str]()

    def may_be_imported(entry: str) -> bool:
        real = os.path.realpath(entry)
        if not os.path.isabs(entry):
            return False
        return real in own or not (real == here or (real in given and any(_in(real, root) for root in roots)))

    sys.path[:] = filter(may_be_imported, sys.path)


def _roots(paths: list[str]) -> frozenset[str]:
    """The projects around paths, of which some may be no paths at all."""
    return frozenset(_root(os.path.realpath(path)) for path in paths if os.path.exists(path))


def _root(place: str) -> str:
    """The directory of the repository around a place, else of the flake, else the place's own."""
    directory = place if os.path.isdir(place) else os.path.dirname(place)
    above, flake = directory, None
    while True:
        if os.path.exists(os.path.join(above, ".git")):
            return above
        if flake is None and os.path.exists(os.path.join(above, "flake.nix")):
            flake = above
        if above == os.path.dirname(above):
            return flake or directory
        above = os.path.dirname(above)


def _from_environment() -> frozenset[str]:
    """The real paths of what PYTHONPATH adds."""
    named = None if sys.flags.ignore_environment else os.environ.get("PYTHONPATH")
    return frozenset(map(os.path.realpath, named.split(os.pathsep))) if named else frozenset()


def _own(here: str) -> frozenset[str]:
    """The real paths of the standard library, of site-packages, and of the directory that hslint was loaded from."""
    found = [os.path.dirname(os.__file__)]
    site = sys.modules.get("site")  # not there with `python -S`, which has no site-packages either
    if site is not None:
        found += [*site.getsitepackages(), site.getusersitepackages()]
    hslint = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    return frozenset([*map(os.path.realpath, found), *({hslint} - {here})])


def _in(path: str, directory: str) -> bool:
    return path == directory or path.startswith(directory.rstrip("/") + "/")
