// Runs in the page once it is there: marks in the browser's trace where drawing begins and ends.
// A mark carries the CPU time of its thread, which no clock of a page can tell.
(async () => {
  const urls = performance.getEntriesByType("resource").map(({ name }) => name);
  const { CanvasLayer } = await import(urls.find((url) => url.endsWith("/js/canvas-layer.js")));
  let depth = 0;
  for (const name of ["redraw", "refresh"]) {
    const draw = CanvasLayer.prototype[name];
    CanvasLayer.prototype[name] = function (...given) {
      if (depth === 0) console.timeStamp("bench:draw");
      depth += 1;
      try {
        return draw.apply(this, given);
      } finally {
        depth -= 1;
        if (depth === 0) console.timeStamp("bench:drawn");
      }
    };
  }
})();
