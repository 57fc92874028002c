"""What the groups of the merchant's decisions have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=256)]


class Policy(BaseModel):
    """A group of decisions; a key nobody knows is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)
