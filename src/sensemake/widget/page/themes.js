// The themes: cards with their trend, and one theme with what happened to it, its words, quotes and documents.

import { make } from "./sensemake-search.js";
import { ask, goSearch, problem } from "./page.js";
import { count, date, kind, say, status as called } from "./speaking.js";

const ARROWS = { new: "+", growing: "↗", steady: "→", fading: "↘", returning: "↩" };
const SVG = "http://www.w3.org/2000/svg";
const AT_ONCE = 12;

let asked = null;

export async function themesView(section, id) {
  const body = section.querySelector("#themes-body");
  const [title, about] = [section.querySelector("h1"), section.querySelector("#themes-about")];
  if (!asked) body.replaceChildren(make("p", { class: "quiet" }, say("readingThemes")));
  try {
    asked ??= known();
    const { map, details } = await asked;
    const theme = map.themes.find((each) => each.id === id);
    title.textContent = theme?.label ?? say("themes");
    about.hidden = Boolean(theme);
    body.replaceChildren(theme ? onePage(theme, map, details.get(theme.id)) : cards(map, details));
  } catch (error) {
    asked = null;
    body.replaceChildren(error.status === 404 ? make("p", { class: "problem" }, say("noMap", { command: "sensemake themes build" })) : problem(error));
  }
}

/** The map, and from the report what it adds: months, quotes, titles. Without a right to reports the map alone. */
async function known() {
  const [map, report] = await Promise.all([ask("themes"), ask("reports").catch(() => null)]);
  const pages = [...(report?.cards ?? []), ...(report?.quiet ?? []), ...(report?.themes ?? [])];
  return { map, details: new Map(pages.map((page) => [page.theme_id, page])) };
}

function cards(map, details) {
  if (!map.themes.length) return make("p", { class: "quiet" }, say("tooFew"));
  return make("div", {},
    make("p", { class: "quiet" }, `${count("countThemes", map.themes.length)} · ${say("mapMade", { date: date(map.built_at) })} ${count("loose", map.loose)}`),
    make("ul", { class: "cards" }, map.themes.map((theme) => make("li", { class: "card" }, card(theme, details.get(theme.id))))));
}

function card(theme, detail) {
  return [
    make("h2", {}, make("a", { href: `#/themes/${encodeURIComponent(theme.id)}` }, make("bdi", {}, theme.label))),
    written(theme),
    summary(theme),
    make("div", { class: "row" }, status(theme), make("span", { class: "quiet" }, sized(theme))),
    detail?.months && trend(detail.months),
    detail?.sentence && make("q", { dir: "auto" }, detail.sentence.text),
    make("div", { class: "row about" }, theme.silos.map((silo) => make("span", { class: "badge" }, make("bdi", {}, silo)))),
  ];
}

/** That a language model wrote the name, when one did. */
const written = (theme) => theme.written_by && make("p", { class: "quiet written" }, say("machineWritten", { model: theme.written_by, n: theme.written_from.length }));

/** What a language model wrote that the theme is about, when one did, and that it did. */
const summary = (theme) => theme.summary && [
  make("p", { class: "summary", dir: "auto" }, theme.summary),
  make("p", { class: "quiet written" }, say("machineSummary", { model: theme.summary_by, n: theme.summary_from.length })),
];

const sized = (theme) => `${count("countDocuments", theme.size)} · ${count("countPeople", theme.people)}`;

function status({ status: word }) {
  return make("span", { class: `status ${word in ARROWS ? word : ""}` }, make("span", { "aria-hidden": "true" }, `${ARROWS[word] ?? ""} `), called(word));
}

/** A bar for each month; the words beside it, or the table below it, say the same. */
function trend(months) {
  const most = Math.max(1, ...months.map(({ count }) => count));
  const drawing = document.createElementNS(SVG, "svg");
  const set = (element, values) => Object.entries(values).forEach(([name, value]) => element.setAttribute(name, value));
  set(drawing, { viewBox: `0 0 ${months.length * 10} 40`, preserveAspectRatio: "none", class: "trend", role: "img", "aria-label": say("byMonth", { list: spell(months) }) });
  months.forEach(({ count }, n) => {
    const bar = document.createElementNS(SVG, "rect");
    const height = (38 * count) / most;
    set(bar, { x: n * 10 + 1.5, width: 7, y: 39 - height, height: height || 0.6 });
    drawing.append(bar);
  });
  return drawing;
}

function spell(months) {
  return months.length ? say("monthSpan", { first: months[0].name, last: months[months.length - 1].name, list: months.map((month) => month.count).join(", ") }) : say("noneDated");
}

