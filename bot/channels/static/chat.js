/* The chat page. Everything said lies in this browser's storage first, so that a closed page, a lost network or a
   slow server loses nothing: a message leaves the queue only when the server has it on disk, and carries an id by
   which a repeated one is known. Words from outside become text nodes, never markup. Runs on Chrome 80. */
"use strict";

(() => {
  const $ = (id) => document.getElementById(id);
  const labels = JSON.parse($("labels").textContent);
  const framed = document.body.classList.contains("framed");
  const ENTRIES_KEPT = 200;

  /* --- what is kept ------------------------------------------------------------------------------------------- */

  const PREFIX = "camtay.";
  const memory = {}; // where storage is forbidden (some frames, some private windows) the talk lives as long as the page

  const store = {
    text(key) {
      try {
        return localStorage.getItem(PREFIX + key);
      } catch (error) {
        return key in memory ? memory[key] : null;
      }
    },
    read(key, otherwise) {
      try {
        const value = JSON.parse(store.text(key));
        return value === null ? otherwise : value;
      } catch (error) {
        return otherwise;
      }
    },
    /** Returns false if the storage is full. */
    write(key, value) {
      const text = JSON.stringify(value);
      try {
        localStorage.setItem(PREFIX + key, text);
      } catch (error) {
        memory[key] = text;
        return error.name !== "QuotaExceededError";
      }
      return true;
    },
    clear() {
      try {
        Object.keys(localStorage)
          .filter((key) => key.startsWith(PREFIX))
          .forEach((key) => localStorage.removeItem(key));
      } catch (error) {
        // nothing was kept there
      }
      Object.keys(memory).forEach((key) => delete memory[key]);
    },
  };

  let secret = null; // who this visitor is
  let seen = 0; // the highest sequence number shown
  let entries = []; // {me, id, fate, at} or {seqs, re, text, buttons, image, page, at}
  let queue = []; // frames that the server has not confirmed: {t, id, text | payload | topic}
  let kept = null; // the transcript as last written, to notice that another tab wrote

  function load() {
    secret = store.read("secret", null);
    seen = store.read("seen", 0);
    queue = store.read("queue", []);
    kept = store.text("log");
    entries = store.read("log", []);
  }

  function save() {
    entries = entries.slice(-ENTRIES_KEPT);
    if (!store.write("log", entries)) store.write("log", entries.slice(-40));
    kept = store.text("log");
    store.write("queue", queue);
    store.write("seen", seen);
  }

  /** Another tab of this browser may have spoken since we last looked. */
  function freshen() {
    if (store.text("log") === kept) return;
    load();
    redraw();
  }

  function random(bytes) {
    const raw = crypto.getRandomValues(new Uint8Array(bytes));
    return btoa(String.fromCharCode(...raw))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
  }

  /* --- text into nodes ---------------------------------------------------------------------------------------- */

  function make(tag, className, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    node.append(...children);
    return node;
  }

  const LINK = /https:\/\/[^\s<>"“”]+|\b(?:11[345]|1[89]00(?:[ .]?\d{2,4}){1,2}|0\d{2,3}[ .]?\d{3,4}[ .]?\d{3,4})/g;

  /** Put `text` into `parent`, with https addresses and phone numbers as links. */
  function write(parent, text) {
    let done = 0;
    for (const match of text.matchAll(LINK)) {
      const link = match[0].startsWith("https:") ? address(match[0]) : phone(match[0], text, match.index);
      if (!link) continue;
      parent.append(text.slice(done, match.index), link.node);
      done = match.index + link.length;
    }
    parent.append(text.slice(done));
    return parent;
  }

  function address(found) {
    const url = found.replace(/[.,;:!?)\]…]+$/, ""); // the sentence's own marks are not the address's
    try {
      if (new URL(url).protocol !== "https:") return null;
    } catch (error) {
      return null;
    }
    const node = make("a", "", url, make("span", "sr", ` (${labels.newPage})`));
    Object.assign(node, { href: url, target: "_blank", rel: "noopener noreferrer" });
    return { node, length: url.length };
  }

  /** A number that one can call; null for sums, years, dossier codes, and the 113 of "Điều 113". */
  function phone(found, text, at) {
    const before = text.slice(0, at);
    const after = text.slice(at + found.length);
    if (/[\w.,/-]$/.test(before) || /^([\w/-]|[.,]\d)/.test(after)) return null;
    const digits = found.replace(/\D/g, "");
    if (digits.length === 3) {
      if (!/☎|gọi/i.test(before) || /(điều|khoản|điểm|mục|luật) $/i.test(before) || /^ ?(đồng|ngày|%)/.test(after)) {
        return null;
      }
    } else if (!/^(1[89]00\d{4,6}|02\d{8,9}|0[35789]\d{8})$/.test(digits)) {
      return null;
    }
    const node = make("a", "tel", found);
    node.href = `tel:${digits}`;
    return { node, length: found.length };
  }

  const PAPER = /^([☐☑]) (\d+)\. (.*)$/;
  const OF = /^\S+ (\d+)\/(\d+)(?=\D|$)/; // "Bước 2/11: …"

  /** A reply's text in blocks: title, paragraphs, lists, papers. */
  function parse(text) {
    const lines = text.split("\n");
    const blocks = [];
    let block = null; // the one that the next line may join
    const open = (kind, more) => {
      if (!block || block.kind !== kind) blocks.push((block = { kind, items: [], ...more }));
      return block.items;
    };
    lines.forEach((line, n) => {
      const paper = PAPER.exec(line);
      if (!line.trim()) {
        block = null;
      } else if (paper) {
        open("papers").push({ on: paper[1] === "☑", n: Number(paper[2]), text: paper[3], notes: [] });
      } else if (/^\s{2,}/.test(line) && block && block.kind !== "text") {
        block.items[block.items.length - 1].notes.push(line.trim());
      } else if (/^[•☎]/.test(line)) {
        const parts = line.split(/\s+(?=[•☎])/); // several on one line
        const items = parts.map((part) => ({ text: part.replace(/^•\s*/, ""), call: part[0] === "☎", notes: [] }));
        open("list").push(...items);
      } else {
        open("text").push(line.trim());
        if (n === 0 && lines.length > 1 && isTitle(line)) {
          block.title = true;
          block = null;
        }
      }
    });
    return blocks;
  }

  function isTitle(line) {
    return line.length < 130 && (OF.test(line) || /:$/.test(line) || line === line.toUpperCase());
  }

  function drawBlock(block, reply) {
    if (block.kind === "papers") return drawPapers(block.items, reply);
    if (block.kind === "list") return make("ul", "", ...block.items.map(drawItem));
    const node = make("p", block.title ? "title" : "");
    block.items.forEach((line, n) => {
      if (n) node.append(make("br"));
      write(node, line);
    });
    if (/^\(.*\)$/.test(node.textContent)) node.className = "aside"; // sources
    return node;
  }

  function drawItem(item) {
    const node = write(make("li", item.call ? "call" : ""), item.text);
    item.notes.forEach((note) => node.append(write(make("span", "note"), note)));
    return node;
  }

  function drawBar(text) {
    const [, n, of] = OF.exec(text) || [];
    if (!of || Number(n) > Number(of)) return "";
    const fill = make("i");
    fill.style.width = `${(100 * n) / of}%`;
    const bar = make("div", "bar", fill);
    bar.setAttribute("aria-hidden", "true"); // the title says the same
    return bar;
  }

  /* --- replies ------------------------------------------------------------------------------------------------ */

  const isTick = (button) => button !== undefined && button.payload.startsWith("tick:");

  /** Each paper is ticked by its own line; only a list without such buttons is plain text. */
  function drawPapers(papers, reply) {
    const node = make("div", "papers");
    papers.forEach((paper) => {
      const button = reply.buttons[paper.n - 1];
      const line = make(isTick(button) ? "button" : "div", "tick", make("span", "box"));
      line.append(write(make("span"), `${paper.n}. ${paper.text}`));
      if (isTick(button)) {
        line.type = "button";
        line.dataset.payload = button.payload;
        line.setAttribute("role", "checkbox");
        line.setAttribute("aria-checked", String(paper.on));
      }
      const row = make("div", paper.on ? "paper on" : "paper", line);
      if (paper.notes.length) row.append(write(make("span", "note"), paper.notes.join(" ")));
      node.append(row);
    });
    return node;
  }

  const MAIN = /^(done|ready|begin|resume)(:|$)/; // the way on
  const SIDE = /^(step-back|back|pause|menu|human|help|stop)(:|$)/; // the ways out

  function drawChoices(reply, drawn) {
    const group = make("div", "choices");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", labels.choices);
    reply.buttons.forEach((button, n) => {
      if (drawn.has(button.payload)) return;
      const node = make("button", "", make("span", "n", String(n + 1)), make("span", "label", button.label));
      node.type = "button";
      node.dataset.payload = button.payload;
      if (MAIN.test(button.payload)) node.classList.add("main");
      if (SIDE.test(button.payload)) node.classList.add("side");
      group.append(node);
    });
    return group.children.length ? group : "";
  }

  function drawReply(reply) {
    const bubble = make("div", "bubble", make("span", "sr", `${labels.bot}: `));
    parse(reply.text).forEach((block, n) => {
      bubble.append(drawBlock(block, reply));
      if (n === 0) bubble.append(drawBar(reply.text));
    });
    if (reply.image && isOurs(reply.image)) bubble.append(drawImage(reply));
    if (reply.page && isOurs(reply.page)) {
      const link = make("a", "", labels.print, make("span", "sr", ` (${labels.newPage})`));
      Object.assign(link, { href: reply.page, target: "_blank", rel: "noopener" });
      bubble.append(make("p", "more", link));
    }
    if (reply.file) bubble.append(drawFile(reply.file));
    if (reply.photo) bubble.append(drawPicker());
    const ticks = new Set();
    bubble.querySelectorAll("[data-payload]").forEach((node) => ticks.add(node.dataset.payload));
    const node = make("div", "turn bot", bubble, drawChoices(reply, ticks));
    node.dataset.seq = reply.seqs[0];
    return node;
  }

  const isOurs = (path) => /^\/(?!\/)/.test(path); // a path on this host, nothing else

  /** A small file that came with the reply, such as an appointment: taps keep it on the device. */
  function drawFile(file) {
    const link = make("a", "", labels.file);
    link.href = URL.createObjectURL(new Blob([file.text], { type: `${file.type};charset=utf-8` }));
    link.download = file.name;
    return make("p", "more", link);
  }

  /** A picture of their screen was asked for: once picked it is sent, and nothing of it stays here. */
  function drawPicker() {
    const picker = make("input", "sr");
    Object.assign(picker, { type: "file", accept: "image/jpeg,image/png,image/webp" });
    picker.addEventListener("change", () => picker.files.length && sendPhoto(picker));
    return make("p", "more", make("label", "picker", labels.photo, picker));
  }

  async function sendPhoto(picker) {
    const [file] = picker.files;
    const entry = { me: labels.photoMine, id: random(12), at: new Date().toISOString() };
    entries.push(entry);
    append(entry);
    reveal(entry);
    waiting.set(entry.id, Date.now());
    const headers = { "X-Secret": secret, "X-Id": entry.id, "Content-Type": "application/octet-stream" };
    const sent = await fetch("/api/photo", { method: "POST", headers, body: file }).catch(() => null);
    picker.value = "";
    accepted(entry.id, sent && sent.ok ? "sent" : "refused");
  }

  function drawImage(reply) {
    const image = make("img");
    image.src = reply.image;
    image.alt = reply.alt || `${labels.image}: ${reply.text.split("\n")[0]}`;
    Object.assign(image, { loading: "lazy", width: 360, height: 480 });
    image.addEventListener("load", () => isNearEnd() && toEnd());
    return image;
  }

  function drawMine(entry) {
    const node = make("div", "turn me", make("div", "bubble", make("span", "sr", `${labels.you}: `), entry.me));
    node.setAttribute("aria-live", "off"); // they wrote it; no need to read it back
    drawFate(node, entry);
    return node;
  }

  /** Whether a message of theirs is on its way, safe, or refused. */
  function drawFate(node, entry) {
    node.querySelectorAll(".fate").forEach((old) => old.remove());
    if (entry.fate === "sent") {
      const mark = make("span", "", "\u00a0✓"); // stays with the last word
      mark.setAttribute("aria-hidden", "true");
      node.firstChild.append(make("span", "fate", mark, make("span", "sr", labels.sent)));
    } else if (entry.fate === "refused") {
      node.append(make("p", "fate refused", labels.refused));
    } else if (isLate(entry)) {
      node.append(make("p", "fate", labels.waiting));
    }
  }

  const isLate = (entry) => Date.now() - Date.parse(entry.at) > 1200;

  /* --- the list of what was said ------------------------------------------------------------------------------ */

  const log = $("log");
  const nodes = new Map(); // entry → its node
  let lastDay = null;

  const day = (at) => new Date(at).toLocaleDateString("vi-VN", { timeZone: "Asia/Ho_Chi_Minh" });

  function append(entry) {
    const now = Date.now();
    const its = day(entry.at || now);
    if (its !== lastDay && (lastDay || its !== day(now))) {
      const near = { [day(now)]: labels.today, [day(now - 864e5)]: labels.yesterday };
      log.append(make("p", "day", near[its] || its));
    }
    lastDay = its;
    const node = entry.seqs ? drawReply(entry) : drawMine(entry);
    nodes.set(entry, node);
    log.append(node);
    $("empty").hidden = true;
    return node;
  }

  function redraw() {
    log.setAttribute("aria-live", "off"); // what was said before is not news
    log.textContent = "";
    nodes.clear();
    lastDay = null;
    $("empty").hidden = false;
    entries.forEach(append);
    markCurrent();
    setTimeout(() => log.setAttribute("aria-live", "polite"), 300);
    if (entries.length) reveal(entries[entries.length - 1], true);
  }

  /** Digits mean the choices of the last answer. What comes unasked (reminders, tips) does not change that. */
  function markCurrent() {
    let current = null;
    entries.forEach((entry) => {
      if (entry.seqs && entry.re && (!current || newest(entry) > newest(current))) current = entry;
    });
    nodes.forEach((node, entry) => node.classList.toggle("current", entry === current));
  }

  const newest = (entry) => entry.seqs[entry.seqs.length - 1];

  /** A reply came: show it once, in its place. */
  function receive(reply) {
    freshen();
    const known = entries.some((one) => one.seqs && one.seqs.includes(reply.seq) && one.at === reply.at);
    if (reply.seq <= seen || known) return acknowledge();
    seen = reply.seq;
    const { seq, re, text, buttons, image, alt, page, file, photo, at } = reply;
    const content = { re, text, buttons: buttons || [], image, alt, page, file, photo, at };
    const edited = reply.edits && entries.find((entry) => entry.seqs && entry.seqs.includes(reply.edits));
    if (edited) {
      edit(edited, seq, content);
    } else {
      const entry = { seqs: [seq], ...content };
      const follow = waiting.has(re) || isNearEnd();
      entries.push(entry);
      append(entry);
      if (follow) reveal(entry);
    }
    if (re) accepted(re); // an answer is proof enough that the question arrived
    markCurrent();
    save();
    return acknowledge();
  }

  /** Change a reply where it stands: focus stays on the pressed button's successor, and the change is read out. */
  function edit(entry, seq, content) {
    const old = nodes.get(entry);
    const before = parse(entry.text);
    const focused = old.contains(document.activeElement) && document.activeElement.dataset.payload;
    Object.assign(entry, content, { seqs: [...entry.seqs, seq] });
    const node = drawReply(entry);
    node.setAttribute("aria-live", "off"); // or all of it would be read again
    old.replaceWith(node);
    nodes.set(entry, node);
    const changed = changes(before, parse(entry.text));
    changed.forEach((paper) => node.querySelectorAll(".paper")[paper.place].classList.add("flash"));
    if (focused) {
      const next = [...node.querySelectorAll("[data-payload]")].find((one) => one.dataset.payload === focused);
      (next || node.querySelector("[data-payload]") || log).focus({ preventScroll: true });
    }
    bringIntoSight(node.querySelector(".flash") || node);
    const words = changed.map((paper) => `${paper.on ? labels.ticked : labels.unticked}: ${paper.text}`);
    tell([...(words.length ? words : [labels.changed]), entry.text.split("\n")[0]].join(". "));
  }

  /** The papers whose tick differs. */
  function changes(before, after) {
    const papers = (blocks) => [].concat(...blocks.filter((one) => one.kind === "papers").map((one) => one.items));
    const old = papers(before);
    return papers(after)
      .map((paper, place) => ({ ...paper, place }))
      .filter((paper) => old[paper.place] && old[paper.place].on !== paper.on);
  }

  function tell(words) {
    $("told").textContent = "";
    setTimeout(() => ($("told").textContent = words), 60); // emptied first, so that the same words are read again
  }

  /* --- scrolling ---------------------------------------------------------------------------------------------- */

  const head = document.querySelector(".top");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let revealing = null;

  const covered = () => (getComputedStyle(head).position === "sticky" ? head.offsetHeight : 0);
  const isNearEnd = (margin = 160) => document.documentElement.scrollHeight - innerHeight - scrollY < margin;

  function scroll(top, atOnce) {
    const far = Math.abs(top - scrollY) > 2 * innerHeight;
    window.scrollTo({ top, behavior: atOnce || far || calm.matches ? "auto" : "smooth" });
  }

  const toEnd = (atOnce) => scroll(document.documentElement.scrollHeight, atOnce);

  /** Show the end, with all of the turn above it; if that is too long, show where the answer begins. */
  function reveal(entry, atOnce) {
    if (!revealing) requestAnimationFrame(() => show(revealing, atOnce));
    revealing = entry;
  }

  function show(entry, atOnce) {
    revealing = null;
    const turn = entry.re ? entries.filter((one) => one.re === entry.re) : [entry];
    const node = nodes.get(turn[0]);
    if (!node) return;
    const top = node.getBoundingClientRect().top + scrollY - covered() - 12;
    if (document.documentElement.scrollHeight - top <= innerHeight) toEnd(atOnce);
    else scroll(top, atOnce);
  }

  function bringIntoSight(node) {
    const { top, bottom } = node.getBoundingClientRect();
    if (top < covered() || bottom > innerHeight - $("composer").offsetHeight) {
      node.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
    }
  }

  new IntersectionObserver(([end]) => ($("latest").hidden = end.isIntersecting || !entries.length), {
    rootMargin: "0px 0px -60px 0px", // where the composer covers the page
  }).observe($("end"));

  /* --- saying ------------------------------------------------------------------------------------------------- */

  const waiting = new Map(); // id → since when an answer is awaited

  /** Put a message on its way. `words` is what is shown as theirs; a tick shows nothing. */
  function send(frame, words) {
    freshen();
    if (!secret) {
      secret = random(32);
      store.write("secret", secret);
    }
    frame.id = random(12);
    queue.push(frame);
    waiting.set(frame.id, Date.now());
    if (words) {
      const entry = { me: words, id: frame.id, at: new Date().toISOString() };
      entries.push(entry);
      append(entry);
      reveal(entry);
    }
    save();
    pump();
    setTimeout(update, 450); // a quick answer needs no "đang soạn"
    setTimeout(update, 1600);
    return frame.id;
  }

  function press(button) {
    const { payload } = button.dataset;
    if (queue.some((frame) => frame.payload === payload) || button.getAttribute("aria-busy")) return; // a shaky hand
    const hadFocus = $("empty").contains(button);
    const label = button.querySelector(".label") || button;
    const ticks = button.getAttribute("role") === "checkbox";
    const id = send({ t: "press", payload }, ticks ? null : label.textContent.trim());
    button.setAttribute("aria-busy", "true");
    button.dataset.busy = id;
    setTimeout(() => rest(id), 15000); // no answer came; let them try again
    if (hadFocus) log.focus({ preventScroll: true }); // the button has just left the page
  }

  function rest(id) {
    document.querySelectorAll("[data-busy]").forEach((button) => {
      if (button.dataset.busy !== id) return;
      button.removeAttribute("aria-busy");
      delete button.dataset.busy;
    });
  }

  /** The server has it on disk. */
  function accepted(id, fate = "sent") {
    freshen();
    const entry = entries.find((one) => one.me && one.id === id);
    if (!queue.some((frame) => frame.id === id) && (!entry || entry.fate === fate)) return;
    queue = queue.filter((frame) => frame.id !== id);
    if (entry) {
      entry.fate = fate;
      drawFate(nodes.get(entry), entry);
    }
    if (fate === "refused") answered(id);
    save();
    update();
  }

  function answered(id) {
    waiting.delete(id);
    rest(id);
    update();
  }

  /* --- what state we are in ----------------------------------------------------------------------------------- */

  let ready = false; // a socket has been welcomed
  let answering = false; // plain requests are getting through
  let lostAt = Date.now();
  let notice = "";

  function update() {
    const now = Date.now();
    const atEnd = isNearEnd(40);
    waiting.forEach((since, id) => now - since > 30000 && !queue.some((one) => one.id === id) && waiting.delete(id));
    const asked = [...waiting.entries()].some(([id, since]) => now - since > 400 && !queue.some((one) => one.id === id));
    const linked = ready || answering;
    $("typing").hidden = !(linked && asked);

    let words = notice;
    if (!linked && !navigator.onLine) words = labels.offline;
    else if (!linked && secret && now - lostAt > 2500) words = labels.reconnecting;
    else if (queue.length && [...waiting.values()].some((since) => now - since > 1500)) words = labels.sending;
    if ($("state").textContent !== words) $("state").textContent = words;
    $("state").classList.toggle("warn", Boolean(words) && words === notice);

    entries.forEach((entry) => {
      if (entry.me && !entry.fate && isLate(entry) && nodes.has(entry)) drawFate(nodes.get(entry), entry);
    });
    if (atEnd && !isNearEnd(1)) toEnd(); // what has just appeared must not cover the last words
  }

  function complain(words) {
    notice = String(words).slice(0, 300);
    setTimeout(() => {
      notice = "";
      update();
    }, 10000);
    update();
  }

  /* --- the line to the server --------------------------------------------------------------------------------- */

  let socket = null;
  let heard = 0; // when the socket last said something
  let failures = 0; // sockets in a row that never got a welcome
  let tries = 0; // since the last good connection; sets how long we wait
  let retry = null;
  let inFlight = new Set(); // ids sent over this very connection
  const refusals = {}; // id → how often the server hung up on it

  /** Send what waits, by whichever way is open; open one if none is. */
  function pump() {
    if (!secret) return;
    if (ready) {
      queue
        .filter((frame) => !inFlight.has(frame.id))
        .forEach((frame) => {
          inFlight.add(frame.id);
          say(frame);
        });
      if (inFlight.size) expect(10000);
    } else if (polling) {
      pumpPlainly();
    } else if (!socket && !retry) {
      connect();
    }
  }

  const say = (frame) => socket.send(JSON.stringify(frame));

  /** A dead line does not tell: if nothing is heard in time, it is dead. */
  function expect(ms) {
    const own = socket;
    const asked = Date.now();
    setTimeout(() => {
      if (own && own === socket && heard < asked) hangUp();
    }, ms);
  }

  function connect() {
    clearTimeout(retry);
    retry = null;
    if (!secret || socket) return;
    let own;
    try {
      own = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
    } catch (error) {
      lost();
      return;
    }
    socket = own;
    expect(10000);
    own.onopen = () => own.send(JSON.stringify({ t: "hello", secret, after: seen }));
    own.onmessage = (event) => {
      if (own !== socket) return;
      heard = Date.now();
      hear(JSON.parse(event.data));
    };
    own.onclose = (event) => {
      if (own === socket) lost(event.code);
    };
  }

  function hear(message) {
    if (message.t === "welcome") welcome(message);
    else if (message.t === "accepted") accepted(message.id);
    else if (message.t === "reply") receive(message);
    else if (message.t === "answered") answered(message.id);
    else if (message.t === "error") {
      complain(message.text);
      if (message.id) accepted(message.id, "refused");
    }
  }

  /** A server that was set up anew counts from the start again; `last`, if it tells, is the highest it has given. */
  function isOtherServer(message) {
    if (!(message.last < seen)) return false;
    seen = 0;
    save();
    return true;
  }

  function welcome(message) {
    if (isOtherServer(message)) {
      hangUp();
      return;
    }
    const own = socket;
    ready = true;
    failures = 0;
    stopPolling();
    setTimeout(() => own === socket && (tries = 0), 5000); // a server that hangs up at once is not asked every second
    pump();
    update();
  }

  /** We close it ourselves. A dead socket takes a minute to say that it is closed, so we don't wait for that. */
  function hangUp() {
    const own = socket;
    if (!own) return;
    own.onclose = own.onmessage = own.onopen = null;
    own.close();
    lost();
  }

  function lost(code) {
    if (ready) lostAt = Date.now();
    else if (navigator.onLine) failures += 1;
    if (code === 1008) refuseFirst();
    socket = null;
    ready = false;
    inFlight = new Set();
    if (failures >= 2) poll();
    again();
    setTimeout(update, 2600);
    update();
  }

  /** The server hung up on what we said. Said twice to no avail, it must not keep the rest from being heard. */
  function refuseFirst() {
    const frame = queue.find((one) => inFlight.has(one.id));
    if (!frame) return;
    refusals[frame.id] = (refusals[frame.id] || 0) + 1;
    if (refusals[frame.id] >= 2) accepted(frame.id, "refused");
  }

  /** Try a socket again, later and later; beside working requests there is no haste. */
  function again(seconds = answering ? Math.min(600, 15 * failures * failures) : Math.min(30, 2 ** tries)) {
    if (!secret || retry) return;
    tries += 1;
    const wait = navigator.onLine ? seconds : 30; // the browser will tell us when it is back on line
    retry = setTimeout(connect, wait * 1000 * (0.7 + 0.6 * Math.random())); // or all would come back at once
  }

  /** Something tells us that it may work now. */
  function hurry() {
    if (ready) {
      say({ t: "ping" });
      expect(4000);
    } else {
      tries = 0;
      connect();
    }
  }

  let ackTimer = null;

  function acknowledge() {
    if (ackTimer) return;
    ackTimer = setTimeout(() => {
      ackTimer = null;
      if (ready) say({ t: "ack", seq: seen });
    }, 150);
  }

  setInterval(() => {
    if (!ready) return;
    say({ t: "ping" });
    expect(10000);
  }, 25000);

  /* --- plain requests, where WebSockets are blocked ----------------------------------------------------------- */

  let polling = null; // the AbortController of the running loop
  let posting = false;

  async function post(path, body, signal) {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      cache: "no-store",
      signal,
    });
    if (!response.ok) throw Object.assign(new Error("refused"), { status: response.status });
    return response.json();
  }

  const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

  async function poll() {
    if (polling || !secret) return;
    const own = (polling = new AbortController());
    let wait = 1;
    while (polling === own) {
      const began = Date.now();
      try {
        await pumpPlainly();
        const came = await post("/api/replies", { secret, after: seen }, own.signal);
        if (polling !== own) return;
        wait = 1;
        if (!answering) {
          answering = true;
          clearTimeout(retry);
          retry = null;
          again(5); // the server may only have been away for a moment
        }
        if (isOtherServer(came)) continue;
        came.replies.forEach(receive);
        came.answered.forEach(answered);
        update();
        if (!came.replies.length && Date.now() - began < 1000) await sleep(1000);
      } catch (error) {
        if (polling !== own) return;
        if (answering) lostAt = Date.now();
        answering = false;
        update();
        await sleep(wait * 1000 * (0.7 + 0.6 * Math.random()));
        wait = Math.min(30, wait * 2);
      }
    }
  }

  function stopPolling() {
    if (polling) polling.abort();
    polling = null;
    answering = false;
  }

  /** One after the other, so that they arrive in the order in which they were said. */
  async function pumpPlainly() {
    if (posting) return;
    posting = true;
    try {
      while (queue.length && secret && polling) {
        const { t, ...frame } = queue[0];
        try {
          await post("/api/say", { secret, ...frame });
          accepted(frame.id);
        } catch (error) {
          if (![400, 413, 422].includes(error.status)) break; // try again with the next poll
          accepted(frame.id, "refused");
        }
      }
    } finally {
      posting = false;
    }
  }

  /* --- the page's own controls -------------------------------------------------------------------------------- */

  const input = $("say");

  function fit() {
    input.style.height = "";
    if (input.value) input.style.height = `${input.scrollHeight + 4}px`;
  }

  function submit(event) {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) {
      input.focus();
      return;
    }
    input.value = "";
    store.write("draft", "");
    fit();
    send({ t: "say", text }, text);
    if (matchMedia("(pointer: coarse)").matches) input.blur(); // the keyboard would cover the answer
  }

  function toggleMenu(open, returnFocus) {
    $("menu").hidden = !open;
    $("menu-button").setAttribute("aria-expanded", String(open));
    if (returnFocus) $("menu-button").focus();
  }

  function setSize(size, aloud) {
    const root = document.documentElement.classList;
    root.remove("size-2", "size-3");
    if (size > 1) root.add(`size-${size}`);
    document.querySelectorAll("[data-size]").forEach((button) => {
      button.setAttribute("aria-pressed", String(Number(button.dataset.size) === size));
    });
    $("bigger").setAttribute("aria-label", `${labels.textSize}: ${labels.sizes[size - 1]}`);
    $("bigger").dataset.next = (size % 3) + 1;
    fit();
    if (!aloud) return;
    store.write("size", size);
    tell(labels.sizes[size - 1]);
  }

  /** What one wants on paper: the last reply with papers, or of some length; else the last one. */
  function choosePrint() {
    const replies = entries.filter((entry) => entry.seqs).reverse();
    const worth = replies.find((entry) => PAPER.test(entry.text.split("\n")[1] || "") || entry.page);
    const chosen = worth || replies.find((entry) => entry.text.split("\n").length > 3) || replies[0];
    document.body.classList.toggle("printing", Boolean(chosen));
    nodes.forEach((node, entry) => node.classList.toggle("print", entry === chosen));
  }

  function askForget() {
    const dialog = $("forget-dialog");
    if (dialog.showModal) dialog.showModal();
    else if (confirm(`${labels.forgetTitle}\n${labels.forgetText}`)) forget(); // browsers without <dialog>
  }

  function forget() {
    store.clear();
    forgotten();
    setSize(1);
    tell(labels.forgotten);
    log.focus();
  }

  /** Back to the empty page, here or because another tab forgot. */
  function forgotten() {
    load();
    stopPolling();
    hangUp();
    clearTimeout(retry);
    retry = null;
    waiting.clear();
    input.value = "";
    redraw();
    scrollTo(0, 0);
    update();
  }

  function followDeepLink() {
    const query = new URLSearchParams(location.search);
    const topic = query.get("p");
    if (topic === null) return;
    query.delete("p");
    const rest = query.toString();
    history.replaceState(null, "", location.pathname + (rest ? `?${rest}` : ""));
    if (/^[a-z0-9-]{1,40}$/.test(topic)) send({ t: "start", topic });
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    const inMenu = $("menu").contains(event.target);
    if (button && button.dataset.payload) press(button);
    if (!$("menu").hidden && !event.target.closest("#menu-button, .sizes, #bigger")) {
      toggleMenu(false, inMenu && button && button.dataset.payload);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || $("forget-dialog").open) return;
    if (!$("menu").hidden) toggleMenu(false, true);
    else if (framed) parent.postMessage("camtay:close", "*"); // the page around us closes the frame
  });
  $("menu-button").addEventListener("click", () => toggleMenu($("menu").hidden));
  $("bigger").addEventListener("click", () => setSize(Number($("bigger").dataset.next), true));
  document.querySelectorAll("[data-size]").forEach((button) => {
    button.addEventListener("click", () => setSize(Number(button.dataset.size), true));
  });
  $("print").addEventListener("click", () => print());
  window.addEventListener("beforeprint", choosePrint);
  $("forget").addEventListener("click", askForget);
  $("forget-yes").addEventListener("click", () => {
    $("forget-dialog").close();
    forget();
  });
  $("forget-no").addEventListener("click", () => $("forget-dialog").close());
  $("forget-erase").addEventListener("click", () => {
    $("forget-dialog").close();
    send({ t: "press", payload: "erase" }, $("forget-erase").textContent);
  });
  $("latest").addEventListener("click", () => toEnd());

  $("composer").addEventListener("submit", submit);
  input.addEventListener("keydown", (event) => {
    const composing = event.isComposing || event.keyCode === 229; // Telex and VNI build letters with Enter, too
    if (event.key === "Enter" && !event.shiftKey && !composing) submit(event);
  });
  input.addEventListener("input", () => {
    fit();
    store.write("draft", input.value);
  });

  window.addEventListener("online", hurry);
  window.addEventListener("offline", () => {
    hangUp();
    update();
  });
  window.addEventListener("pageshow", (event) => event.persisted && hurry());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && hurry());
  window.addEventListener("storage", (event) => {
    if (event.key === null || (event.key === `${PREFIX}secret` && !event.newValue)) forgotten();
    else if (event.key === `${PREFIX}log`) freshen();
  });

  // Without this script the page shows how to call; with it, how to talk.
  ["bigger", "menu-button", "composer", "starters"].forEach((id) => ($(id).hidden = false));
  load();
  queue.forEach((frame) => waiting.set(frame.id, Date.now()));
  setSize(store.read("size", 1));
  input.value = store.read("draft", "");
  fit();
  redraw();
  update();
  followDeepLink();
  connect();
  if (!framed && "serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
})();
