// Keeps the pages fresh; they are complete without it.
"use strict";

const format = new Intl.NumberFormat("en");

function at(tree, path) {
  return path.split(".").reduce((node, name) => (node == null ? node : node[name]), tree);
}

function show(picture) {
  for (const node of document.querySelectorAll("[data-value]")) {
    const value = at(picture, node.dataset.value);
    const text = format.format(value ?? 0);
    if (node.textContent !== text) node.textContent = text;
  }
  for (const node of document.querySelectorAll("[data-up]"))
    node.toggleAttribute("data-away", !at(picture, `services.${node.dataset.up}.is_up`));
  for (const node of document.querySelectorAll("[data-alarm]"))
    node.toggleAttribute("data-some", at(picture, node.dataset.alarm) > 0);
  for (const node of document.querySelectorAll("[data-held]"))
    node.toggleAttribute("data-holds", at(picture, `held.${node.dataset.held}`) > 0);
  for (const node of document.querySelectorAll("[data-path]"))
    node.setAttribute("d", at(picture, node.dataset.path) ?? "");
  document.body.classList.toggle("flows", picture.rate > 0);
  // The faster permits come, the faster the lines run: 3 s at a few a second, 0.4 s at a thousand.
  const seconds = Math.max(0.4, 3 - Math.log10(1 + picture.rate) * 0.87);
  document.body.style.setProperty("--pace", `${seconds.toFixed(2)}s`);
  say(picture.is_known ? "live" : "clearance does not answer; the counts are the last known", picture.is_known);
}

function say(text, isLive) {
  const pulse = document.querySelector("[data-pulse]");
  if (pulse && pulse.textContent !== text) pulse.textContent = text;
  document.body.classList.toggle("live", isLive);
}

function watchPipeline(address) {
  const source = new EventSource(address);
  source.addEventListener("picture", (event) => show(JSON.parse(event.data)));
  source.addEventListener("error", () => {
    say("connecting again …", false);
    // After a refusal (too many viewers) the browser gives up by itself; we try again later.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => watchPipeline(address), 10000);
  });
  window.addEventListener("pagehide", () => source.close());
}

async function fetchText(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  if (!answer.ok && answer.status !== 503) throw new Error(String(answer.status));
  return answer.text();
}

function every(milliseconds, work) {
  const step = async () => {
    if (!document.hidden) {
      try {
        if ((await work()) === false) return;
      } catch {
        // The next turn tries again.
      }
    }
    setTimeout(step, milliseconds);
  };
  setTimeout(step, milliseconds);
}

function keepLatest(address) {
  const place = document.querySelector("[data-latest-rows]");
  every(3000, async () => {
    const text = await fetchText(address);
    const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    place.innerHTML = text;
    if (focused) place.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  });
}

function keepPage(milliseconds) {
  every(milliseconds, async () => {
    const fresh = new DOMParser().parseFromString(await fetchText(location.href), "text/html");
    const before = document.querySelector("main");
    const after = fresh.querySelector("main");
    const open = [...before.querySelectorAll("details[open]")].map((node) => node.id);
    if (before.contains(document.activeElement) && document.activeElement !== before) return true;
    before.innerHTML = after.innerHTML;
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    return after.hasAttribute("data-refresh");
  });
}

const { live, latest } = document.body.dataset;
if (live) watchPipeline(live);
if (latest) keepLatest(latest);
const refresh = document.querySelector("main").dataset.refresh;
if (refresh) keepPage(Number(refresh));
