// Node's fetch, with three attempts.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";

const bug = process.env.CLIENT_BUG ?? "";

function whole(status, body) {
  if (status >= 400) return { status };
  return { status, bytes: body.length, digest: "sha256:" + createHash("sha256").update(body).digest("hex") };
}

async function attempt(url) {
  let head;
  const parts = [];
  try {
    head = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    for await (const part of head.body) parts.push(part);
    return whole(head.status, Buffer.concat(parts));
  } catch (e) {
    const error = String(e.cause ?? e);
    if (e.name === "TimeoutError") return { class: "timeout" };
    if (e.cause?.code === "ECONNREFUSED") return { class: "refused", error };
    if (!head) return { class: "reset", error };
    if (bug === "truncated") return whole(200, Buffer.concat(parts));
    return { class: "truncated", error };
  }
}

function again(seen) {
  if (seen.status === 400) return bug === "retries";
  return seen.class === "truncated" || seen.status >= 500;
}

async function get(url) {
  let seen;
  for (let n = 0; n < 3; n++) {
    seen = await attempt(url);
    if (!again(seen)) break;
  }
  return bug === "swallows" && seen.status === 503 ? { status: 200 } : seen;
}

if (process.argv[2]) {
  console.log(JSON.stringify(await get(process.argv[2])));
} else {
  for await (const line of createInterface({ input: process.stdin })) {
    const { task, url } = JSON.parse(line);
    get(url).then((seen) => console.log(JSON.stringify({ task, ...seen })));
  }
}