function onePage(theme, map, detail) {
  const words = [theme.label, ...theme.keyphrases.slice(0, 3)].join(" ");
  return make("div", {},
    make("p", {}, make("a", { href: "#/themes" }, `‹ ${say("allThemes")}`)),
    written(theme),
    summary(theme),
    make("div", { class: "row" }, status(theme), make("span", { class: "quiet" }, sized(theme)), theme.silos.map((silo) => make("span", { class: "badge" }, make("bdi", {}, silo)))),
    make("p", { class: "quiet" }, theme.keyphrases.join(" · ")),
    make("div", { class: "row" },
      make("button", { type: "button", class: "primary", onclick: () => goSearch({ query: words, tab: "people" }) }, say("whoAbout")),
      make("button", { type: "button", onclick: () => goSearch({ query: words }) }, say("searchWords"))),
    make("div", { class: "theme" },
      make("div", {}, detail?.quotes?.length > 0 && [make("h2", {}, say("peopleSay")), detail.quotes.map(quote)], members(theme, detail)),
      make("div", {}, detail?.months?.length > 0 && overTime(detail.months), lineage(theme, map))));
}

function quote(each) {
  const open = () => goSearch({ document: { ...each, headings: [], authors: [], highlights: [] } });
  return make("blockquote", {}, make("div", { dir: "auto" }, each.text), make("footer", {}, make("button", { type: "button", class: "link", onclick: open }, make("bdi", {}, each.title), ` · ${each.silo}${each.time ? ` · ${each.time.slice(0, 10)}` : ""}`)));
}

function overTime(months) {
  const rows = months.map(({ name, count }) => make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, String(count))));
  return [
    make("h2", {}, say("overTime")),
    make("div", { class: "big" }, trend(months), make("div", { class: "axis", "aria-hidden": "true" }, make("span", {}, months[0].name), make("span", {}, months[months.length - 1].name))),
    make("details", {}, make("summary", {}, say("asTable")), make("table", {}, make("thead", {}, make("tr", {}, make("th", { scope: "col" }, say("month")), make("th", { scope: "col" }, say("documents")))), make("tbody", {}, rows))),
  ];
}

function lineage(theme, map) {
  const label = (id) => {
    const found = map.themes.find((each) => each.id === id);
    return found?.written_by ? say("byMachine", { name: found.label }) : found?.label ?? id;
  };
  const link = (id) => make("a", { href: `#/themes/${encodeURIComponent(id)}` }, make("bdi", {}, label(id)));
  const told = theme.events.map(({ name, numbers, related }) => {
    const { from, to } = numbers;
    return make("li", {}, from !== undefined && to !== undefined ? say("fromTo", { event: called(name), from, to }) : called(name), related.length > 0 && [say("with"), related.flatMap((id, n) => [n ? ", " : "", link(id)])]);
  });
  const family = [theme.parent && make("li", {}, say("partOf"), link(theme.parent)), ...map.themes.filter((each) => each.parent === theme.id).map((each) => make("li", {}, say("holds"), link(each.id)))];
  const all = [...told, ...family].filter(Boolean);
  return [make("h2", {}, say("sinceLast")), all.length ? make("ul", {}, all) : make("p", { class: "quiet" }, say("nothingElse", { status: called(theme.status) }))];
}

function members(theme, detail) {
  const titles = new Map([...(detail?.related ?? []), ...(detail?.quotes ?? [])].map((each) => [each.document_id, each]));
  const list = make("ul", { class: "members" });
  const more = make("button", { type: "button", onclick: () => grow() });
  let next = 0;
  async function grow() {
    const ids = theme.members.slice(next, (next += AT_ONCE));
    const rows = await Promise.all(ids.map(async (id) => titles.get(id) ?? ask(`documents/${encodeURIComponent(id)}`).then((found) => ({ ...found, document_id: id })).catch(() => null)));
    list.append(...rows.filter(Boolean).map((each) => make("li", {}, member(each))));
    more.hidden = next >= theme.members.length;
    more.textContent = say("showMore", { n: Math.min(AT_ONCE, theme.members.length - next), all: theme.members.length });
  }
  grow();
  return [make("h2", {}, say("itsDocuments")), list, make("p", {}, more)];
}

function member({ document_id, title, silo, kind: what, time, url }) {
  const open = () => goSearch({ document: { document_id, title, silo, kind: what, time, url, headings: [], authors: [], highlights: [] } });
  return make("button", { type: "button", class: "link", onclick: open }, make("bdi", {}, title || say("untitled")), make("span", { class: "quiet" }, ` · ${silo} · ${kind(what)}${time ? ` · ${time.slice(0, 10)}` : ""}`));
}
