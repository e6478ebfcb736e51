// The margins of a timeline, in pixels: left of the lanes, as in all drawings, above them, below them.
const gutter = 52, ceiling = 16, floor = 34;

// paint draws what the timeline's view shows. It is called once for all changes between two frames of the screen.
Timeline.prototype.draw = function () {
  this.scatter?.draw();
  if (this.pending) return;
  this.pending = requestAnimationFrame(() => {
    this.pending = 0;
    this.paint();
  });
};

Timeline.prototype.paint = function () {
  const c = this.canvas, high = this.height() + ceiling + floor, ratio = devicePixelRatio || 1;
  c.style.height = high + "px"; // not an attribute: the page's policy is about those
  const wide = c.clientWidth;
  if (!wide) return;
  this.painted = wide;
  if (c.width !== Math.round(wide * ratio) || c.height !== Math.round(high * ratio)) {
    c.width = Math.round(wide * ratio);
    c.height = Math.round(high * ratio);
  }
  this.wide = wide - gutter - 8;
  this.high = this.height();
  const g = c.getContext("2d");
  g.setTransform(ratio, 0, 0, ratio, 0, 0);
  g.clearRect(0, 0, wide, high);
  const style = getComputedStyle(c);
  this.colors = name => style.getPropertyValue("--" + name);
  g.font = "12px system-ui, sans-serif";
  g.fillStyle = this.colors("faint");
  g.fillRect(gutter, ceiling, this.wide, this.high);
  this.axes(g);
  g.save();
  g.beginPath();
  g.rect(gutter, 0, this.wide + 1, high - floor);
  g.clip();
  this.density(g);
  this.ghosts(g);
  this.bars(g);
  this.marked(g);
  g.restore();
};

Timeline.prototype.x = function (t) { return gutter + (t - this.view.from) / (this.view.to - this.view.from) * this.wide; };
Timeline.prototype.y = function (row) { return ceiling + (row - this.view.top) / this.view.rows * this.high; };

Timeline.prototype.axes = function (g) {
  const v = this.view, s = this.samples, tall = this.high / v.rows;
  const ns = (v.to - v.from) * s.unit / Math.max(Math.floor(this.wide / 90), 3);
  const steps = [15e9, 30e9, 60e9, 120e9, 300e9, 600e9, 1800e9, 3600e9, 7200e9, 21600e9, 86400e9];
  let step = [1, 2, 5, 10].map(n => n * 10 ** Math.floor(Math.log10(ns))).find(n => n >= ns);
  if (step > 10e9) step = steps.find(n => n >= ns) || step;
  step /= s.unit;
  g.fillStyle = this.colors("muted");
  g.strokeStyle = this.colors("line");
  g.textAlign = "center";
  g.beginPath();
  for (let t = Math.ceil(v.from / step) * step; t <= v.to + step / 1e6; t += step) {
    const x = Math.round(this.x(t)) + 0.5;
    g.moveTo(x, ceiling);
    g.lineTo(x, ceiling + this.high);
    const label = s.text(Math.max(t, 0));
    g.fillText(label, Math.min(x, this.canvas.clientWidth - g.measureText(label).width / 2 - 1), ceiling + this.high + 14);
  }
  g.stroke();
  g.textAlign = "right";
  g.fillText("since the start", this.canvas.clientWidth - 8, ceiling + this.high + 29);
  g.textAlign = "left";
  g.fillText(this.byTask ? "task" : "worker", 0, 11);
  g.textAlign = "right";
  const every = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 50000, 100000].find(n => n * tall >= 12) || 1e6;
  for (let row = Math.ceil(v.top / every) * every; row < v.top + v.rows; row += every)
    g.fillText(this.byTask ? s.keys[row].slice(0, 6) : row, gutter - 5, this.y(row + 0.5) + 4);
};

// density shades what is not drawn one by one: how busy the lanes were.
Timeline.prototype.density = function (g) {
  const d = this.samples.density;
  if (!d || this.byTask) return;
  this.cells ||= Uint8Array.from(atob(d.cells), c => c.charCodeAt(0));
  const lanes = this.count / d.rows, moment = this.samples.end / d.moments;
  for (let i = 0; i < this.cells.length; i++) {
    const cell = this.cells[i];
    if (!cell) continue;
    const x = this.x(i % d.moments * moment), y = this.y(Math.floor(i / d.moments) * lanes);
    g.globalAlpha = 0.5 * (cell & 15) / 15;
    g.fillStyle = this.colors("ok");
    g.fillRect(x, y, this.x((i % d.moments + 1) * moment) - x + 0.3, this.y((Math.floor(i / d.moments) + 1) * lanes) - y);
  }
  g.globalAlpha = 1;
};

// ghosts are the ideal schedule, as tall as a row, behind the bars.
Timeline.prototype.ghosts = function (g) {
  const s = this.samples, v = this.view, tall = this.high / v.rows;
  if (!s.ideal) return;
  g.fillStyle = this.colors("ghost");
  const right = new Float64Array(this.byTask ? 0 : this.count).fill(-1); // of what each lane has so far: what would not be seen is not drawn
  for (let i = 0; i < s.n; i++) {
    const row = this.byTask ? i : s.ideal_lane[i], from = s.ideal_started[i], to = from + s.ideal_service[i];
    if (row + 1 <= v.top || row >= v.top + v.rows || to < v.from || from > v.to) continue;
    const x = this.x(from), end = this.x(to);
    if (end < right[row] + 0.4) continue;
    right[row] = end;
    g.fillRect(x, this.y(row) + Math.min(tall / 12, 1), Math.max(end - x - 0.5, 0.7), tall - Math.min(tall / 6, 2));
  }
};

