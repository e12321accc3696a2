/* Keeps the page at hand where there is no network: it opens with what was said, and what is typed waits there.
   HTML comes from the network first, for it names the current files; files with ?v= never change. Conversations are
   no business of this worker: they lie in the page's own storage. */
"use strict";

const CACHE = "camtay-1";
const PATIENCE = 4000; // ms until a page that we have is better than one that does not come
const GUIDES_KEPT = 30;

self.addEventListener("install", (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOtherCaches().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (url.pathname === "/" || url.pathname === "/chat") event.respondWith(page(request, url.pathname));
  else if (url.pathname.startsWith("/thu-tuc/")) event.respondWith(page(request, url.pathname, true));
  // all else (/api, /ws, /desk, /webhook …) goes its own way
});

/** The chat and the files that it names. */
async function keepShell() {
  const response = await fetch("/", { cache: "no-cache" });
  if (!response.ok) throw new Error("no page");
  const html = await response.clone().text();
  const files = new Set(html.match(/\/static\/[\w.-]+\?v=\w+/g) || []);
  const cache = await caches.open(CACHE);
  await Promise.all([...files].map((path) => cache.add(path)));
  await cache.put("/", response);
}

async function dropOtherCaches() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("camtay-") && name !== CACHE).map((name) => caches.delete(name)));
}

async function page(request, path, limited) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(path);
  const fresh = fetch(request).then(async (response) => {
    if (response.ok && response.type === "basic" && !response.redirected) {
      await cache.put(path, response.clone()); // without its ?p=…, which is no other page
      if (limited) await dropOldGuides(cache);
    }
    return response;
  });
  if (!kept) return fresh;
  fresh.catch(() => {}); // if it is late and then fails, nobody waits for it any more
  return Promise.race([fresh.catch(() => kept), new Promise((done) => setTimeout(done, PATIENCE, kept))]);
}

async function file(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  const url = new URL(request.url);
  if (response.ok && url.searchParams.has("v")) {
    await dropOtherVersions(cache, url);
    await cache.put(request, response.clone());
  }
  return response;
}

async function dropOtherVersions(cache, url) {
  const keys = await cache.keys();
  const old = keys.filter((key) => new URL(key.url).pathname === url.pathname && key.url !== url.href);
  await Promise.all(old.map((key) => cache.delete(key)));
}

/** The oldest go first: a cache lists what was put there in that order. */
async function dropOldGuides(cache) {
  const guides = (await cache.keys()).filter((key) => new URL(key.url).pathname.startsWith("/thu-tuc/"));
  await Promise.all(guides.slice(0, Math.max(0, guides.length - GUIDES_KEPT)).map((key) => cache.delete(key)));
}
