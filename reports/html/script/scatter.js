// A Scatter draws the tasks of a run one by one over its drawing, where they are few enough, and has a brush: the time that the timeline
// shows is framed, and dragging over a time shows that in the timeline. A click shows the whole run.
class Scatter {
  constructor(figure, samples, timeline) {
    Object.assign(this, { figure, samples, timeline });
    const drawing = figure.querySelector("svg[role=img]"), box = element("div", { className: "brushed" });
    this.canvas = element("canvas", { title: "drag over a time to see it in the timeline; click for the whole run" });
    this.canvas.setAttribute("aria-hidden", "true"); // the timeline has keys for the same
    drawing.before(box);
    box.append(drawing, this.canvas);
    this.dotted = samples.n === samples.of && samples.n <= 5000;
    figure.classList.toggle("dotted", this.dotted);
    timeline.scatter = this;
    this.listen();
    this.draw();
  }

  listen() {
    const c = this.canvas;
    let from = null;
    const at = e => Math.min(Math.max((e.offsetX - this.left) / this.wide, 0), 1) * this.end();
    c.addEventListener("pointerdown", e => {
      from = at(e);
      c.setPointerCapture(e.pointerId);
    });
    c.addEventListener("pointermove", e => {
      if (from !== null && Math.abs(at(e) - from) / this.end() * this.wide > 4) this.show(from, at(e));
    });
    c.addEventListener("pointerup", e => {
      if (from !== null && Math.abs(at(e) - from) / this.end() * this.wide <= 4) this.timeline.whole();
      from = null;
    });
    c.addEventListener("pointercancel", () => { from = null; });
    new ResizeObserver(() => this.draw()).observe(c);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  end() { return this.figure.dataset.end / this.samples.unit; }

  show(a, b) {
    const v = this.timeline.view;
    this.timeline.look(Math.min(a, b), Math.abs(a - b), v.top, v.rows);
  }

  draw() {
    this.pending ||= requestAnimationFrame(() => {
      this.pending = 0;
      this.paint();
    });
  }

  paint() {
    const c = this.canvas, ratio = devicePixelRatio || 1, wide = c.clientWidth, high = c.clientHeight;
    if (!wide) return;
    c.width = Math.round(wide * ratio);
    c.height = Math.round(high * ratio);
    Object.assign(this, { left: gutter, wide: wide - gutter - 8, top: 16, high: 160 }); // as in the drawing
    const g = c.getContext("2d"), style = getComputedStyle(c);
    this.colors = name => style.getPropertyValue("--" + name);
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (this.dotted) this.dots(g);
    const v = this.timeline.view, x = t => this.left + Math.min(t / this.end(), 1) * this.wide;
    if (v.to - v.from >= this.samples.end) return; // it is all to be seen
    g.fillStyle = this.colors("card");
    g.globalAlpha = 0.6;
    g.fillRect(this.left, this.top, x(v.from) - this.left, this.high);
    g.fillRect(x(v.to), this.top, this.left + this.wide - x(v.to), this.high);
    g.globalAlpha = 1;
    g.strokeStyle = this.colors("link");
    g.lineWidth = 1.5;
    g.strokeRect(x(v.from), this.top, Math.max(x(v.to) - x(v.from), 1), this.high);
  }

  dots(g) {
    const s = this.samples, { lo, hi, open } = this.figure.dataset, over = Math.log(hi / lo);
    const colors = { ok: "ok", wrong: "bad", error: "calm", not_found: "missing" };
    g.globalAlpha = 0.6; // the lines beneath are to be seen
    for (const wrong of [false, true]) for (let i = 0; i < s.n; i++) {
      if (s.finished[i] < 0 || s.wrong(i) !== wrong || !colors[s.outcome(i)]) continue;
      const took = (open === "true" ? s.finished[i] - s.due[i] : s.service[i]) * s.unit;
      const up = Math.min(Math.max(Math.log(Math.max(took, lo) / lo) / over, 0), 1);
      g.fillStyle = this.colors(colors[s.outcome(i)]);
      g.beginPath();
      g.arc(this.left + s.finished[i] / this.end() * this.wide, this.top + (1 - up) * this.high, wrong ? 3 : 2, 0, 7);
      g.fill();
    }
    g.globalAlpha = 1;
  }
}
