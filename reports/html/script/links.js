// goTo opens the run of an address such as #error-100/pool/30, and of #error-100/pool/30/CL the task of this key in it.
async function goTo(hash) {
  const name = decodeURIComponent(hash.slice(1));
  if (!name || document.getElementById(name)) return;
  for (let at = name.lastIndexOf("/"); at > 0; at = name.lastIndexOf("/", at - 1)) {
    const run = document.getElementById(name.slice(0, at));
    if (!run?.classList.contains("run")) continue;
    run.closest("details").open = true;
    const { timeline, samples } = await enrich(run) || {};
    const task = samples ? samples.keys.indexOf(name.slice(at + 1)) : -1;
    if (task < 0) return run.scrollIntoView();
    timeline?.select(task);
    (timeline?.canvas || run).scrollIntoView({ block: "center" });
    return;
  }
}

// address makes the address of the page that of a task, so that it can be passed on.
function address(run, key) {
  try {
    history.replaceState(null, "", "#" + run.id + "/" + encodeURIComponent(key));
  } catch { /* the page is shown where it has no address */ }
}

// walk goes to the next or the previous run, of all or of those that are not ok.
function walk(by, flawed) {
  const runs = [...document.querySelectorAll(flawed ? ".run[data-flawed]" : ".run")];
  if (!runs.length) return;
  const here = runs.findIndex(run => run.closest("details").getBoundingClientRect().top > 8);
  const now = here < 0 ? runs.length : here;
  const next = runs[(by > 0 ? now : now - 2 + runs.length) % runs.length].closest("details");
  next.open = true;
  next.scrollIntoView();
  next.querySelector("summary").focus({ preventScroll: true });
}

function changeTheme() {
  const dark = getComputedStyle(document.documentElement).getPropertyValue("--scheme").trim() === "dark";
  document.documentElement.dataset.theme = dark ? "light" : "dark";
  dispatchEvent(new Event("resize")); // what is painted is painted again
}

document.querySelector("header").prepend(element("button", { type: "button", className: "theme", textContent: "light / dark",
  title: "change between light and dark: t", onclick: changeTheme }));

document.addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, select, textarea, canvas")) return;
  const act = {
    "/": () => document.querySelector(".controls input")?.focus(),
    j: () => walk(1), k: () => walk(-1), e: () => walk(1, true), t: changeTheme,
    "?": () => document.querySelector(".keys").scrollIntoView(),
  }[e.key];
  if (!act) return;
  e.preventDefault();
  act();
});

// Each command has a button that copies it.
for (const command of document.querySelectorAll("pre.command")) {
  const copy = element("button", { type: "button", className: "copy", textContent: "copy" });
  copy.onclick = () => {
    const text = command.querySelector("code").textContent;
    const done = () => { copy.textContent = "copied"; setTimeout(() => { copy.textContent = "copy"; }, 1500); };
    if (navigator.clipboard) return navigator.clipboard.writeText(text).then(done, () => {});
    getSelection().selectAllChildren(command.querySelector("code"));
    if (document.execCommand("copy")) done();
  };
  command.before(copy);
}
document.querySelector(".keys")?.removeAttribute("hidden");
