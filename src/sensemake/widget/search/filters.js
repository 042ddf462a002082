// The filters: a disclosure of five controls, filled when it is opened first.

const MANY = ["silos", "kinds", "authors"];

class Filters {
  #say;
  #silos;
  #changed;
  #chosen = {};

  /** `silos` asks which there are; `changed` is told when something was chosen. */
  constructor(say, silos, changed) {
    [this.#say, this.#silos, this.#changed] = [say, silos, changed];
    this.element = make("div", { class: "filters", part: "filters", id: "filters", hidden: true, role: "group", "aria-label": say("filters") });
    this.toggle = make("button", { type: "button", class: "toggle", "aria-expanded": "false", "aria-controls": "filters", onclick: () => this.turn() }, icon("filters"), make("span", {}, say("filters")));
  }

  /** What was chosen here, within the silos that the host page set. */
  narrowed(fixed) {
    const chosen = Object.fromEntries(Object.entries(this.#chosen).filter(([, value]) => value.length));
    return fixed.length && !chosen.silos ? { ...chosen, silos: fixed } : chosen;
  }

  /** Whether they are open and hold `target`. */
  hold(target) {
    return !this.element.hidden && this.element.contains(target);
  }

  turn() {
    this.element.hidden = !this.element.hidden;
    this.toggle.setAttribute("aria-expanded", String(!this.element.hidden));
    if (this.element.hidden) this.toggle.focus();
    else if (!this.element.childElementCount) this.#fill();
  }

  #fill() {
    const say = this.#say;
    const silo = this.#select("silos", [["", "–"]]);
    const kinds = Object.keys(WORDS.en.kinds).map((kind) => [kind, say.kind(kind)]);
    const field = (name, type) => make("input", { type, name, maxlength: 200, onchange: (event) => this.#choose(name, event.target.value) });
    const labelled = (word, control) => make("label", {}, make("span", {}, say(word)), control);
    this.element.replaceChildren(
      labelled("silo", silo), labelled("kind", this.#select("kinds", [["", say("anyKind")], ...kinds])), labelled("author", field("authors", "text")),
      labelled("since", field("since", "date")), labelled("until", field("until", "date")),
      make("button", { type: "button", onclick: () => this.#clear() }, say("reset")),
    );
    this.#silos().then(
      ({ silos }) => silo.append(...silos.map(({ name }) => make("option", { value: name }, name))),
      () => silo.parentElement.remove(), // not told which there are: nothing to choose from
    );
  }

  #select(name, choices) {
    return make("select", { name, onchange: (event) => this.#choose(name, event.target.value) }, choices.map(([value, word]) => make("option", { value }, word)));
  }

  #choose(name, value) {
    this.#chosen = { ...this.#chosen, [name]: MANY.includes(name) && value ? [value.trim()] : value };
    this.#tell();
  }

  #clear() {
    this.#chosen = {};
    for (const control of this.element.querySelectorAll("input, select")) control.value = "";
    this.#tell();
  }

  #tell() {
    const n = Object.values(this.#chosen).filter((value) => value.length).length;
    this.toggle.lastChild.textContent = n ? this.#say("filtersOn", { n }) : this.#say("filters");
    this.#changed();
  }
}
