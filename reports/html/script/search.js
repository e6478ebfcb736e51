// A Search makes the table of exceptional tasks one of all that the page carries, which can be searched and put in another order.
class Search {
  constructor(box, samples, show) {
    this.samples = samples;
    this.body = box.querySelector("tbody");
    this.show = show;
    const name = box.dataset.run;
    this.words = element("input", { type: "search", placeholder: "key, class, fault, error …", autocomplete: "off", oninput: () => this.update() });
    this.words.setAttribute("aria-label", "Search the tasks of " + name);
    this.order = element("select", { onchange: () => this.update() });
    this.order.setAttribute("aria-label", "Order of the tasks of " + name);
    for (const [value, text] of [["notable", "wrong and failed first, then the slowest"], ["slow", "the slowest first"], ["late", "furthest behind the ideal"], ["waited", "the longest wait first"], ["number", "as submitted"]])
      if (value !== "late" || samples.ideal) this.order.append(element("option", { value, textContent: text }));
    this.said = element("p", { className: "muted small" });
    this.said.setAttribute("role", "status");
    const bar = element("div", { className: "controls" });
    this.only = element("button", { type: "button", hidden: true, title: "show all tasks again", onclick: () => this.narrow("", null) });
    bar.append(this.words, this.order, this.only, element("button", { type: "button", textContent: "save as CSV",
      title: samples.of > samples.n ? `${samples.n} of ${samples.of} tasks, which the report holds` : "", onclick: () => save(name, samples) }));
    box.prepend(bar);
    box.querySelector(".leftover")?.remove();
    box.append(this.said);
    this.update();
  }

  // narrow keeps the search to tasks of one cell of the table of truth, or to none.
  narrow(what, fits) {
    this.fits = fits;
    this.only.hidden = !fits;
    this.only.textContent = what + " ✕";
    this.update();
    if (fits) this.body.closest(".tasks").scrollIntoView({ block: "nearest" });
    (fits ? this.only : this.words).focus({ preventScroll: true });
  }

  // texts are what the search looks in, made at the first search.
  texts() {
    const s = this.samples;
    return this.made ||= Array.from({ length: s.n }, (_, i) =>
      [s.keys[i], s.classes[s.class[i]], s.status[i] || "", s.faults[s.fault[i]], s.errors[s.error[i]], "#" + s.seq[i]].join(" ").toLowerCase());
  }

  update() {
    const s = this.samples, words = this.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = [];
    const texts = words.length ? this.texts() : null;
    for (let i = 0; i < s.n; i++)
      if ((!texts || words.every(w => texts[i].includes(w))) && (!this.fits || this.fits(s.dids[s.did[i]], s.classes[s.class[i]]))) found.push(i);
    const failed = i => s.outcome(i) === "error" ? 1 : 0, wrong = i => s.wrong(i) ? 1 : 0;
    const by = {
      notable: (a, b) => wrong(b) - wrong(a) || failed(b) - failed(a) || s.service[b] - s.service[a],
      slow: (a, b) => s.service[b] - s.service[a],
      late: (a, b) => s.late[b] - s.late[a],
      waited: (a, b) => (s.started[b] - s.submitted[b]) - (s.started[a] - s.submitted[a]),
      number: (a, b) => a - b,
    }[this.order.value];
    found.sort(by);
    const most = words.length || this.fits ? 50 : 12;
    this.body.replaceChildren(...found.slice(0, most).map(i => this.line(i)));
    const left = s.of > s.n ? ` The report holds ${s.n.toLocaleString("en")} of ${s.of.toLocaleString("en")} tasks.` : "";
    this.said.textContent = `${found.length.toLocaleString("en")} of ${s.n.toLocaleString("en")} tasks match${found.length > most ? `, the first ${most} are shown` : ""}.` + left;
  }

  line(i) {
    const s = this.samples, line = element("tr");
    const cell = (text, kind) => element("td", { textContent: text, className: kind || "" });
    const key = element("th", { scope: "row", className: "long" });
    const open = element("button", { type: "button", className: "plain", textContent: s.keys[i], title: "show in the timeline", onclick: () => this.show(i) });
    open.dir = "auto";
    key.append(open);
    const error = cell(s.errors[s.error[i]], "text long");
    error.dir = "auto";
    line.append(key, cell(s.symbol(i) + " " + s.classes[s.class[i]] + (s.status[i] ? " " + s.status[i] : ""), "text" + (s.wrong(i) ? " bad" : "")),
      cell(s.wrong(i) ? s.classes[s.planned[i]] + (s.faulty(i) ? " (" + s.faults[s.fault[i]] + ")" : "") : s.faulty(i) ? s.faults[s.fault[i]] : "", "text"),
      cell(s.text(s.started[i])), cell(s.text(s.service[i])), cell(s.started[i] < 0 || s.submitted[i] < 0 ? "–" : s.text(s.started[i] - s.submitted[i])), error);
    return line;
  }
}

// save gives the reader the tasks of a run as a file. Times are in nanoseconds since the start of the run, and empty where they were not reached.
function save(name, s) {
  const time = t => t < 0 ? "" : t * s.unit;
  // A spreadsheet would run a text that begins like a formula.
  const quoted = text => '"' + (/^[=+\-@\t\r]/.test(text) ? "'" : "") + String(text).replaceAll('"', '""') + '"';
  const lines = ["number,key,attempt,worker,class,status,wrong,planned_class,planned_fault,server_did,bytes,due_ns,submitted_ns,started_ns,finished_ns,delivered_ns,error"];
  for (let i = 0; i < s.n; i++)
    lines.push([s.seq[i], quoted(s.keys[i]), s.attempt[i], s.lane[i], quoted(s.classes[s.class[i]]), s.status[i], s.wrong(i), quoted(s.classes[s.planned[i]]),
      quoted(s.faults[s.fault[i]]), quoted(s.dids[s.did[i]]), s.bytes[i], time(s.due[i]), time(s.submitted[i]), time(s.started[i]), time(s.finished[i]),
      time(s.delivered[i]), quoted(s.errors[s.error[i]])].join());
  const link = element("a", { href: URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv" })), download: name.replace(/[^\w.-]+/g, "-") + ".csv" });
  link.click();
  URL.revokeObjectURL(link.href);
}
