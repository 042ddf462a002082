// What was opened: a document with its passage marked, or a person; beside the answers, or instead of them.

class Opened {
  #say;
  #remote;
  #acts;
  #opening = null;
  #back = null; // leads from a document to the person whose evidence it is

  /** `acts`: `similar(hit)`, `who(hit)`, `shown()` before something is shown, `shut(refocus)` after, `failed(error)`. */
  constructor(say, remote, acts) {
    [this.#say, this.#remote, this.#acts] = [say, remote, acts];
    this.element = make("section", { class: "detail", part: "detail", tabindex: "-1", hidden: true, "aria-label": say("open") });
  }

  get open() {
    return !this.element.hidden;
  }

  async document(hit, back = null) {
    this.stop();
    const opening = (this.#opening = new AbortController());
    if (hit.text) this.#drawn(hit, null, back);
    try {
      this.#drawn(hit, await this.#remote().document(hit.document_id, opening.signal), back);
    } catch (error) {
      if (error.name !== "AbortError" && !hit.text) this.#acts.failed(error);
    }
  }

  person(expert) {
    this.stop();
    const open = (each) => this.document({ highlights: [], headings: [], authors: [expert.person.name], ...each }, () => this.person(expert));
    this.#unveil(personView(expert, this.#say, open));
    this.element.scrollTop = 0;
  }

  /** One step back: to the person, else to the answers. */
  leave() {
    if (this.#back) this.#back();
    else this.shut(true);
  }

  shut(refocus = false) {
    this.stop();
    if (!this.open) return;
    this.element.hidden = true;
    this.#acts.shut(refocus);
  }

  stop() {
    this.#opening?.abort();
  }

  #drawn(hit, whole, back) {
    const similar = hit.passage_id && !this.#remote().alone && (() => this.#acts.similar(hit));
    this.#unveil(documentView(hit, whole, this.#say, { similar, who: () => this.#acts.who(hit) }), back);
    const here = this.element.querySelector(".here");
    const far = here && here.offsetTop > this.element.clientHeight / 2;
    this.element.scrollTop = far ? here.offsetTop - 90 : 0; // the title stays if it can
  }

  #unveil(content, back = null) {
    const held = !this.open || this.element.contains(this.element.getRootNode().activeElement);
    const leave = make("button", { type: "button", class: "button", part: "back", onclick: () => this.leave() }, icon("back"), " ", this.#say("back"));
    this.#back = back;
    this.element.replaceChildren(make("div", { class: "top" }, leave), ...nodes(content));
    this.element.hidden = false;
    this.#acts.shown();
    if (held) this.element.focus({ preventScroll: true });
  }
}
