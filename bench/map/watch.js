// Runs in the page before its own scripts: adds up how long they run between two frames.
// Whatever is called from outside counts: frames, timers, messages of the stream, observers.
(() => {
  let depth = 0;
  let sum_ms = 0;
  let drawn_ms = 0;
  const frames = (globalThis.benchFrames = { script_ms: [], draw_ms: [], at_ms: [] });

  // Called once the page is there: its canvas layers are timed by themselves too.
  globalThis.benchDrawing = async () => {
    const urls = performance.getEntriesByType("resource").map(({ name }) => name);
    const { CanvasLayer } = await import(urls.find((url) => url.endsWith("/js/canvas-layer.js")));
    const { redraw } = CanvasLayer.prototype;
    CanvasLayer.prototype.redraw = function (...given) {
      const began = performance.now();
      redraw.apply(this, given);
      drawn_ms += performance.now() - began;
    };
  };

  const timed = (call) =>
    function (...given) {
      if (depth > 0) return call.apply(this, given);
      depth += 1;
      const began = performance.now();
      try {
        return call.apply(this, given);
      } finally {
        depth -= 1;
        sum_ms += performance.now() - began;
      }
    };

  for (const name of ["requestAnimationFrame", "setTimeout", "setInterval", "queueMicrotask"]) {
    const original = globalThis[name];
    globalThis[name] = (call, ...more) =>
      original.call(globalThis, typeof call === "function" ? timed(call) : call, ...more);
    if (name === "requestAnimationFrame") watchFrames(original);
  }
  const { set, get } = Object.getOwnPropertyDescriptor(MessagePort.prototype, "onmessage");
  Object.defineProperty(MessagePort.prototype, "onmessage", {
    get,
    set(call) {
      set.call(this, call && timed(call));
    },
  });
  const listen = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (kind, call, options) {
    return listen.call(this, kind, typeof call === "function" ? wrapped(call) : call, options);
  };
  const remove = EventTarget.prototype.removeEventListener;
  EventTarget.prototype.removeEventListener = function (kind, call, options) {
    return remove.call(this, kind, typeof call === "function" ? wrapped(call) : call, options);
  };
  const wraps = new WeakMap();
  function wrapped(call) {
    if (!wraps.has(call)) wraps.set(call, timed(call));
    return wraps.get(call);
  }

  function watchFrames(next) {
    const note = (now_ms) => {
      frames.at_ms.push(now_ms);
      frames.script_ms.push(sum_ms);
      frames.draw_ms.push(drawn_ms);
      sum_ms = drawn_ms = 0;
      next.call(globalThis, note);
    };
    next.call(globalThis, note);
  }
})();
