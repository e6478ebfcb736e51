// One GET with Node's fetch, which follows redirects.
try {
  const r = await fetch(process.argv[2], { signal: AbortSignal.timeout(1000 * Number(process.argv[3])) });
  const body = await r.arrayBuffer();
  console.log("status", r.status, body.byteLength);
} catch (e) {
  const cause = e.cause ? `: ${e.cause.code ?? e.cause.name}: ${e.cause.message}` : `: ${e.message}`;
  console.log("error", `${e.name}${cause}`);
}
