"""What Zalo's error codes mean for the message that met them, in one table.

Transcribed in November 2026 from the platform's published tables of OA and ZBS (formerly ZNS) errors.
"""

from __future__ import annotations

from enum import Enum, auto


class Means(Enum):
    """What to do about an error."""

    LATER = auto()  # too many calls, or a hiccup
    TOMORROW = auto()  # today's or this person's share is used up
    MORNING = auto()  # not at night
    TOKEN = auto()  # fetch another token, and try once more
    UPLOAD = auto()  # the picture must be handed in again
    CLOSED = auto()  # the window of seven days is over
    GONE = auto()  # this person can't be reached
    NEVER = auto()  # not this message: it would fail again
    HUMAN = auto()  # somebody must mend something at Zalo's
    UNKNOWN = auto()


OA: dict[int, Means] = {
    -32: Means.LATER,
    -100: Means.UPLOAD,
    -200: Means.LATER,
    -201: Means.NEVER,
    -204: Means.HUMAN,
    -205: Means.HUMAN,
    -209: Means.HUMAN,
    -210: Means.NEVER,
    -211: Means.TOMORROW,
    -212: Means.HUMAN,
    -213: Means.GONE,
    -216: Means.TOKEN,
    -217: Means.GONE,
    -218: Means.TOMORROW,
    -219: Means.HUMAN,
    -220: Means.TOKEN,
    -221: Means.HUMAN,
    -223: Means.HUMAN,
    -224: Means.HUMAN,
    -227: Means.GONE,
    -230: Means.CLOSED,
    -232: Means.CLOSED,
    -233: Means.NEVER,
    -234: Means.MORNING,
    -235: Means.HUMAN,
    -240: Means.NEVER,
    -242: Means.HUMAN,
    -244: Means.GONE,
    -248: Means.NEVER,
    -249: Means.NEVER,
    -320: Means.HUMAN,
    -321: Means.HUMAN,
}

BOT: dict[int, Means] = {  # the smaller Bot platform, whose codes are those of HTTP
    400: Means.NEVER,
    401: Means.HUMAN,
    403: Means.LATER,  # labelled "Internal server error"
    404: Means.NEVER,
    408: Means.LATER,
    426: Means.TOMORROW,
    429: Means.TOMORROW,
}

ZNS: dict[int, Means] = {
    -100: Means.LATER,
    **dict.fromkeys((-101, -102, -103, -104, -105, -115, -117, -120, -125, -135, -1351, -136, -137), Means.HUMAN),
    **dict.fromkeys((-138, -1381, -146, -131, -1241), Means.HUMAN),
    **dict.fromkeys((-108, -109, -111, -112, -1121, -1122, -1124, -116, -121, -122, -130, -132), Means.NEVER),
    **dict.fromkeys((-114, -118, -119, -139, -140, -141, -110), Means.GONE),
    **dict.fromkeys((-144, -1441, -147, -1471, -1472), Means.TOMORROW),
    -124: Means.TOKEN,
    -133: Means.MORNING,
}
