// unpack makes the samples of one run out of the text that package columns packed them into.
async function unpack(text) {
  const packed = Uint8Array.from(atob(text.trim()), c => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  let at = 4 + length;
  const column = {};
  for (const name of head.columns) {
    const values = new Float64Array(head.n);
    const differences = name[0] === "+";
    for (let i = 0, before = 0; i < head.n; i++) {
      let value = 0, scale = 1, byte;
      do {
        byte = bytes[at++];
        value += (byte & 127) * scale;
        scale *= 128;
      } while (byte > 127);
      value = value % 2 ? -(value + 1) / 2 : value / 2;
      values[i] = differences ? (before += value) : value;
    }
    column[differences ? name.slice(1) : name] = values;
  }
  return new Samples(head, column);
}

// Samples are the columns of one run, with what follows from them. Times are in units of the head's.
class Samples {
  constructor(head, column) {
    Object.assign(this, head, column);
    this.finished = this.started.map((s, i) => s < 0 || this.service[i] < 0 ? -1 : s + this.service[i]);
    this.delivered = this.finished.map((f, i) => f < 0 ? -1 : this.held[i] === -1 && !this.reached(i) ? -1 : f + this.held[i]);
    if (this.ideal) {
      this.ideal_service = this.service.map((s, i) => s - this.slower[i]);
      this.late = this.finished.map((f, i) => f < 0 ? 0 : f - this.ideal_started[i] - this.ideal_service[i]);
    }
  }
  reached(i) { return this.held[i] >= 0; }
  outcome(i) { return this.looks[this.look[i]]; }
  wrong(i) { return this.outcome(i) === "wrong"; }
  symbol(i) { return { ok: "✓", not_found: "∅", none: "○", error: "⊘", wrong: "✗" }[this.outcome(i)]; }
  faulty(i) { return !["", "none"].includes(this.faults[this.fault[i]]); }
  // text is a time as the rest of the report writes it: three digits, in the unit that suits it.
  text(units) {
    if (units < 0) return "–";
    if (!units) return "0s";
    const ns = units * this.unit;
    for (const [unit, name] of [[1, "ns"], [1e3, "µs"], [1e6, "ms"], [1e9, "s"]])
      if (ns < 999.5 * unit && (unit < 1e9 || ns < 59.95e9)) return Number((ns / unit).toPrecision(3)) + name;
    const s = ns < 3.6e12 ? Math.round(ns / 1e8) / 10 : Math.round(ns / 1e9);
    const h = Math.floor(s / 3600), m = Math.floor(s % 3600 / 60), rest = Number((s % 60).toFixed(1));
    return (h ? h + "h" : "") + (m ? m + "m" : "") + (rest || !h && !m ? rest + "s" : "");
  }
  // facts are what there is to say of one sample, as pairs of a name and a text.
  facts(i) {
    const said = this.classes[this.class[i]] + (this.status[i] ? " " + this.status[i] : "");
    const facts = [
      ["task", this.keys[i] + " (number " + this.seq[i] + (this.attempt[i] > 1 ? ", attempt " + this.attempt[i] : "") + ")"],
      ["outcome", this.symbol(i) + " " + said + (this.wrong(i) ? ", planned " + this.classes[this.planned[i]] : "")],
    ];
    if (this.faulty(i)) facts.push(["fault", this.faults[this.fault[i]]]);
    if (this.started[i] < 0) return facts.concat([["started", "never"]]);
    facts.push(["worker", this.lane[i]], ["started", this.text(this.started[i])]);
    if (this.submitted[i] >= 0) facts.push(["waited", this.text(this.started[i] - this.submitted[i])]);
    if (this.finished[i] < 0) return facts.concat([["finished", "never"]]);
    facts.push(["finished", this.text(this.finished[i])], ["took", this.text(this.service[i]) + (this.head[i] > 0 && this.head[i] < 0.99 * this.service[i] ? ", " + this.text(this.head[i]) + " to the head of the response" : "")]);
    if (this.ideal) facts.push(["planned", this.text(this.ideal_service[i])], ["behind the ideal", this.text(Math.max(this.late[i], 0))]);
    if (this.held[i] > 0) facts.push(["waited for delivery", this.text(this.held[i])]);
    if (this.bytes[i] > 0) facts.push(["bytes", this.bytes[i].toLocaleString("en")]);
    if (this.error[i] > 0) facts.push(["error", this.errors[this.error[i]]]);
    return facts;
  }
}
