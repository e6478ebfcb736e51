// The table of all runs can be searched, cut down by chips, and put in another order within each scenario.
for (const table of document.querySelectorAll("table.summary")) {
  const lines = [...table.querySelectorAll("tbody tr:not(.group)")];
  if (lines.length < 2) continue;
  const bar = element("div", { className: "controls" });
  const words = element("input", { type: "search", placeholder: "scenario, executor, verdict …", oninput: update });
  words.setAttribute("aria-label", "Search the runs");
  const said = element("span", { className: "muted small" });
  said.setAttribute("role", "status");
  bar.append(words);
  chips(bar, "verdict", counted([...table.querySelectorAll("[data-verdict]")].map(line => [line.dataset.verdict, Number(line.dataset.runs || 1)])));
  bar.append(said);
  onPick.push(update);
  table.parentElement.before(bar);

  function update() {
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const body of table.tBodies) {
      const group = body.querySelector(".group"), name = group.textContent.toLowerCase();
      let any = false;
      for (const line of body.querySelectorAll("tr:not(.group)")) {
        const text = name + " " + line.textContent.toLowerCase();
        line.hidden = !wanted.every(w => text.includes(w)) || !picked("verdict", line.dataset.verdict) || !shows(line);
        any ||= !line.hidden;
        shown += line.hidden ? 0 : 1;
      }
      group.hidden = !any && !(body.rows.length === 1 && wanted.every(w => name.includes(w)) && picked("verdict", "ok") && shows(group));
    }
    said.textContent = shown < lines.length ? `${shown} of ${lines.length} runs` : "";
  }

  // A time or a number as text, in one unit.
  const value = text => {
    const units = { ns: 1, "µs": 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12, "": 1, "%": 1, "×": 1 };
    let sum = 0, any = false;
    for (const [, n, unit] of text.matchAll(/([\d.]+)\s*(ns|µs|ms|s|m|h|%|×|)/g)) [sum, any] = [sum + n * units[unit], true];
    return any ? sum : Infinity;
  };
  [...table.tHead.rows[0].cells].forEach((head, c) => {
    if (c < 4) return;
    const sort = element("button", { type: "button", className: "plain", textContent: head.textContent, title: "sort by this column" });
    sort.onclick = () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      for (const body of table.tBodies)
        body.append(...[...body.querySelectorAll("tr:not(.group)")].sort((a, b) =>
          (value(a.cells[c].textContent) - value(b.cells[c].textContent) || 0) * (down ? -1 : 1)));
    };
    head.replaceChildren(sort);
  });
}
