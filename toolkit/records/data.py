"""The record of a data set made ready."""

from dataclasses import dataclass
from typing import ClassVar

from toolkit.records.member import ProbeReference
from toolkit.records.parts import Part


@dataclass(frozen=True, kw_only=True)
class Factor(Part):
    """A factor of variation, and how many values it takes."""

    name: str
    size: int


@dataclass(frozen=True, kw_only=True)
class DataRecord(Part):
    """A data set as its folder keeps it, in `data.json`; written after all its files.

    It is no `Record`, because its `digest` is that of the images and not of its JSON form.

    Arguments:
        name: of its source; params.yaml may call the data set otherwise.
        digest: of the images and factors.
        image_shape: channels, height, width.
        count: number of images.
        train, held_out: how many images training sees, and how many it never sees.
        probe: which images every member answers.
        factors: in the order of the columns; none where they are not known.
    """

    FILE: ClassVar[str] = "data.json"
    SCHEMA: ClassVar[str] = "data/1"

    name: str
    digest: str
    image_shape: tuple[int, ...]
    count: int
    train: int
    held_out: int
    probe: ProbeReference
    factors: tuple[Factor, ...]

    def to_json(self) -> dict[str, object]:
        """The schema and the fields as JSON holds them."""
        return {"schema": self.SCHEMA, **super().to_json()}
