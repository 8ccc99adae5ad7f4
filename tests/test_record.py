"""Records and entities: what of dataclasses they keep."""

from __future__ import annotations

from functools import cached_property

import pytest

from hslint.record import Entity, Record, replace


class Point(Record):
    x: int
    y: int = 0

    @property
    def sum(self) -> int:
        return self.x + self.y


class Named(Point):
    name: str = "origin"


class Other(Record):
    x: int
    y: int = 0


class Nothing(Record):
    pass


class Remembering(Record):
    text: str

    @cached_property
    def shouted(self) -> str:
        return self.text.upper()


class Box(Entity):
    content: str = ""


def test_a_record_takes_its_fields_by_place_by_name_and_by_default() -> None:
    """As a dataclass's constructor does, in the order of the annotations."""
    assert [Point(1, 2), Point(1), Point(y=2, x=1)] == [Point(1, 2), Point(1, 0), Point(1, 2)]
    assert Point(1, 2).sum == 3


@pytest.mark.parametrize(("given", "named"), [((), {}), ((1, 2, 3), {}), ((1,), {"z": 2}), ((1,), {"x": 2})])
def test_a_record_refuses_fields_that_it_does_not_have_or_lacks(given: tuple[int, ...], named: dict[str, int]) -> None:
    """The first instance and all later ones alike."""
    for _ in range(2):
        with pytest.raises(TypeError, match="__init__"):
            Point(*given, **named)


def test_fields_of_the_class_above_come_first() -> None:
    """Also when the class above has had its first instance before."""
    Point(1)
    named = Named(1, 2, "a")
    assert (named.x, named.y, named.name, named.sum) == (1, 2, "a", 3)
    assert Named(1).name == "origin"


def test_a_record_cannot_be_changed() -> None:
    """Neither a field nor anything else."""
    point = Point(1)
    for name in ("x", "other"):
        with pytest.raises(AttributeError, match=f"{name} of a Point cannot be set"):
            setattr(point, name, 2)


def test_records_are_equal_when_their_class_and_fields_are() -> None:
    """And then they are one key."""
    assert Point(1, 2) == Point(1, 2)
    assert Point(1, 2) != Point(1, 3)
    assert Point(1, 2) != Other(1, 2)
    assert Nothing() == Nothing()
    assert {Point(1, 2), Point(1, 2), Other(1, 2)} == {Point(1, 2), Other(1, 2)}


def test_a_record_shows_its_fields() -> None:
    """For whoever reads a failing test."""
    assert repr(Named(1, name="a")) == "Named(x=1, y=0, name='a')"


def test_a_record_is_taken_apart_by_place() -> None:
    """In `match`, as a dataclass is."""
    match Named(1, 2, "a"):
        case Named(x, y, name):
            assert (x, y, name) == (1, 2, "a")


def test_a_cached_property_is_computed_once() -> None:
    """A record that has one keeps what it gave."""
    record = Remembering("a")
    assert record.shouted is record.shouted
    assert record.shouted == "A"


def test_replaced_fields_leave_the_record_as_it_was() -> None:
    """The copy has them, and the rest."""
    point = Point(1, 2)
    assert replace(point, y=3) == Point(1, 3)
    assert point == Point(1, 2)


def test_an_entity_is_itself_only_and_its_fields_may_be_set() -> None:
    """Two with the same content are two."""
    box, other = Box(), Box()
    box.content = other.content = "a"
    assert box != other
    assert len({box, other}) == 2
