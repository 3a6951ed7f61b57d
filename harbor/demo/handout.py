"""What a visitor gets: addresses, credentials, and commands that are ready to paste."""

from pydantic import BaseModel, ConfigDict

from harbor.demo.sender import POSITIONS_PATH, TrackerKey

# The fairway off the visitor's berth: ten places, 60 m from one to the next, all of them
# 400 to 720 m from the berth. The second at which the command runs chooses.
FAIRWAY_LATITUDE = "57.6851"
FAIRWAY_LONGITUDE = "11.86'$((T % 10))'5"

PING = """\
URL='{url}'; TRACKER='{tracker}'; SECRET='{secret}'; T=$(date +%s)
BODY='{{"recorded_at":"'$(date -u +%Y-%m-%dT%H:%M:%SZ)'","latitude":{latitude},\
"longitude":{longitude},"speed_knots":5.5,"course_degrees":250,"heading_degrees":250}}'
KEY=$(printf %s "${{SECRET#whsec_}}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')
SIGNATURE=$(printf %s "demo-$T.$T.$BODY" | \
openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | openssl base64 -A)
curl -sS -i "$URL{path}" -H 'content-type: application/json' \
-H "harbor-tracker: $TRACKER" -H "webhook-id: demo-$T" -H "webhook-timestamp: $T" \
-H "webhook-signature: v1,$SIGNATURE" --data-binary "$BODY"
"""


class Commands(BaseModel):
    """For any POSIX shell with curl and openssl."""

    model_config = ConfigDict(frozen=True)

    ping: str
    vessels: str
    stream: str


class Handout(BaseModel):
    """demo.json."""

    model_config = ConfigDict(frozen=True)

    url: str
    map_url: str
    username: str
    password: str
    api_key: str
    vessel: str
    vessel_id: str
    tracker_id: str
    tracker_secret: str
    database_url: str
    valkey_url: str
    commands: Commands


def commands(url: str, api_key: str, tracker: TrackerKey) -> Commands:
    bearer = f"-H 'Authorization: Bearer {api_key}'"
    return Commands(
        ping=PING.format(
            url=url,
            path=POSITIONS_PATH,
            tracker=tracker.id,
            secret=tracker.secret,
            latitude=FAIRWAY_LATITUDE,
            longitude=FAIRWAY_LONGITUDE,
        ),
        vessels=f"curl -sS {bearer} {url}/api/v1/vessels",
        stream=f"curl -sSN {bearer} {url}/stream",
    )
