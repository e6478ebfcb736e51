// A Timeline draws the samples on a canvas that can be zoomed, panned and walked through with the keyboard. It stands in for the drawing
// that the page has without it, which paper still gets.
class Timeline {
  constructor(figure, samples, chosen) {
    this.chosen = chosen;
    this.samples = samples;
    this.figure = figure;
    this.canvas = element("canvas", { tabIndex: 0, className: "timeline" });
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", figure.querySelector("svg[role=img]").getAttribute("aria-label") +
      " Left and right go to the task before and after in the same row, up and down to another row, F to the next error; plus, minus and 0 zoom.");
    this.facts = element("dl", { className: "facts" });
    this.facts.setAttribute("aria-live", "polite");
    this.byTask = false;
    this.focus = -1;
    figure.querySelector("svg[role=img]").classList.add("replaced");
    figure.querySelector("svg[role=img]").before(this.controls(), this.canvas, this.facts);
    figure.querySelector(".drawing")?.classList.add("replaced");
    if (samples.of > samples.n) {
      figure.append(element("p", { className: "muted small", textContent: `${samples.n.toLocaleString("en")} of ${samples.of.toLocaleString("en")} tasks have a bar, `  +
        "failures, the slowest and the latest first. The shade behind them shows how busy the workers were with all tasks." }));
    }
    this.arrange();
    this.listen();
    this.tell(-1);
  }

  controls() {
    const button = (text, label, act) => {
      const b = element("button", { type: "button", textContent: text, onclick: act });
      if (label) b.setAttribute("aria-label", label);
      return b;
    };
    this.rowsButton = button("one row per task", "", () => {
      this.byTask = !this.byTask;
      this.rowsButton.textContent = this.byTask ? "one row per worker" : "one row per task";
      this.arrange();
      this.tell(this.focus);
    });
    const bar = element("div", { className: "controls" });
    bar.append(button("+", "Zoom in", () => this.zoom(0.5, 0.5)), button("−", "Zoom out", () => this.zoom(2, 0.5)),
      button("whole run", "Show the whole run", () => this.whole()), this.rowsButton);
    return bar;
  }

  // arrange puts the samples into rows, in order of their start.
  arrange() {
    const s = this.samples;
    this.rows = [];
    for (let i = 0; i < s.n; i++) {
      if (this.byTask ? s.submitted[i] < 0 && s.started[i] < 0 : s.started[i] < 0) continue;
      const row = this.byTask ? i : s.lane[i];
      (this.rows[row] ||= []).push(i);
    }
    for (const row of this.rows) row?.sort((a, b) => s.started[a] - s.started[b]);
    this.count = Math.max(this.byTask ? s.n : s.lanes, 1);
    this.whole();
  }

  whole() {
    this.view = { from: 0, to: Math.max(this.samples.end, 1), top: 0, rows: this.count };
    this.draw();
  }

  // zoom shows factor times as much time, around a share of the width; and so of the rows, where they are many.
  zoom(factor, share, down = 0.5) {
    const v = this.view, end = Math.max(this.samples.end, 1);
    const long = Math.min(Math.max((v.to - v.from) * factor, Math.min(50, end)), end);
    const from = v.from + (v.to - v.from - long) * share;
    const most = Math.min(this.count, Math.floor(this.height() / 14) || 1);
    const rows = Math.min(Math.max(v.rows * factor, Math.min(most, v.rows)), this.count);
    const top = v.top + (v.rows - rows) * down;
    this.look(from, long, top, rows);
  }

  look(from, long, top, rows) {
    const end = Math.max(this.samples.end, 1);
    from = Math.min(Math.max(from, 0), end - long);
    top = Math.min(Math.max(top, 0), this.count - rows);
    this.view = { from, to: from + long, top, rows };
    this.draw();
  }

  height() { return Math.max(28, Math.min(this.count * 16, 420)); }

  listen() {
    const c = this.canvas;
    const point = e => [e.offsetX, e.offsetY];
    let grabbed = null;
    c.addEventListener("pointerdown", e => { grabbed = { at: point(e), view: { ...this.view }, moved: false }; });
    c.addEventListener("pointermove", e => {
      if (grabbed && e.buttons) {
        const [x, y] = point(e), v = grabbed.view;
        if (Math.abs(x - grabbed.at[0]) + Math.abs(y - grabbed.at[1]) > 4) grabbed.moved = true;
        if (grabbed.moved) {
          c.setPointerCapture(e.pointerId);
          this.look(v.from - (x - grabbed.at[0]) / this.wide * (v.to - v.from), v.to - v.from, v.top - (y - grabbed.at[1]) / this.high * v.rows, v.rows);
        }
      } else this.hover(this.find(...point(e)));
    });
    c.addEventListener("pointerup", e => {
      if (grabbed && !grabbed.moved) this.select(this.find(...point(e)));
      grabbed = null;
    });
    c.addEventListener("pointerleave", () => { if (!grabbed) this.hover(-1); });
    c.addEventListener("wheel", e => {
      if (!e.ctrlKey && !e.metaKey) return; // the page scrolls
      e.preventDefault();
      this.zoom(Math.exp(e.deltaY / 200), (e.offsetX - gutter) / this.wide, (e.offsetY - ceiling) / this.high);
    }, { passive: false });
    c.addEventListener("dblclick", e => this.zoom(0.4, (e.offsetX - gutter) / this.wide, (e.offsetY - ceiling) / this.high));
    c.addEventListener("keydown", e => this.key(e));
    c.addEventListener("focus", () => { if (this.focus < 0) this.select(this.first(), true); else this.draw(); });
    c.addEventListener("blur", () => this.draw());
    new ResizeObserver(() => { if (c.clientWidth !== this.painted) this.draw(); }).observe(c);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  first() { return this.rows.find(row => row?.length)?.[0] ?? -1; }

  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const v = this.view, long = v.to - v.from;
    const pan = share => this.look(v.from + share * long, long, v.top, v.rows);
    const act = {
      "+": () => this.zoom(0.5, this.share()), "=": () => this.zoom(0.5, this.share()), "-": () => this.zoom(2, this.share()), "0": () => this.whole(),
      ArrowRight: () => e.shiftKey ? pan(0.25) : this.step(1), ArrowLeft: () => e.shiftKey ? pan(-0.25) : this.step(-1),
      ArrowDown: () => this.cross(1), ArrowUp: () => this.cross(-1),
      Home: () => this.select(this.first()), f: () => this.nextError(), F: () => this.nextError(),
    }[e.key];
    if (!act) return;
    e.preventDefault();
    act();
  }

  // share is where the focus is in the view, to zoom around it.
  share() {
    if (this.focus < 0) return 0.5;
    return Math.min(Math.max((this.samples.started[this.focus] - this.view.from) / (this.view.to - this.view.from), 0), 1);
  }

  row(i) { return this.byTask ? i : this.samples.lane[i]; }

  step(by) {
    if (this.byTask) return this.cross(by);
    const row = this.rows[this.row(this.focus)];
    const next = row?.[row.indexOf(this.focus) + by];
    if (next !== undefined) this.select(next);
  }

  // cross goes to the task nearest in time in the next row that has any.
  cross(by) {
    const s = this.samples;
    for (let r = this.row(this.focus) + by; r >= 0 && r < this.rows.length; r += by) {
      const row = this.rows[r];
      if (!row?.length) continue;
      const at = s.started[this.focus];
      return this.select(row.reduce((best, i) => Math.abs(s.started[i] - at) < Math.abs(s.started[best] - at) ? i : best));
    }
  }

  nextError() {
    const s = this.samples;
    for (let k = 1; k <= s.n; k++) {
      const i = (Math.max(this.focus, -1) + k) % s.n;
      if (["error", "wrong"].includes(s.outcome(i)) && (s.started[i] >= 0 || this.byTask)) return this.select(i);
    }
  }

  // select focuses a task and brings it into the view.
  select(i, quiet) {
    if (i < 0) return;
    this.focus = i;
    const s = this.samples, v = this.view, row = this.row(i), long = v.to - v.from;
    let { from, top } = v;
    if (s.started[i] >= 0 && (s.started[i] > v.to || Math.max(s.finished[i], s.started[i]) < v.from)) from = s.started[i] - long / 4;
    if (row < top) top = row;
    if (row + 1 > top + v.rows) top = row + 1 - v.rows;
    this.look(from, long, top, v.rows);
    this.tell(i);
    if (!quiet) this.chosen(i);
  }

  hover(i) {
    if (i === this.hovered) return;
    this.hovered = i;
    this.tell(i >= 0 ? i : this.focus);
    this.draw();
  }

  // find is the task at a point of the canvas.
  find(x, y) {
    const s = this.samples, v = this.view;
    const row = this.rows[Math.floor(v.top + (y - ceiling) / this.high * v.rows)];
    if (!row || x < gutter - 2) return -1;
    const perPixel = (v.to - v.from) / this.wide, at = v.from + (x - gutter) * perPixel;
    if (this.byTask) return row[0];
    let low = 0, high = row.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (s.started[row[middle]] <= at + 2 * perPixel) low = middle + 1; else high = middle;
    }
    const i = row[low - 1];
    return i !== undefined && (s.finished[i] < 0 || s.finished[i] + 2 * perPixel >= at) ? i : -1;
  }

  tell(i) {
    const facts = i >= 0 ? this.samples.facts(i) : [["", "Point at a bar, or walk through them with the arrow keys. Ctrl and the wheel zoom, dragging pans. The paler end of a bar is the body of the response." +
      (this.byTask ? " The line before a bar is the wait for a worker; the dotted line after it is the wait for delivery." : "")]];
    this.facts.replaceChildren(...facts.map(([name, text]) => {
      const pair = element("div");
      pair.append(element("dt", { textContent: name }), element("dd", { textContent: text }));
      return pair;
    }));
  }
}
