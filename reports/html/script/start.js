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
  const box = run.querySelector(".tasks");
  if (box) new Search(box, samples, i => {
    if (!timeline) return;
    timeline.select(i);
    timeline.canvas.focus();
    timeline.canvas.scrollIntoView({ block: "nearest" });
  });
  requestAnimationFrame(() => requestAnimationFrame(() => { run.dataset.rich = "drawn"; }));
  return { timeline, samples };
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
