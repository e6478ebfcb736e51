// Chips cut the findings and the table of all runs down to some verdicts, causes or checks. Of one kind any may hold, and of each kind one must.
const pressed = { verdict: new Set(), cause: new Set(), check: new Set() };
const picked = (kind, value) => !pressed[kind].size || pressed[kind].has(value);
const onPick = []; // what to do when a chip was pressed

// chips adds a chip for each value of a kind to a bar, the most frequent first, unless there is one alone.
function chips(bar, kind, counts) {
  const most = 12;
  if (counts.size < 2) return;
  const group = element("div", { className: "chips" });
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Show only this " + kind);
  group.append(element("span", { className: "muted small", textContent: kind }));
  for (const [value, n] of [...counts].sort((a, b) => b[1] - a[1]).slice(0, most)) {
    const chip = element("button", { type: "button", className: "chip", textContent: value + " " + n, onclick: () => {
      const on = !pressed[kind].delete(value);
      if (on) pressed[kind].add(value);
      chip.setAttribute("aria-pressed", on);
      for (const act of onPick) act();
    } });
    chip.dir = "auto";
    chip.setAttribute("aria-pressed", "false");
    group.append(chip);
  }
  bar.append(group);
}

// counted counts equal values.
function counted(values) {
  const counts = new Map();
  for (const [value, n] of values) counts.set(value, (counts.get(value) || 0) + n);
  return counts;
}

const cards = [...document.querySelectorAll(".flaw")];
const fits = card => picked("cause", card.dataset.cause) && picked("check", card.dataset.check);

// shows tells whether a row of the table has a finding that is shown.
function shows(row) {
  if (!pressed.cause.size && !pressed.check.size) return true;
  const has = (row.dataset.shows || "").split(" ");
  return cards.some(card => fits(card) && has.includes(card.dataset.n));
}

if (cards.length > 1) {
  const bar = element("div", { className: "controls" });
  for (const kind of ["cause", "check"]) chips(bar, kind, counted(cards.map(card => [card.dataset[kind], 1])));
  const said = element("span", { className: "muted small" });
  said.setAttribute("role", "status");
  onPick.push(() => {
    for (const card of cards) card.hidden = !fits(card);
    const shown = cards.filter(fits).length;
    said.textContent = shown < cards.length ? `${shown} of ${cards.length} findings` : "";
  });
  if (bar.children.length) {
    bar.append(said);
    document.querySelector("#flaws").after(bar);
  }
}
