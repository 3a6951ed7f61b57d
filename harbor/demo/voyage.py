"""The demo from its start to its end: servers, tables, roster, Harbor, then the sailing."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from random import Random
from time import monotonic, sleep, time
from typing import ClassVar

import psutil
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from harbor.demo.folder import LOG, Folder
from harbor.demo.handout import Handout, commands
from harbor.demo.roster import Roster, migrate, sign_on
from harbor.demo.sailing import fleet
from harbor.demo.sender import HttpDoor, Sender, Tracker
from harbor.demo.server import Server
from harbor.demo.services import PostgresService, ValkeyService
from harbor.demo.web import WebService
from harbor.environments import Development
from harbor.errors import HarborError

Step = Callable[[str], AbstractContextManager[None]]
"""Tells the user what is being done, and how long it took."""

MAP_HOME = "57.69,11.76,10"
"""Latitude, longitude and zoom at which every berth of the fleet is on a laptop's screen."""
ANY_SPEED_KNOTS = "1000000000"
"""A visitor's ping may jump anywhere."""
CATCH_UP_S = 20.0
VALKEY_AWAY_S = 10.0
WATCH_S = 0.25
POSTGRES_END_S, VALKEY_END_S, HARBOR_END_S = 1.2, 0.6, 2.4
"""How long each may take to end: less than five seconds together."""


class EndedEarly(HarborError):
    """One of the demo's servers ended by itself; which, and its last words."""


class GivenSettings(Development):
    """Only what is handed in: nothing of the caller's environment, and no `.env`."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(env_file=None)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


class Voyage:
    """Everything that runs, on a claimed folder. Use `start`, `sail`, and always `end`."""

    def __init__(self, folder: Folder, port: int | None = None) -> None:
        self.folder = folder
        self._port = port
        self._servers: list[Server] = []
        self._ending = ExitStack()
        self.sender: Sender | None = None
        self._valkey_missed_at: float | None = None
        self._began_at = psutil.Process().create_time()

    @property
    def notes(self) -> list[str]:
        """What the user should be told of the servers, mostly nothing."""
        return [server.note for server in self._servers if server.note]

    @property
    def seconds(self) -> float:
        """Since this process was made, its imports included."""
        return time() - self._began_at

    def start(self, step: Step) -> Handout:
        """Raises DidNotStart, Unusable."""
        postgres = PostgresService(self.folder.path / "postgres")
        valkey = ValkeyService(self.folder.path / "valkey")
        keys = self.folder.keys()
        with step("PostgreSQL"):
            self._start(postgres, POSTGRES_END_S)
        with step("Valkey"):
            self._start(valkey, VALKEY_END_S)
        given = {
            "database_url": postgres.url,
            "valkey_url": valkey.url,
            "secret_key": keys.secret_key,
            "master_key": keys.master_key,
        }
        settings = GivenSettings.model_validate({**given, "log_level": "ERROR"})
        with step("Tables"):
            migrate(settings)
        with step("Fleet, dispatcher, API key"):
            roster = sign_on(settings, keys, self.folder.keep)
        web = WebService(
            self.folder.path / "web",
            self.folder.path / LOG,
            harbor_variables(given),
            self._port,
        )
        with step("Harbor"):
            self._start(web, HARBOR_END_S)
        with step("The last half hour at sea"):
            self.sender = crew(roster, web.port)
            self._ending.callback(self.sender.close)
            self._catch_up(self.sender)
        handout = hand_out(roster, postgres, valkey, web)
        self.folder.hand_out(handout.model_dump_json(indent=2) + "\n")
        return handout

    def sail(self, is_over: Callable[[], bool], say: Callable[[str], None]) -> None:
        """Send until it is over. Raises EndedEarly when a server ends by itself.

        Valkey may: Harbor goes on without it, and after a while it is started again.
        """
        if self.sender is None:
            return
        looked_at = monotonic()
        while not is_over():
            pause_s = self.sender.step(datetime.now(UTC))
            if monotonic() - looked_at >= WATCH_S:
                self._watch(say)
                looked_at = monotonic()
            sleep(min(pause_s, WATCH_S))

    def end(self) -> None:
        """Harbor first, so that it takes leave of its readers; then what it stands on."""
        self._ending.close()

    def _start(self, server: Server, end_s: float) -> None:
        self._ending.callback(server.stop, end_s)
        server.start()
        self._servers.append(server)

    def _catch_up(self, sender: Sender) -> None:
        """Until the server has all that came before, so that the map opens with tracks."""
        deadline = monotonic() + CATCH_UP_S
        while not sender.is_caught_up and monotonic() < deadline:
            self._watch(say=lambda _: None)
            sleep(min(sender.step(datetime.now(UTC)), WATCH_S))

    def _watch(self, say: Callable[[str], None]) -> None:
        for server in self._servers:
            if server.is_running():
                continue
            if isinstance(server, ValkeyService):
                self._do_without(server, say)
                continue
            raise EndedEarly(
                f"{server.program} ended by itself. The end of {server.log.path}:\n"
                f"{server.log.last_lines()}"
            )

    def _do_without(self, valkey: ValkeyService, say: Callable[[str], None]) -> None:
        """Long enough to see on the map what its absence costs: liveness, no position."""
        if self._valkey_missed_at is None:
            self._valkey_missed_at = monotonic()
            say(
                "Valkey ended. No position is lost: the map says that the feed is stale."
                f" It is started again in {VALKEY_AWAY_S:.0f} s."
            )
        elif monotonic() - self._valkey_missed_at >= VALKEY_AWAY_S:
            valkey.start()
            self._valkey_missed_at = None
            say("Valkey is back: what waited is sent now.")


def crew(roster: Roster, port: int) -> Sender:
    """A tracker with a connection of its own for every vessel."""
    now = datetime.now(UTC)
    random = Random()  # noqa: S311 - spreads the pings, not a secret
    keys = roster.keys.trackers
    return Sender(
        [
            Tracker(vessel, keys[vessel.imo_number], HttpDoor(port), now, random)
            for vessel in fleet()
        ]
    )


def harbor_variables(given: dict[str, str]) -> dict[str, str]:
    """The environment of the demo's Harbor."""
    settings = {
        **given,
        "env": "development",
        "workers": "2",
        "drain_s": "0.5",
        "map_home": MAP_HOME,
        "speed_knots_max": ANY_SPEED_KNOTS,
    }
    return {f"HARBOR_{name.upper()}": value for name, value in settings.items()}


def hand_out(
    roster: Roster, postgres: PostgresService, valkey: ValkeyService, web: WebService
) -> Handout:
    (visitor,) = (vessel for vessel in fleet() if vessel.visitor)
    keys, tracker = roster.keys, roster.keys.trackers[visitor.imo_number]
    return Handout(
        url=web.url,
        map_url=f"{web.url}/fleet/map",
        username=keys.username,
        password=keys.password,
        api_key=keys.api_key,
        vessel=visitor.name,
        vessel_id=str(roster.vessel_ids[visitor.imo_number]),
        tracker_id=tracker.id,
        tracker_secret=tracker.secret,
        database_url=postgres.url,
        valkey_url=valkey.url,
        commands=commands(web.url, keys.api_key, tracker),
    )
