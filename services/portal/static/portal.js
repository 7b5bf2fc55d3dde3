// Keeps the pages fresh; they are complete without it.
"use strict";

const SILENCE = 8000;
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
  say(picture.pulse, picture.pulse === "live");
}

function say(text, isLive) {
  const pulse = document.querySelector("[data-pulse]");
  if (pulse && pulse.textContent !== text) pulse.textContent = text;
  document.body.classList.toggle("live", isLive);
}

function watchPipeline(address) {
  const source = new EventSource(address);
  let heardAt = Date.now();
  const again = (milliseconds) => {
    clearInterval(watchdog);
    source.close();
    setTimeout(() => watchPipeline(address), milliseconds);
  };
  // A connection may hang without an error: pictures come every second, or every few while services are away.
  const watchdog = setInterval(() => {
    if (Date.now() - heardAt < SILENCE) return;
    say("the window does not answer; connecting again …", false);
    again(1000);
  }, 1000);
  source.addEventListener("picture", (event) => {
    heardAt = Date.now();
    show(JSON.parse(event.data));
  });
  source.addEventListener("error", () => {
    say("the window does not answer; connecting again …", false);
    // After a refusal (too many viewers) the browser gives up by itself; we try again later.
    if (source.readyState === EventSource.CLOSED) again(10000);
  });
  window.addEventListener("pagehide", () => source.close());
}

// A page, also one that says who is away; whatever else answers instead of the portal is no page, but what was
// asked for may be another document, which the browser then shows.
async function fetchText(address) {
  const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(SILENCE) });
  const isPage = answer.headers.get("Content-Type")?.startsWith("text/html");
  if (answer.ok && !isPage) location.reload();
  if (!isPage || (!answer.ok && answer.status !== 503)) throw new Error(String(answer.status));
  return answer.text();
}

function reach(isReached) {
  document.querySelector("[data-offline]").hidden = isReached;
}

function every(milliseconds, work) {
  const step = async () => {
    if (!document.hidden) {
      try {
        const goesOn = await work();
        reach(true);
        if (goesOn === false) return;
      } catch {
        reach(false); // The next turn tries again.
      }
    }
    setTimeout(step, milliseconds);
  };
  setTimeout(step, milliseconds);
}

const shown = new WeakMap();

// New content in an old place; whoever reads there keeps the focus, what is open and how far it is scrolled. Says
// whether it is shown: while somebody has text selected there, it is not.
function replace(place, html) {
  const selection = getSelection();
  const isReading = !selection.isCollapsed && place.contains(selection.anchorNode);
  if (isReading || shown.get(place) === html) return !isReading;
  const kept = [...named(place)].map(([name, node]) => [name, node.scrollLeft, node.scrollTop, isFocused(node)]);
  const open = [...place.querySelectorAll("details[open]")].map((node) => node.id);
  place.innerHTML = html;
  shown.set(place, html);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  const fresh = named(place);
  for (const [name, left, top, hasFocus] of kept) {
    if (left || top) fresh.get(name)?.scrollTo(left, top);
    if (hasFocus) fresh.get(name)?.focus({ preventScroll: true });
  }
  return true;
}

const isFocused = (node) => node === document.activeElement;

// What may have the focus, by names that find it again after its place was filled anew: where it leads, and its turn
// among its like in the nearest thing that has an id.
function named(place) {
  const found = new Map();
  for (const node of place.querySelectorAll("a[href], button, summary, [tabindex]")) {
    const like = `${node.closest("[id]").id} ${node.localName} ${node.getAttribute("href")}`;
    let turn = 0;
    while (found.has(`${like} ${turn}`)) turn += 1;
    found.set(`${like} ${turn}`, node);
  }
  return found;
}

function keepLatest(address) {
  const place = document.querySelector("[data-latest-rows]");
  every(3000, async () => {
    replace(place, await fetchText(address));
  });
}

function keepPage(milliseconds) {
  every(milliseconds, async () => {
    const fresh = new DOMParser().parseFromString(await fetchText(location.href), "text/html");
    const after = fresh.querySelector("main");
    if (!replace(document.querySelector("main"), after.innerHTML)) return true;
    document.title = fresh.title;
    return after.hasAttribute("data-refresh");
  });
}

const { live, latest } = document.body.dataset;
if (live) watchPipeline(live);
if (latest) keepLatest(latest);
const refresh = document.querySelector("main").dataset.refresh;
if (refresh) keepPage(Number(refresh));
