"""What can't be right, in numbers: Harbor's settings, and what a fleet changes of them."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from harbor.config import RECORDED_AT_MIN, Knots, Metres, Seconds
from harbor.errors import FieldError, Invalid
from harbor.fleet.vessel import Kind

BY_KIND = "speed_knots_max_by_kind"


class Thresholds(BaseModel):
    """Every member has the name of its setting, where its meaning stands."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    clock_skew_allowed_s: Annotated[int, Field(ge=0)]
    recorded_at_min: Annotated[AwareDatetime, Field(ge=RECORDED_AT_MIN)]
    rollover_tolerance_hours: Annotated[int, Field(ge=1, le=24 * 7)]
    null_island_degrees: Annotated[float, Field(gt=0, le=1)]
    speed_knots_max: Knots
    speed_knots_max_by_kind: dict[Kind, Knots]
    jump_metres_min: Metres
    stuck_metres_min: Metres
    stuck_seconds_min: Seconds

    def speed_limit_knots(self, kind: Kind) -> float:
        return self.speed_knots_max_by_kind.get(kind, self.speed_knots_max)

    def changed_by(self, overrides: Mapping[str, Any]) -> Self:
        """As `overrides` say, and else as here; raises Invalid, naming each fault."""
        given = self.model_dump() | dict(overrides)
        by_kind = overrides.get(BY_KIND, {})
        given[BY_KIND] = by_kind
        if isinstance(by_kind, Mapping):
            given[BY_KIND] = {**self.speed_knots_max_by_kind, **by_kind}
        try:
            return type(self).model_validate(given)
        except ValidationError as error:
            raise Invalid(*_complaints(error)) from None


def _complaints(error: ValidationError) -> tuple[str, tuple[FieldError, ...]]:
    faults = [
        (".".join(str(part) for part in fault["loc"] if part != "[key]"), fault)
        for fault in error.errors(include_url=False, include_input=False)
    ]
    fields = tuple(
        FieldError("/" + name.replace(".", "/"), fault["type"], fault["msg"])
        for name, fault in faults
    )
    return "; ".join(f"{name}: {fault['msg']}" for name, fault in faults), fields
