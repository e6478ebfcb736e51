function element(name, properties) { return Object.assign(document.createElement(name), properties); }

// enrich unpacks the samples of a run, once it can be seen, and gives it what needs a script.
function enrich(run) { return run.enriched ||= enrichOnce(run); }

async function enrichOnce(run) {
  const packed = run.querySelector("script.samples");
  if (!packed) return;
  run.dataset.rich = "unpacking";
  const samples = await unpack(packed.textContent);
  const figure = run.querySelector("figure.timeline-figure");
  const timeline = figure && figure.querySelector("svg[role=img]") ? new Timeline(figure, samples, i => address(run, samples.keys[i])) : null;
  const scatter = run.querySelector("figure.scatter");
  if (scatter && timeline) new Scatter(scatter, samples, timeline);
  const box = run.querySelector(".tasks");
  const search = box && new Search(box, samples, i => {
    if (!timeline) return;
    timeline.select(i);
    timeline.canvas.focus();
    timeline.canvas.scrollIntoView({ block: "nearest" });
  });
  const truth = run.querySelector("table.truth");
  if (truth && search) tie(truth, search);
  requestAnimationFrame(() => requestAnimationFrame(() => { run.dataset.rich = "drawn"; }));
  return { timeline, samples };
}

// tie has the cells of a table of truth show their tasks.
function tie(truth, search) {
  const columns = [...truth.tHead.rows[0].cells].slice(1).map(head => head.dataset.name);
  const rows = [...truth.tBodies[0].rows].map(row => row.dataset.name);
  for (const row of truth.tBodies[0].rows) [...row.cells].slice(1).forEach((cell, c) => {
    if (!cell.textContent) return;
    const what = row.cells[0].textContent.trim() + " → " + columns[c];
    const show = element("button", { type: "button", className: "plain", title: "show these tasks", onclick: () => search.narrow(what, (did, said) =>
      (did === row.dataset.name || row.dataset.name === "other" && !rows.includes(did)) && (said === columns[c] || columns[c] === "other" && !columns.includes(said))) });
    show.setAttribute("aria-label", cell.textContent + " tasks, " + what + ": show them");
    show.append(...cell.childNodes);
    cell.append(show);
  });
}

// Without what it needs the page stays as it is: it says the same.
if ("DecompressionStream" in window) {
  const seen = new IntersectionObserver(entries => {
    for (const e of entries) if (e.isIntersecting) {
      seen.unobserve(e.target);
      enrich(e.target);
    }
  }, { rootMargin: "300px" });
  for (const run of document.querySelectorAll(".run")) seen.observe(run);
  addEventListener("hashchange", () => goTo(location.hash));
  goTo(location.hash);
}
