/* One line on any page: <script src="https://…/static/embed.js" async></script>
   puts a round button into the corner that opens the chat in a frame. data-label and data-close on the script tag
   change its two words. The page's own styles can't reach it (shadow root); ours are set by script, which no CSP of
   that page forbids; it must only allow our host in script-src and frame-src. */
"use strict";

(() => {
  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  const label = script.dataset.label || "Hỏi Cầm Tay";
  const closing = script.dataset.close || "Đóng";
  const GREEN = "#0b5c4a";
  const SVG = "http://www.w3.org/2000/svg";

  function make(tag, styles, attributes = {}) {
    const node = document.createElement(tag);
    Object.assign(node.style, { boxSizing: "border-box", fontFamily: "system-ui, sans-serif" }, styles);
    Object.entries(attributes).forEach(([name, value]) => node.setAttribute(name, value));
    return node;
  }

  function drawing(path) {
    const svg = document.createElementNS(SVG, "svg");
    const line = document.createElementNS(SVG, "path");
    Object.entries({ viewBox: "0 0 32 32", width: 34, height: 34, "aria-hidden": "true" }).forEach(([name, value]) =>
      svg.setAttribute(name, value)
    );
    Object.entries({ d: path, fill: "none", stroke: "currentColor", "stroke-width": 2.6, "stroke-linecap": "round",
      "stroke-linejoin": "round" }).forEach(([name, value]) => line.setAttribute(name, value));
    svg.append(line);
    return svg;
  }

  /** A ring where the keyboard is; :focus can't be written as a style property. */
  function ring(node) {
    node.addEventListener("focus", () => (node.style.outline = "3px solid #f2b84b"));
    node.addEventListener("blur", () => (node.style.outline = "none"));
  }

  const host = make("div", { position: "fixed", right: "0", bottom: "0", zIndex: "2147483000" });
  const root = host.attachShadow({ mode: "open" });
  const button = make(
    "button",
    {
      position: "fixed", right: "16px", bottom: "16px", width: "64px", height: "64px", padding: "0", border: "0",
      borderRadius: "50%", background: GREEN, color: "#fff", cursor: "pointer", display: "flex", alignItems: "center",
      justifyContent: "center", boxShadow: "0 3px 12px rgba(0,0,0,.35)",
    },
    { type: "button", "aria-expanded": "false", "aria-label": label, title: label }
  );
  button.append(drawing("M5 7h22v15H14l-6 5v-5H5zM10 12h12M10 17h8"));
  ring(button);

  const panel = make(
    "div",
    {
      position: "fixed", display: "none", flexDirection: "column", background: GREEN, overflow: "hidden",
      boxShadow: "0 8px 32px rgba(0,0,0,.4)",
    },
    { role: "dialog", "aria-label": label }
  );
  const bar = make("div", {
    display: "flex", alignItems: "center", justifyContent: "space-between", flex: "none", padding: "4px 4px 4px 16px",
    color: "#fff", fontSize: "18px", fontWeight: "600",
  });
  const close = make(
    "button",
    {
      minWidth: "48px", minHeight: "48px", padding: "0 12px", border: "0", borderRadius: "8px", background: GREEN,
      color: "#fff", fontSize: "18px", cursor: "pointer",
    },
    { type: "button" }
  );
  const name = make("span", {});
  name.textContent = label;
  close.textContent = `${closing} ✕`;
  ring(close);
  bar.append(name, close);
  panel.append(bar);
  root.append(button, panel);

  let frame = null; // made when first needed: a page that nobody asks on loads nothing from us

  function place() {
    const small = innerWidth < 520 || innerHeight < 560;
    Object.assign(
      panel.style,
      small
        ? { top: "0", left: "0", right: "0", bottom: "0", width: "auto", height: "auto", borderRadius: "0" }
        : { top: "auto", left: "auto", right: "16px", bottom: "16px", width: "420px", borderRadius: "14px",
            height: `${Math.min(720, innerHeight - 32)}px` }
    );
  }

  function open() {
    if (!frame) {
      frame = make("iframe", { flex: "1", width: "100%", minHeight: "0", border: "0", background: "#fff" });
      frame.title = label;
      frame.src = `${origin}/chat`;
      panel.append(frame);
    }
    place();
    panel.style.display = "flex";
    button.style.display = "none";
    button.setAttribute("aria-expanded", "true");
    frame.focus();
  }

  function shut() {
    if (panel.style.display === "none") return;
    panel.style.display = "none";
    button.style.display = "flex";
    button.setAttribute("aria-expanded", "false");
    button.focus();
  }

  button.addEventListener("click", open);
  close.addEventListener("click", shut);
  addEventListener("resize", place);
  document.addEventListener("keydown", (event) => event.key === "Escape" && shut());
  addEventListener("message", (event) => {
    // keys pressed inside the frame are not heard out here, so the chat tells us
    if (frame && event.source === frame.contentWindow && event.origin === origin && event.data === "camtay:close") shut();
  });

  const put = () => document.body.append(host);
  if (document.body) put();
  else addEventListener("DOMContentLoaded", put);
})();
