"""The paths of the Signal K model that Harbor reads; a gateway subscribes to these only."""

POSITION = "navigation.position"
SPEED = "navigation.speedOverGround"
COURSE = "navigation.courseOverGroundTrue"
COURSE_MAGNETIC = "navigation.courseOverGroundMagnetic"
HEADING = "navigation.headingTrue"
HEADING_MAGNETIC = "navigation.headingMagnetic"
VARIATION = "navigation.magneticVariation"
STATE = "navigation.state"
MAN_OVERBOARD = "notifications.mob"
SPEED_THROUGH_WATER = "navigation.speedThroughWater"
RATE_OF_TURN = "navigation.rateOfTurn"
SATELLITES = "navigation.gnss.satellites"
HDOP = "navigation.gnss.horizontalDilution"
DEPTH_BELOW_TRANSDUCER = "environment.depth.belowTransducer"
DEPTH_BELOW_SURFACE = "environment.depth.belowSurface"
DEPTH_BELOW_KEEL = "environment.depth.belowKeel"
WATER_TEMPERATURE = "environment.water.temperature"
WIND_SPEED = "environment.wind.speedTrue"

MOVING = (SPEED, COURSE, COURSE_MAGNETIC, HEADING, HEADING_MAGNETIC)
EXTRAS = (
    SPEED_THROUGH_WATER,
    RATE_OF_TURN,
    SATELLITES,
    HDOP,
    DEPTH_BELOW_TRANSDUCER,
    DEPTH_BELOW_SURFACE,
    DEPTH_BELOW_KEEL,
    WATER_TEMPERATURE,
    WIND_SPEED,
)
PARTICULARS = (
    "name",
    "communication.callsignVhf",
    "registrations.imo",
    "design.aisShipType",
    "design.length",
    "design.length.overall",
    "design.beam",
    "design.draft",
    "design.draft.current",
    "navigation.destination.commonName",
)
