// Text as it is shown: elements made of text nodes, marks from offsets, links that a browser may follow.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.5 15.5 21 21",
  close: "M6 6l12 12M18 6 6 18",
  back: "M15 5l-7 7 7 7",
  recent: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3 2.5",
  filters: "M4 7h16M7 12h10M10 17h4",
  person: "M12 4.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M5 20c.6-4 3.4-5.5 7-5.5s6.4 1.5 7 5.5",
  page: "M7 3.5h7l4 4V20.5H7zM10 12h5M10 16h5",
  conversation: "M4 5h16v11h-9l-4.5 4v-4H4z",
  mail: "M4 6h16v12H4zM4 7l8 6 8-6",
  reflection: "M9 18h6M10 21h4M12 3a6 6 0 0 0-3.5 10.9V15.5h7v-1.6A6 6 0 0 0 12 3",
  experiment: "M10 3.5h4M11 3.5V10l-5 10h12l-5-10V3.5",
  question: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 17.5v.5M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18",
  decision: "M5 12.5l4.5 4.5L19 7.5",
  story: "M12 6c-2-1.5-5-2-8-2v14c3 0 6 .5 8 2 2-1.5 5-2 8-2V4c-3 0-6 .5-8 2v14",
  trouble: "M12 4 2.5 20h19zM12 10v5M12 17.5v.5",
  sparse: "M5 12h14",
};

/** An element; strings among its children become text nodes, never markup. `on*` values are listeners. */
function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, String(value));
  }
  made.append(...nodes(children));
  return made;
}

/** What is there among children, however they are grouped. */
function nodes(children) {
  return children.flat(Infinity).filter((child) => child != null && child !== false && child !== "");
}

function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  drawing.setAttribute("class", "icon");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", Object.hasOwn(ICONS, name) ? ICONS[name] : ICONS.page);
  drawing.append(path);
  return drawing;
}

/** The address, when it is one of the web; `javascript:` and its like are no places. */
function web(address) {
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** Offsets in Unicode code points, as the API counts, to those of a JavaScript string, which counts UTF-16 units. */
function inUnits(text, spans) {
  if (!/[\ud800-\udfff]/.test(text)) return spans;
  const units = [0];
  for (const point of text) units.push(units[units.length - 1] + point.length);
  const at = (offset) => units[Math.min(offset, units.length - 1)];
  return spans.map(([start, end]) => [at(start), at(end)]);
}

/** Text nodes and marks for `text`, of which `spans` (UTF-16 units, in order) are marked. */
function marked(text, spans, part = "mark") {
  const pieces = [];
  let done = 0;
  for (const [start, end] of spans) {
    if (start < done || end <= start || end > text.length) continue;
    pieces.push(text.slice(done, start), make("mark", { part }, text.slice(start, end)));
    done = end;
  }
  return [...pieces, text.slice(done)].filter((piece) => piece !== "");
}

/** The text without the lines at its head that repeat the title or a heading: [text, spans]. */
function withoutHead(text, spans, names) {
  let start = 0;
  for (let line = text.indexOf("\n"); line > 0 && names.includes(text.slice(start, line).trim()); line = text.indexOf("\n", start)) start = line + 1;
  const kept = spans.filter(([from]) => from >= start);
  return start < text.length ? [text.slice(start), kept.map(([from, to]) => [from - start, to - start])] : [text, spans];
}

/** A window of about `length` units around the first mark, cut at words: [text, spans]. */
function excerpt(text, spans, length = 260) {
  const first = spans.length ? spans[0][0] : 0;
  let from = first <= length / 2 ? 0 : text.lastIndexOf(" ", first - length / 4) + 1;
  let to = from + length >= text.length ? text.length : text.lastIndexOf(" ", from + length);
  if (to <= from) [from, to] = [wholePoint(text, from), wholePoint(text, Math.min(text.length, from + length))];
  const head = from > 0 ? "… " : "";
  const kept = spans.filter(([start, end]) => start >= from && end <= to);
  const shift = head.length - from;
  return [head + text.slice(from, to) + (to < text.length ? " …" : ""), kept.map(([s, e]) => [s + shift, e + shift])];
}

/** An offset that does not cut a pair of surrogates. */
function wholePoint(text, offset) {
  return /[\udc00-\udfff]/.test(text[offset] ?? "") ? offset - 1 : offset;
}

/** Where a passage stands in a document's parts: [[part, start, end]], white space aside; [] when nowhere. */
function whereIn(parts, passage, locator) {
  const sought = passage.replace(/\s+/g, " ").trim();
  const hinted = Math.max(0, parts.findIndex((part) => part.locator === locator));
  return sought ? found(parts, sought, hinted) ?? found(parts, sought, 0) ?? [] : [];
}

function found(parts, sought, from) {
  const letters = [];
  const places = [];
  parts.forEach((part, number) => {
    if (number < from) return;
    if (letters.length && letters[letters.length - 1] !== " ") add(" ", number, 0);
    for (let at = 0; at < part.text.length; at += 1) {
      const letter = /\s/.test(part.text[at]) ? " " : part.text[at];
      if (letter !== " " || (letters.length && letters[letters.length - 1] !== " ")) add(letter, number, at);
    }
  });
  function add(letter, number, at) {
    letters.push(letter);
    places.push([number, at]);
  }
  const start = letters.join("").indexOf(sought);
  if (start < 0) return null;
  const spans = new Map();
  for (const [number, at] of places.slice(start, start + sought.length)) {
    const span = spans.get(number);
    if (span) span[1] = at + 1;
    else spans.set(number, [at, at + 1]);
  }
  return [...spans].map(([number, [first, last]]) => [number, first, last]);
}
