"""The contract: what the model is asked, and what it answers. An example; write yours over it."""

from typing import Annotated, Literal

import bascule as bl
from bascule import Doc, Gt, Unit


class Part(bl.Record):
    """One part, as it leaves the machine."""

    length: Annotated[float, Gt(0), Unit("mm"), Doc("over all, measured cold")]
    weight: Annotated[float | None, Gt(0), Unit("g"), Doc("where the scale was free")]
    line: Annotated[Literal["A", "B"], Doc("machine that made it")]


class Quality(bl.Label):
    """What the inspector said."""

    GOOD = "good"
    BAD = "bad"


class InspectedPart(Part):
    """A part and what the inspector said of it: one row of the data set."""

    quality: Annotated[Quality, Doc("what the inspector said")]


class PartQuality(bl.Model[Part, Quality]):
    """Is this part good?"""
