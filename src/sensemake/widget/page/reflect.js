// The form for a reflection: a template that asks, a silo that says who may read it, and the way to find it again.

import { make } from "./sensemake-search.js";
import { ask, goSearch, problem } from "./page.js";
import { say } from "./speaking.js";

/** Each template by the name that the server knows, with the number of its questions. */
const TEMPLATES = { "after-action-review": 4, retrospective: 3, journal: 2, open: 0 };
const questions = (template) => Array.from({ length: TEMPLATES[template] }, (_, n) => say(`template.${template}.${n + 1}`));

let built = false;

export async function reflectForm(section, writes) {
  if (built) return;
  const body = section.querySelector("#reflect-body");
  if (!writes) return body.replaceChildren(make("p", { class: "problem" }, say("needWrite")));
  built = true;
  try {
    const { silos } = await ask("silos");
    body.replaceChildren(form(silos.map(({ name }) => name)));
  } catch (error) {
    built = false;
    body.replaceChildren(problem(error));
  }
}

function form(silos) {
  const text = make("textarea", { id: "r-text", name: "text", required: true, maxlength: 100000, dir: "auto" });
  const outline = (template) => questions(template).map((question) => `${question}\n\n`).join("\n");
  let untouched = "";
  const choose = (template) => {
    if (text.value.trim() === untouched.trim()) text.value = untouched = outline(template);
  };
  const choices = Object.keys(TEMPLATES).map((id, n) =>
    make("label", {}, make("input", { type: "radio", name: "template", value: id, checked: n === 0, onchange: () => choose(id) }), make("span", {}, say(`template.${id}`)), make("small", {}, say(`template.${id}.hint`))),
  );
  const outcome = make("div", { role: "status" });
  const made = make("form", { class: "form", id: "reflection" },
    make("fieldset", {}, make("legend", {}, say("template")), make("div", { class: "choices" }, choices)),
    make("div", {}, make("label", { for: "r-title" }, say("title")), make("input", { type: "text", id: "r-title", name: "title", maxlength: 300, dir: "auto" })),
    make("div", {}, make("label", { for: "r-text" }, say("keep")), text),
    make("div", {}, make("label", { for: "r-silo" }, say("silo")), make("select", { id: "r-silo", name: "silo", required: true }, silos.map((silo) => make("option", {}, silo)))),
    make("label", { class: "check" }, make("input", { type: "checkbox", name: "anonymous" }), say("anonymous")),
    make("div", {}, make("button", { class: "primary" }, say("add"))),
  );
  choose("after-action-review");
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    if (text.value.trim() === untouched.trim()) return outcome.replaceChildren(make("p", { class: "problem" }, say("nothingWritten")));
    keep(made, outcome).then((kept) => {
      if (!kept) return;
      untouched = "";
      choose(made.template.value);
    });
  });
  return make("div", {}, outcome, made);
}

async function keep(made, outcome) {
  const { title, text, silo, template, anonymous } = Object.fromEntries(new FormData(made));
  const button = made.querySelector(".primary");
  button.disabled = true;
  try {
    const { document_id } = await ask("reflections", { text, silo, template, title: title.trim() || null, anonymous: anonymous === "on" });
    const open = () => goSearch({ document: { document_id, title, silo, kind: "reflection" } });
    const find = () => goSearch({ query: title.trim() || text.replace(/\s+/g, " ").slice(0, 120) });
    outcome.replaceChildren(make("div", { class: "done" }, make("p", {}, make("strong", {}, say("kept")), ` ${say("foundNow")}`),
      make("div", { class: "row" }, make("button", { type: "button", onclick: find }, say("findIt")), make("button", { type: "button", onclick: open }, say("readIt")))));
    made.elements.title.value = made.elements.text.value = "";
    outcome.scrollIntoView({ block: "center" });
    outcome.querySelector("button").focus();
    return true;
  } catch (error) {
    outcome.replaceChildren(problem(error));
    return false;
  } finally {
    button.disabled = false;
  }
}
