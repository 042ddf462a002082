// The form for a reflection: a template that asks, a silo that says who may read it, and the way to find it again.

import { make } from "./sensemake-search.js";
import { ask, goSearch, problem } from "./page.js";

const TEMPLATES = [
  ["after-action-review", "After-action review", "right after something was done", ["What did we expect?", "What happened?", "Why was there a difference?", "What do we keep, and what do we change?"]],
  ["retrospective", "Retrospective", "a look back over some weeks", ["What went well?", "What was hard?", "What will we try next?"]],
  ["journal", "Journal", "what today taught you", ["What did I notice?", "What do I make of it?"]],
  ["open", "Open", "no questions, only a page", []],
];

let built = false;

export async function reflectForm(section, writes) {
  if (built) return;
  const body = section.querySelector("#reflect-body");
  if (!writes) return body.replaceChildren(make("p", { class: "problem" }, "Reflections are added by people who are signed in: with a token that has the right docs:write, or by the link that sensemake serve prints."));
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
  const outline = (questions) => questions.map((question) => `${question}\n\n`).join("\n");
  let untouched = "";
  const choose = (questions) => {
    if (text.value.trim() === untouched.trim()) text.value = untouched = outline(questions);
  };
  const choices = TEMPLATES.map(([id, title, hint, questions], n) =>
    make("label", {}, make("input", { type: "radio", name: "template", value: id, checked: n === 0, onchange: () => choose(questions) }), make("span", {}, title), make("small", {}, hint)),
  );
  const outcome = make("div", { role: "status" });
  const made = make("form", { class: "form", id: "reflection" },
    make("fieldset", {}, make("legend", {}, "Template"), make("div", { class: "choices" }, choices)),
    make("div", {}, make("label", { for: "r-title" }, "Title"), make("input", { type: "text", id: "r-title", name: "title", maxlength: 300, dir: "auto" })),
    make("div", {}, make("label", { for: "r-text" }, "What you want to keep"), text),
    make("div", {}, make("label", { for: "r-silo" }, "Silo, and so who may read it"), make("select", { id: "r-silo", name: "silo", required: true }, silos.map((silo) => make("option", {}, silo)))),
    make("label", { class: "check" }, make("input", { type: "checkbox", name: "anonymous" }), "Keep no name with it"),
    make("div", {}, make("button", { class: "primary" }, "Add the reflection")),
  );
  choose(TEMPLATES[0][3]);
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    if (text.value.trim() === untouched.trim()) return outcome.replaceChildren(make("p", { class: "problem" }, "Nothing is written yet."));
    keep(made, outcome).then((kept) => {
      if (!kept) return;
      untouched = "";
      choose(TEMPLATES.find(([id]) => id === made.template.value)[3]);
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
    outcome.replaceChildren(make("div", { class: "done" }, make("p", {}, make("strong", {}, "Kept."), " It is found from now on."),
      make("div", { class: "row" }, make("button", { type: "button", onclick: find }, "Find it"), make("button", { type: "button", onclick: open }, "Read it"))));
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
