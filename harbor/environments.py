"""Where Harbor runs, and what that asks of its settings; the only reader of the environment."""

from typing import Literal, Self

from pydantic import SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from harbor.config import Settings
from harbor.errors import Misconfigured

SECRET_LENGTH_MIN = 32
"""Characters a secret has at least; 32 random bytes in hex or base64 are more."""

DEVELOPMENT_SECRET = "development-only-secret-not-for-production"  # noqa: S105 - named so
DEVELOPMENT_MASTER_KEY = "ZGV2ZWxvcG1lbnQtb25seS1rZXktbm90LWZvci1wcm8="


class Development(Settings):
    """On a developer's machine: works with no secrets set, cookies over plain HTTP."""

    environment: Literal["development", "testing", "production"] = "development"
    secret_key: SecretStr = SecretStr(DEVELOPMENT_SECRET)
    master_key: SecretStr = SecretStr(DEVELOPMENT_MASTER_KEY)
    cookie_secure: bool = False


class Testing(Development):
    """In the test suite: as development, with everything handed in and no `.env`."""

    model_config = SettingsConfigDict(env_file=None)

    environment: Literal["development", "testing", "production"] = "testing"


class Production(Settings):
    """Serving a fleet: refuses missing, short and default secrets."""

    @model_validator(mode="after")
    def secrets_are_set(self) -> Self:
        complaints = [
            complaint
            for name, value, default in (
                ("HARBOR_SECRET_KEY", self.secret_key, DEVELOPMENT_SECRET),
                ("HARBOR_MASTER_KEY", self.master_key, DEVELOPMENT_MASTER_KEY),
            )
            if (complaint := weakness(name, value.get_secret_value(), default))
        ]
        if not self.database_url.get_secret_value():
            complaints.append("HARBOR_DATABASE_URL is missing")
        if complaints:
            raise ValueError("; ".join(complaints))
        return self


def weakness(name: str, value: str, default: str) -> str | None:
    """What is wrong with a secret, in words that never contain it."""
    if not value:
        return f"{name} is missing"
    if default in value.split(","):
        return f"{name} is the development default"
    if len(value) < SECRET_LENGTH_MIN:
        return f"{name} has {len(value)} characters, at least {SECRET_LENGTH_MIN} are needed"
    if len(set(value)) < 8:
        return f"{name} repeats so few characters that it can be guessed"
    return None


ENVIRONMENTS: dict[str, type[Settings]] = {
    "development": Development,
    "testing": Testing,
    "production": Production,
}


class Which(BaseSettings):
    """Only HARBOR_ENV, from the environment or `.env`: it decides on the class of the rest."""

    model_config = SettingsConfigDict(env_prefix="HARBOR_", env_file=".env", extra="ignore")

    env: str = "production"


def load() -> Settings:
    """Read the settings from the environment; raises Misconfigured, naming each fault."""
    environment = Which().env
    if environment not in ENVIRONMENTS:
        raise Misconfigured(
            f"HARBOR_ENV is {environment!r}; it can be {', '.join(ENVIRONMENTS)}"
        )
    try:
        return ENVIRONMENTS[environment](environment=environment)
    except ValueError as error:
        raise Misconfigured(explain(error)) from None


def explain(error: ValueError) -> str:
    """Pydantic's complaints by the operator's names, without the values."""
    if not isinstance(error, ValidationError):
        return str(error)
    lines = []
    for fault in error.errors(include_input=False, include_url=False):
        name = "_".join(str(part) for part in fault["loc"])
        prefix = f"HARBOR_{name.upper()}: " if name else ""
        lines.append(prefix + fault["msg"].removeprefix("Value error, "))
    return "; ".join(lines)
