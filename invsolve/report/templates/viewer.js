"use strict";
// Players that run, zoom and move together, and a slider between two of them. Each picture is a sheet of frames.
(() => {
  document.documentElement.classList.add("js");
  const MAGMA = ["#000004", "#180f3d", "#440f76", "#721f81", "#9e2f7f", "#cd4071", "#f1605d", "#fd9668", "#feca8d", "#fcfdbf"]
    .map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  const MOST_ZOOM = 32;
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

  function magma(level) {
    const place = (level / 255) * (MAGMA.length - 1);
    const below = Math.min(MAGMA.length - 2, Math.floor(place));
    return MAGMA[below].map((from, channel) => from + (MAGMA[below + 1][channel] - from) * (place - below));
  }

  // One picture: its sheet as pixels, coloured if it is a map.
  function source(figure, image) {
    const data = figure.dataset;
    const numbers = Object.fromEntries(["frames", "columns", "width", "height"].map((key) => [key, Number(data[key])]));
    const pixels = document.createElement("canvas");
    [pixels.width, pixels.height] = [image.naturalWidth, image.naturalHeight];
    const context = pixels.getContext("2d", { willReadFrequently: true });
    context.drawImage(image, 0, 0);
    let levels = null;
    if (data.highest) {
      const content = context.getImageData(0, 0, pixels.width, pixels.height);
      levels = new Uint8Array(pixels.width * pixels.height);
      for (let at = 0; at < levels.length; at++) {
        levels[at] = content.data[4 * at];
        content.data.set(magma(levels[at]), 4 * at);
      }
      context.putImageData(content, 0, 0);
    }
    return { ...numbers, name: data.name, pixels, context, levels, highest: Number(data.highest) };
  }

  const offset = (from, state) => {
    const frame = Math.min(from.frames - 1, Math.floor((state.frame * from.frames) / state.frames));
    return [(frame % from.columns) * from.width, Math.floor(frame / from.columns) * from.height];
  };

  function draw(canvas, from, state, left = 0, right = 1) {
    const context = canvas.getContext("2d");
    const [x, y] = offset(from, state);
    const size = 1 / state.zoom;
    const [wide, high] = [from.width * size, from.height * size];
    const [across, down] = [x + (state.x - size / 2) * from.width, y + (state.y - size / 2) * from.height];
    context.imageSmoothingEnabled = canvas.width < 2 * wide;
    context.imageSmoothingQuality = "high";
    context.drawImage(from.pixels, across + left * wide, down, (right - left) * wide, high,
      left * canvas.width, 0, (right - left) * canvas.width, canvas.height);
  }

  function sized(canvas, from) {
    const wide = Math.max(1, Math.round(canvas.clientWidth * devicePixelRatio));
    const high = Math.max(1, Math.round((wide * from.height) / from.width));
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
  }

  function value(from, state, u, v) {
    const [x, y] = offset(from, state);
    const column = clamp(Math.floor((state.x + (u - 0.5) / state.zoom) * from.width), 0, from.width - 1);
    const row = clamp(Math.floor((state.y + (v - 0.5) / state.zoom) * from.height), 0, from.height - 1);
    if (from.levels) return ((from.levels[(y + row) * from.pixels.width + x + column] / 255) * from.highest).toFixed(3);
    const [red, green, blue] = from.context.getImageData(x + column, y + row, 1, 1).data;
    const parts = red === green && green === blue ? [red] : [red, green, blue];
    return parts.map((part) => (part / 255).toFixed(2)).join(" ");
  }

  function cross(canvas, u, v) {
    const context = canvas.getContext("2d");
    const [x, y, arm] = [u * canvas.width, v * canvas.height, 9 * devicePixelRatio];
    for (const [colour, width] of [["#000", 3], ["#fff", 1.2]]) {
      context.strokeStyle = colour;
      context.lineWidth = width * devicePixelRatio;
      context.beginPath();
      context.moveTo(x - arm, y); context.lineTo(x + arm, y); context.moveTo(x, y - arm); context.lineTo(x, y + arm);
      context.stroke();
    }
  }

  function divider(canvas, at) {
    const context = canvas.getContext("2d");
    const [x, middle, radius] = [at * canvas.width, canvas.height / 2, 13 * devicePixelRatio];
    context.fillStyle = "rgb(255 255 255 / 90%)";
    context.fillRect(x - devicePixelRatio, 0, 2 * devicePixelRatio, canvas.height);
    context.beginPath(); context.arc(x, middle, radius, 0, 2 * Math.PI); context.fill();
    context.strokeStyle = "#333"; context.lineWidth = 1.8 * devicePixelRatio;
    for (const side of [-1, 1]) {
      context.beginPath();
      context.moveTo(x + side * radius * 0.25, middle - radius * 0.35);
      context.lineTo(x + side * radius * 0.6, middle);
      context.lineTo(x + side * radius * 0.25, middle + radius * 0.35);
      context.stroke();
    }
  }

  function label(canvas, text, right) {
    const context = canvas.getContext("2d");
    const size = 13 * devicePixelRatio;
    context.font = `600 ${size}px system-ui, sans-serif`;
    const width = context.measureText(text).width + size;
    const x = right ? canvas.width - width - size / 2 : size / 2;
    context.fillStyle = "rgb(0 0 0 / 60%)";
    context.beginPath(); context.roundRect(x, size / 2, width, size * 1.7, size / 3); context.fill();
    context.fillStyle = "#fff";
    context.fillText(text, x + size / 2, size * 1.7);
  }

  function stage(element) {
    const figures = [...element.querySelectorAll(".player")];
    const images = figures.map((figure) => figure.querySelector("img"));
    const sources = figures.map((figure, number) => source(figure, images[number]));
    const rate = Number(element.dataset.rate) / Number(element.dataset.step);
    const state = { frame: 0, frames: Math.max(...sources.map((each) => each.frames)), zoom: 1, x: 0.5, y: 0.5 };
    const step = Number(element.dataset.step);
    const tool = (name) => element.querySelector(`[data-do="${name}"]`);
    const canvases = figures.map((figure, number) => {
      const canvas = document.createElement("canvas");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", images[number].alt);
      canvas.tabIndex = 0;
      figure.prepend(canvas);
      return canvas;
    });
    const compare = element.querySelector(".compare");
    const wipe = compare && { canvas: compare.querySelector("canvas"), range: compare.querySelector("input"), left: 0, right: 0 };
    let [pointer, waiting, timer] = [null, false, 0];

    const redraw = () => { if (!waiting) { waiting = true; requestAnimationFrame(paint); } };
    function paint() {
      waiting = false;
      state.x = clamp(state.x, 0.5 / state.zoom, 1 - 0.5 / state.zoom);
      state.y = clamp(state.y, 0.5 / state.zoom, 1 - 0.5 / state.zoom);
      canvases.forEach((canvas, number) => {
        sized(canvas, sources[number]);
        draw(canvas, sources[number], state);
        if (pointer) cross(canvas, ...pointer);
        figures[number].querySelector(".value").textContent = pointer ? value(sources[number], state, ...pointer) : "";
      });
      if (wipe) {
        const at = Number(wipe.range.value) / 1000;
        sized(wipe.canvas, sources[wipe.right]);
        draw(wipe.canvas, sources[wipe.left], state, 0, at);
        draw(wipe.canvas, sources[wipe.right], state, at, 1);
        divider(wipe.canvas, at);
        label(wipe.canvas, sources[wipe.left].name, false);
        label(wipe.canvas, sources[wipe.right].name, true);
      }
      element.querySelector(".zoom").textContent = `${Number(state.zoom.toFixed(1))}×`;
      if (tool("seek")) {
        tool("seek").value = state.frame;
        const time = rate ? `, ${Math.round((1000 * state.frame) / rate)} ms` : "";
        element.querySelector(".clock").textContent = `frame ${state.frame * step}${time}`;
      }
    }

    const seek = (frame) => { state.frame = (frame + state.frames) % state.frames; redraw(); };
    const zoom = (times, u = 0.5, v = 0.5) => {
      const next = clamp(state.zoom * times, 1, MOST_ZOOM);
      state.x += (u - 0.5) * (1 / state.zoom - 1 / next);
      state.y += (v - 0.5) * (1 / state.zoom - 1 / next);
      state.zoom = next;
      redraw();
    };
    const pause = () => { clearInterval(timer); timer = 0; if (tool("play")) tool("play").textContent = "Play"; };
    const play = () => {
      if (timer) return pause();
      const pace = (rate || 8) * Number(tool("speed").value);
      timer = setInterval(() => seek(state.frame + 1), 1000 / pace);
      tool("play").textContent = "Pause";
    };
    const actions = {
      play, back: () => { pause(); seek(state.frame - 1); }, on: () => { pause(); seek(state.frame + 1); },
      in: () => zoom(1.5), out: () => zoom(1 / 1.5), whole: () => { state.zoom = 1; redraw(); },
    };
    for (const [name, act] of Object.entries(actions)) tool(name)?.addEventListener("click", act);
    tool("seek")?.addEventListener("input", (event) => { pause(); seek(Number(event.target.value)); });
    tool("speed")?.addEventListener("change", () => { if (timer) { pause(); play(); } });
    element.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select")) return;
      const name = { " ": "play", ArrowLeft: "back", ArrowRight: "on", "+": "in", "=": "in", "-": "out", 0: "whole" }[event.key];
      if (!name || (event.key === " " && event.target.matches("button")) || !tool(name)) return;
      event.preventDefault();
      actions[name]();
    });

    const place = (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    };
    for (const canvas of canvases) {
      let from = null;
      canvas.addEventListener("dblclick", (event) => zoom(event.shiftKey ? 0.5 : 2, ...place(event)));
      canvas.addEventListener("wheel", (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        zoom(Math.exp(-event.deltaY / 200), ...place(event));
      }, { passive: false });
      canvas.addEventListener("pointerdown", (event) => { from = place(event); canvas.setPointerCapture(event.pointerId); });
      canvas.addEventListener("pointerup", () => { from = null; });
      canvas.addEventListener("pointercancel", () => { from = null; });
      canvas.addEventListener("pointermove", (event) => {
        pointer = place(event);
        if (from && state.zoom > 1) {
          state.x -= (pointer[0] - from[0]) / state.zoom;
          state.y -= (pointer[1] - from[1]) / state.zoom;
          from = pointer;
        }
        redraw();
      });
      canvas.addEventListener("pointerleave", () => { pointer = null; redraw(); });
    }

    if (wipe) {
      for (const side of ["left", "right"]) {
        const select = compare.querySelector(`[data-side="${side}"]`);
        sources.forEach((each, number) => select.add(new Option(each.name, number)));
        wipe[side] = Math.max(0, sources.findIndex((each) => each.name === compare.dataset[side]));
        [select.value, select.disabled] = [wipe[side], false];
        select.addEventListener("change", () => { wipe[side] = Number(select.value); redraw(); });
      }
      wipe.range.addEventListener("input", redraw);
      const slide = (event) => { if (event.buttons) { wipe.range.value = Math.round(1000 * clamp(place(event)[0], 0, 1)); redraw(); } };
      wipe.canvas.addEventListener("pointerdown", (event) => { wipe.canvas.setPointerCapture(event.pointerId); slide(event); });
      wipe.canvas.addEventListener("pointermove", slide);
    }
    new ResizeObserver(redraw).observe(element);
    redraw();
  }

  for (const element of document.querySelectorAll(".stage")) {
    const images = [...element.querySelectorAll(".player img")];
    Promise.all(images.map((image) => image.decode())).then(() => stage(element), (error) => {
      document.documentElement.classList.remove("js");
      console.error("a picture of this page cannot be decoded", error);
    });
  }
})();