// fills are what a bar is filled with by its outcome: plain, hollow or hatched, so that no one needs the colour.
Timeline.prototype.fills = function (g) {
  const tile = (paint) => {
    const t = new OffscreenCanvas(7, 8), h = t.getContext("2d");
    paint(h);
    return g.createPattern(t, "repeat");
  };
  return {
    ok: this.colors("ok"),
    none: this.colors("muted"),
    wrong: this.colors("bad"),
    not_found: tile(h => {
      h.fillStyle = this.colors("missing");
      h.globalAlpha = 0.25;
      h.fillRect(0, 0, 7, 8);
      h.globalAlpha = 1;
      h.fillRect(0, 0, 7, 2);
      h.fillRect(0, 4, 7, 2);
    }),
    error: tile(h => {
      h.fillStyle = this.colors("calm");
      h.fillRect(0, 0, 7, 8);
      h.strokeStyle = this.colors("card");
      h.globalAlpha = 0.6;
      h.lineWidth = 1.6;
      h.beginPath();
      for (const x of [-7, 0, 7]) { h.moveTo(x, 8); h.lineTo(x + 7, 0); }
      h.stroke();
    }),
  };
};

Timeline.prototype.bars = function (g) {
  const s = this.samples, v = this.view, tall = this.high / v.rows, fills = this.fills(g);
  const inset = tall > 6 ? tall * 0.2 : tall > 2 ? 0.4 : 0, thick = Math.max(tall - 2 * inset, 0.8);
  let right = -1, before; // of the last bar, and its outcome
  for (const row of this.rows.slice(Math.floor(v.top), Math.ceil(v.top + v.rows))) for (const i of row || []) {
    const from = s.started[i] < 0 ? v.to : s.started[i], to = s.finished[i] < 0 ? s.end : s.finished[i];
    if (this.byTask) this.whisker(g, i, from, to, tall);
    if (to < v.from || from > v.to || s.started[i] < 0) continue;
    const x = this.x(from), outcome = s.outcome(i);
    if (outcome === before && x >= right - 2 && this.x(to) < right + 0.4) continue; // it would not be seen
    right = this.x(to);
    before = outcome;
    const y = this.y(this.row(i)) + inset, long = Math.max(this.x(to) - x - (tall > 3 ? 0.8 : 0), 1);
    g.fillStyle = fills[outcome];
    const head = s.head[i] > 0 && s.finished[i] >= 0 ? Math.min(this.x(from + s.head[i]) - x, long) : long;
    g.fillRect(x, y, head, thick);
    if (head < long) { // the body of the answer is paler
      g.globalAlpha = 0.55;
      g.fillRect(x + head, y, long - head, thick);
      g.globalAlpha = 1;
    }
    if (tall > 5 && s.faulty(i)) { // a fault was planned
      g.fillStyle = this.colors("text");
      g.beginPath();
      g.moveTo(x, y);
      g.lineTo(x + Math.min(thick, 6), y);
      g.lineTo(x, y + Math.min(thick, 6));
      g.fill();
    }
  }
};

// whisker is the wait before a task's bar, and after it until its result was delivered.
Timeline.prototype.whisker = function (g, i, from, to, tall) {
  const s = this.samples, y = this.y(this.row(i)) + tall / 2;
  g.strokeStyle = this.colors("muted");
  g.lineWidth = Math.min(1, tall / 3);
  g.globalAlpha = 0.5;
  g.beginPath();
  if (s.submitted[i] >= 0) {
    g.moveTo(this.x(s.submitted[i]), y);
    g.lineTo(this.x(from), y);
  }
  g.stroke();
  g.globalAlpha = 1;
  if (!(s.held[i] > 0)) return;
  g.strokeStyle = this.colors("good");
  g.setLineDash([3, 2]);
  g.beginPath();
  g.moveTo(this.x(to), y);
  g.lineTo(this.x(to + s.held[i]), y);
  g.stroke();
  g.setLineDash([]);
  g.beginPath();
  g.moveTo(this.x(to + s.held[i]), y - Math.min(tall / 3, 4));
  g.lineTo(this.x(to + s.held[i]), y + Math.min(tall / 3, 4));
  g.stroke();
};

// marked frames the task that is pointed at, or has the focus, with the wait before it.
Timeline.prototype.marked = function (g) {
  const s = this.samples, tall = this.high / this.view.rows;
  for (const i of [this.hovered, this.focus]) {
    if (i === undefined || i < 0 || s.started[i] < 0) continue;
    const x = this.x(s.started[i]), long = Math.max(this.x(s.finished[i] < 0 ? s.end : s.finished[i]) - x, 2), y = this.y(this.row(i));
    if (!this.byTask) this.whisker(g, i, s.started[i], Math.max(s.finished[i], s.started[i]), tall);
    const focused = i === this.focus && document.activeElement === this.canvas;
    g.strokeStyle = this.colors(focused ? "link" : "text");
    g.lineWidth = focused ? 2.5 : 1.5;
    g.strokeRect(x - 1, y, long + 2, Math.max(tall, 3));
  }
};
