"""A page's stream on which the test speaks, in place of the server's."""

from playwright.sync_api import Page

from tests.builders import moment

SPOKEN_STREAM = """
    const real = globalThis.fetch;
    globalThis.asked = [];
    globalThis.fetch = (url, options) => {
        if (!String(url).endsWith("/stream")) return real(url, options);
        asked.push({at: Date.now(), last: options.headers.get("Last-Event-ID")});
        const body = new ReadableStream({
            start(controller) {
                const encoder = new TextEncoder();
                globalThis.hear = (text) => controller.enqueue(encoder.encode(text));
                globalThis.end = () => controller.close();
            },
        });
        const headers = {"Content-Type": "text/event-stream"};
        return Promise.resolve(new Response(body, {headers}));
    };
"""
OPENING = 'retry: 100\n\nid: e-1\nevent: snapshot\ndata: {"features": [%s]}\n\n'
FEATURE = (
    '{"type": "Feature", "id": "%s", "geometry": {"type": "Point", "coordinates": [11.8, %s]},'
    ' "properties": {"name": "Vinga", "recorded_at": "%s", "state": "live"%s}}'
)


def hear(page: Page, text: str) -> None:
    page.evaluate("text => hear(text)", text)


def feature(latitude: float, more: str = "", vessel: str = "a") -> str:
    return FEATURE % (vessel, latitude, moment(), more)
