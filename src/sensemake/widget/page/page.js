// The search page: which part is shown, the themes, and the form for a reflection.

import { make } from "./sensemake-search.js";
import { reflectForm } from "./reflect.js";
import { say } from "./speaking.js";
import { themesView } from "./themes.js";

const search = document.querySelector("sensemake-search");
const sections = Object.fromEntries([...document.querySelectorAll("main > section")].map((each) => [each.id, each]));
const name = document.title.split(" – ").pop();
let shown = null;

/** What the server says; an error has its status and its detail, which is for people. */
export async function ask(path, body) {
  const response = await fetch(`/api/v1/${path}`, {
    method: body ? "POST" : "GET",
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw Object.assign(new Error(answer.detail || say("serverSaid", { status: response.status })), { status: response.status });
  return answer;
}

/** Leave for the search: with a question, or with a document opened. */
export function goSearch({ query, tab, document: opened } = {}) {
  history.pushState(null, "", tab === "people" ? "#/people" : "#/");
  route();
  if (opened) search.showDocument(opened);
  else if (query) search.search(query, { tab });
}

export const problem = (error) => make("p", { class: "problem", role: "alert" }, said(error));

function said({ status, message }) {
  return status === 401 ? say("sessionEnded") : status === 403 ? say("notOpen") : message;
}

function route() {
  const [, view = "", id = ""] = location.hash.split("/");
  const section = { themes: "themes", reflect: "reflect" }[view] ?? "search";
  for (const [each, element] of Object.entries(sections)) element.hidden = each !== section;
  for (const link of document.querySelectorAll("nav [data-view]")) {
    if (link.dataset.view === (view || "search")) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (section === "themes") themesView(sections.themes, decodeURIComponent(id));
  if (section === "reflect") reflectForm(sections.reflect, document.body.dataset.writes === "yes");
  const title = section === "search" ? "" : sections[section].querySelector("h1").textContent;
  document.title = title ? `${title} – ${name}` : name;
  if (view === "people") search.search(search.query, { tab: "people" });
  if (shown !== null && section !== "search") sections[section].querySelector("h1").focus();
  shown = section;
}

document.documentElement.classList.add("runs");
addEventListener("hashchange", route);
addEventListener("popstate", route);
route();
if (search.dataset.query) search.search(search.dataset.query);
else if (!location.hash) search.open();
