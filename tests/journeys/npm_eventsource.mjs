// npm's `eventsource` as a partner's program uses it: prints what it hears, as it was written.
// Arguments: the package's entry, the stream's URL, the API key. Ends with its standard input.

const [entry, url, key] = process.argv.slice(2);
const { EventSource } = await import(entry);
const KINDS = ["snapshot", "position", "late", "vessel", "feed", "merged", "resync", "reconnect"];

const source = new EventSource(url, {
  fetch: (address, options) =>
    fetch(address, { ...options, headers: { ...options.headers, Authorization: `Bearer ${key}` } }),
});
for (const kind of KINDS) {
  source.addEventListener(kind, ({ lastEventId, data }) => {
    process.stdout.write(`id: ${lastEventId}\nevent: ${kind}\ndata: ${data}\n\n`);
  });
}
source.addEventListener("error", ({ code }) => {
  if (code) process.stdout.write(`event: refused\ndata: ${code}\n\n`);
});
process.stdin.on("end", () => process.exit(0)).resume();
