"""docs/trackers: the requests that its pages tell a reader to try."""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

PAGES = Path(__file__).parents[2] / "docs" / "trackers"
DATES = re.compile(r"\$\(date (?:-u )?\+([^)]*)\)")
ANSWER = re.compile(r"answer(?: is|ed) `([^`]+)`")


@dataclass(frozen=True)
class Request:
    """One curl of a page: GET when it has no body."""

    path: str
    query: str
    body: str
    user: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def format_name(self):
        return self.path.split("/")[4]


def read(page):
    return (PAGES / f"{page}.md").read_text()


def answer_on(page):
    """What the page says that Harbor answers."""
    [answer] = ANSWER.findall(read(page))
    return answer


def requests_on(page, now, token):
    """Each curl of the page, as a shell would send it now."""
    shell = {"$HARBOR": "https://fleet.example.com", "$TOKEN": token}
    for block in re.findall(r"```sh\n(.*?)```", read(page), re.DOTALL):
        for command in re.split(r"\n(?=curl)", block.replace("\\\n", ""))[1:]:
            told = DATES.sub(lambda found: date(now, found[1]), command)
            for name, value in shell.items():
                told = told.replace(name, value)
            yield request_of(shlex.split(told))


def date(now, form):
    return str(int(now.timestamp())) if form == "%s" else now.strftime(form)


def request_of(words):
    _, address, *options = words
    given = list(zip(options[::2], options[1::2], strict=True))
    parts = urlsplit(address)
    return Request(
        path=parts.path,
        query=parts.query,
        body="".join(value for name, value in given if name == "--data"),
        user="".join(value for name, value in given if name == "--user"),
        headers=dict(value.split(": ") for name, value in given if name == "--header"),
    )
