// <sensemake-search>: a field, two tabs of answers by the ARIA combobox pattern, and what was opened beside them.

const WAIT = 150; // milliseconds of silence after which a question that is still being typed is asked; `wait` sets another
const PATIENCE = 400; // milliseconds after which a page without an answer says that one is being looked for
const LONGEST = 1000;
const STATES = { signedOut: "person", forbidden: "person", limited: "recent" };

let sheet = null;
let made = 0;

class SensemakeSearch extends HTMLElement {
  static observedAttributes = ["lang", "mode", "endpoint", "token-url", "placeholder"];

  #at = {}; // the elements that change
  #say = speaker("en");
  #remote = null;
  #provider = null;
  #name = `sensemake-${(made += 1)}`;
  #tab = "passages";
  #filters = null;
  #recent = null;
  #about = null; // { verb: "similar" | "who", hit }: a question about a passage instead of words
  #answers = {}; // by tab, for the question as it stands
  #options = [];
  #active = -1;
  #turn = 0; // of questions: an answer of an earlier turn is never shown
  #asking = null;
  #opened = null;
  #timer = 0;
  #typed = -Infinity;
  #failure = null;
  #listening = null;

  constructor() {
    super();
    this.attachShadow({ mode: "open" });
  }

  connectedCallback() {
    if (Object.hasOwn(this, "tokenProvider")) { // set before this class was known
      const early = this.tokenProvider;
      delete this.tokenProvider;
      this.tokenProvider = early;
    }
    if (!this.shadowRoot.childElementCount) this.#build();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    document.addEventListener("keydown", (event) => this.#hotkey(event), { signal });
    window.addEventListener("online", () => this.#failure?.kind !== "signedOut" && this.#failure && this.#ask(), { signal });
  }

  disconnectedCallback() {
    this.#listening?.abort();
    this.#stop();
    this.#opened?.stop();
    if (this.#at.dialog?.open) this.#at.dialog.close();
  }

  attributeChangedCallback(_, before, after) {
    if (before === after || !this.shadowRoot.childElementCount) return;
    this.#stop();
    this.#build();
  }

  // ── what a host page may use ────────────────────────────────────────────────────────────────────

  /** An async function that gives a short-lived token: a string, or `{ token, expires_in }`. */
  get tokenProvider() {
    return this.#provider;
  }

  set tokenProvider(provider) {
    this.#provider = provider;
    if (this.#remote) this.#remote = this.#newRemote();
  }

  get query() {
    return this.#at.input?.value.trim() ?? "";
  }

  /** Show the modal, or put the cursor into an inline field. */
  open() {
    if (!this.isConnected) return;
    const { dialog, input } = this.#at;
    if (dialog && !dialog.open) {
      dialog.showModal();
      this.#emit("open");
    }
    input.focus();
    input.select();
    if (!this.query && !this.#about) this.#start();
  }

  close() {
    this.#at.dialog?.close();
  }

  /** Ask from outside; `tab` is "passages" or "people". */
  search(query, { tab = "passages" } = {}) {
    this.open();
    this.#at.input.value = query.slice(0, LONGEST);
    this.#question({ about: null });
    this.#choose(tab);
  }

  /** Show a document; `text` and `locator`, when known, are of the passage to mark. */
  showDocument(hit) {
    this.#opened.document({ headings: [], authors: [], highlights: [], text: "", ...hit });
  }

  // ── building ────────────────────────────────────────────────────────────────────────────────────

  #build() {
    const tag = this.getAttribute("lang") || this.closest("[lang]")?.lang || document.documentElement.lang || navigator.language;
    this.#say = speaker(tag);
    this.#remote = this.#newRemote();
    this.#recent = new Recent(this.#remote.endpoint, { off: this.hasAttribute("no-recent") });
    this.#filters = new Filters(this.#say, () => this.#remote.silos(), () => this.#refined());
    this.#opened = new Opened(this.#say, () => this.#remote, {
      similar: (hit) => this.#ofPassage("passages", hit),
      who: (hit) => this.#ofPassage("people", hit),
      shown: () => this.#beside(),
      shut: (refocus) => this.#alone(refocus),
      failed: (error) => this.#failed(error),
    });
    sheet ??= styled();
    this.shadowRoot.adoptedStyleSheets = [sheet];
    this.#answers = {};
    this.#options = [];
    this.#at = {};
    const panel = this.#panel();
    const root = make("div", { class: "root", part: "root", lang: this.#say.code }, this.#inline ? panel : this.#modal(panel), this.#at.live);
    root.addEventListener("keydown", (event) => this.#key(event));
    this.#at.root = root;
    this.shadowRoot.replaceChildren(root);
    this.#start();
  }

  get #inline() {
    return this.getAttribute("mode") === "inline";
  }

  #newRemote() {
    const address = this.getAttribute("token-url");
    const provider = this.#provider ?? (address ? tokensFrom(new URL(address, document.baseURI)) : null);
    return new Remote(this.getAttribute("endpoint") || new URL(import.meta.url).origin, provider);
  }

  #modal(panel) {
    const say = this.#say;
    const mac = /mac|iphone|ipad/i.test(navigator.userAgentData?.platform ?? navigator.platform);
    const keys = this.getAttribute("hotkey") === "none" ? null : make("kbd", { "aria-hidden": "true" }, mac ? "⌘ K" : "Ctrl K");
    const opener = make("button", { type: "button", class: "opener", part: "button", "aria-haspopup": "dialog", "aria-keyshortcuts": keys && (mac ? "Meta+K" : "Control+K"), onclick: () => this.open() }, icon("search"), make("span", {}, say("search")), keys);
    const dialog = make("dialog", { part: "dialog", "aria-label": say("search"), onclose: () => this.#closed() }, panel);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    this.#at.dialog = dialog;
    return [opener, dialog];
  }

  #panel() {
    const say = this.#say;
    const at = this.#at;
    at.list = make("div", { role: "listbox", id: "list", part: "list", "aria-label": say("results"), hidden: true });
    at.list.addEventListener("mousedown", (event) => event.preventDefault()); // the cursor stays in the field
    at.list.addEventListener("click", (event) => this.#pick(this.#options.findIndex((each) => each.element.contains(event.target))));
    at.head = make("div", { class: "head" });
    at.notice = make("div");
    at.after = make("div", { class: "after", hidden: true });
    at.found = make("div", { class: "found", part: "found", id: "found", role: "tabpanel", tabindex: 0, "aria-labelledby": "tab-passages" }, at.head, at.notice, at.list, at.after);
    at.body = make("div", { class: "body" }, at.found, this.#opened.element);
    at.live = make("div", { class: "sr", role: "status", "aria-live": "polite" });
    const foot = make("div", { class: "foot", part: "footer", "aria-hidden": "true" }, [["↑↓", "keyMove"], ["↵", "keyOpen"], ["esc", "keyClose"]].map(([key, word]) => make("span", {}, make("kbd", {}, key), " ", say(word))));
    return make("div", { class: "panel", part: "panel", role: this.#inline && "search", "aria-label": this.#inline && (this.getAttribute("label") || say("search")) }, this.#bar(), this.#tools(), this.#filters.element, at.body, foot);
  }

  #bar() {
    const say = this.#say;
    const at = this.#at;
    const ask = this.getAttribute("placeholder") || say("ask");
    at.input = make("input", {
      part: "input", type: "text", inputmode: "search", enterkeyhint: "search", role: "combobox", id: "question", maxlength: LONGEST, placeholder: ask, dir: "auto",
      "aria-label": ask, "aria-expanded": "false", "aria-controls": "list", "aria-autocomplete": "list", "aria-describedby": "hint", autocomplete: "off", autocapitalize: "none", spellcheck: "false",
      oninput: () => this.#typing(),
    });
    at.clear = make("button", { type: "button", "aria-label": say("clear"), hidden: true, onclick: () => this.#cleared() }, icon("close"));
    const glass = make("span", { class: "glass" }, icon("search"));
    const close = !this.#inline && make("button", { type: "button", "aria-label": say("close"), onclick: () => this.close() }, make("kbd", { "aria-hidden": "true" }, "esc"));
    return make("div", { class: "bar", part: "bar" }, glass, at.input, at.clear, close, make("span", { hidden: true, id: "hint" }, say("hint")));
  }

  #tools() {
    const say = this.#say;
    const at = this.#at;
    at.tabs = ["passages", "people"].map((tab) =>
      make("button", { type: "button", role: "tab", id: `tab-${tab}`, part: "tab", "aria-controls": "found", "aria-selected": String(tab === this.#tab), tabindex: tab === this.#tab ? 0 : -1, onclick: () => this.#choose(tab) }, say(tab)),
    );
    const tabs = make("div", { role: "tablist", "aria-label": say("results") }, at.tabs);
    return make("div", { class: "tools", part: "tools" }, tabs, this.#filters.toggle);
  }

  // ── asking ──────────────────────────────────────────────────────────────────────────────────────

  #typing() {
    this.#opened.shut();
    this.#question({ about: null });
    const silence = performance.now() - this.#typed;
    this.#typed = performance.now();
    if (!this.query) this.#start();
    else if (silence > this.#wait && long(this.query)) this.#ask(); // pasted, or the first letters after a pause
    else this.#timer = setTimeout(() => this.#ask(), this.#wait);
  }

  get #wait() {
    const wait = Number(this.getAttribute("wait") ?? WAIT);
    return wait >= 0 ? wait : WAIT;
  }

  /** The question changed: whatever was on its way is no answer to it. */
  #question({ about = this.#about }) {
    this.#stop();
    this.#about = about;
    this.#answers = {};
    this.#at.clear.hidden = !this.#at.input.value;
  }

  #stop() {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#asking?.abort();
    this.#busy(false);
  }

  async #ask(cursor = null) {
    this.#stop();
    if (!this.query && !this.#about) return this.#start();
    const [turn, tab] = [this.#turn, this.#tab];
    this.#asking = new AbortController();
    this.#busy(true);
    if (!cursor) this.#timer = setTimeout(() => this.#patience(), PATIENCE);
    try {
      const answer = await this.#sent(tab, cursor, this.#asking.signal);
      if (turn !== this.#turn) return;
      clearTimeout(this.#timer);
      this.#failure = null;
      const before = cursor ? this.#answers[tab] : null;
      this.#answers[tab] = before ? joined(before, answer) : answer;
      this.#busy(false);
      this.#show(before ? this.#options.length : -1);
      this.#emit("search", { tab, count: listOf(answer).length, abstained: answer.abstained ?? false });
    } catch (error) {
      if (turn !== this.#turn || error.name === "AbortError") return;
      clearTimeout(this.#timer);
      this.#busy(false);
      this.#failed(error);
    }
  }

  #sent(tab, cursor, signal) {
    const filters = this.#filters.narrowed(this.getAttribute("silos")?.split(/[\s,]+/).filter(Boolean) ?? []);
    if (tab === "people") return this.#remote.experts(this.#about ? this.#about.hit.text.slice(0, LONGEST) : this.query, filters, cursor, signal);
    if (this.#about) return this.#remote.similar(this.#about.hit.passage_id, cursor, signal);
    return this.#remote.search(this.query, filters, cursor, signal);
  }

  /** It takes a while: earlier answers stay where they are, an empty place says what is going on. */
  #patience() {
    this.#announce(this.#say("loading"));
    if (this.#options.some(({ kind }) => kind !== "recent")) return;
    this.#list([]);
    this.#at.head.replaceChildren();
    this.#at.after.hidden = true;
    this.#at.found.hidden = false;
    this.#at.notice.replaceChildren(notice("search", "", this.#say("loading")));
  }

  #busy(busy) {
    this.#at.root?.classList.toggle("busy", busy);
    this.#at.list?.setAttribute("aria-busy", String(busy));
  }

  #choose(tab) {
    if (this.#about && tab !== this.#tab) this.#question({ about: null });
    this.#opened.shut();
    this.#tab = tab;
    for (const each of this.#at.tabs) {
      const chosen = each.id === `tab-${tab}`;
      each.setAttribute("aria-selected", String(chosen));
      each.tabIndex = chosen ? 0 : -1;
    }
    this.#at.found.setAttribute("aria-labelledby", `tab-${tab}`);
    if (this.#answers[tab]) this.#show();
    else this.#ask();
  }

  #cleared() {
    this.#at.input.value = "";
    this.#question({ about: null });
    this.#start();
    this.#at.input.focus();
  }

  // ── showing ─────────────────────────────────────────────────────────────────────────────────────

  /** Nothing asked: earlier questions, or a sentence that says what this is. */
  #start() {
    this.#failure = null;
    this.#opened.shut();
    const recent = this.#recent.list();
    this.#list(recent.map((question) => ({ kind: "recent", data: question })));
    this.#at.after.hidden = true;
    this.#at.head.replaceChildren(recent.length ? make("div", { class: "label" }, make("span", {}, this.#say("recent")), make("button", { type: "button", onclick: () => this.#forget() }, this.#say("forget"))) : "");
    this.#at.notice.replaceChildren(recent.length || this.#inline ? "" : notice("search", "", this.#say("start")));
    this.#at.found.hidden = this.#inline && !recent.length;
    this.#announce("");
  }

  #show(active = -1) {
    const say = this.#say;
    const answer = this.#answers[this.#tab];
    const items = listOf(answer);
    this.#at.found.hidden = false;
    this.#at.head.replaceChildren(...nodes(this.#headOf(answer)));
    this.#list(items.map((data) => ({ kind: answer.experts ? "person" : "hit", data })), active);
    this.#at.notice.replaceChildren(answer.abstained || !items.length ? this.#nothing(answer) : "");
    this.#at.after.hidden = !answer.next_cursor;
    this.#at.after.replaceChildren(make("button", { type: "button", class: "button", onclick: () => this.#ask(answer.next_cursor) }, say("more")));
    const [one, many] = answer.experts ? ["countPerson", "countPeople"] : ["countPassage", "countPassages"];
    const count = items.length === 1 ? say(one) : say(many, { n: items.length });
    this.#announce(items.length ? (answer.next_cursor ? say("andMore", { text: count }) : count) : say("nothing"));
  }

  #headOf(answer) {
    const say = this.#say;
    const about = this.#about && make("div", { class: "label" },
      make("span", { dir: "auto" }, this.#tab === "people" ? `${say("who")}: ${this.#about.hit.title}` : say("likeThis", { title: this.#about.hit.title })),
      make("button", { type: "button", "aria-label": say("back"), onclick: () => { this.#question({ about: null }); this.#choose("passages"); this.#at.input.focus(); } }, icon("close")));
    return [about, answer.degraded?.length > 0 && make("p", { class: "note" }, say("degraded"))];
  }

  #nothing(answer) {
    const say = this.#say;
    const { themes = [], people = [], written = [] } = answer.nearest ?? {};
    const hint = themes.length || people.length ? say("nothingHint") : "";
    const near = [
      chips(say("nearThemes"), themes, (theme) => this.search(theme), (theme) => written.includes(theme) ? say("byMachine", { text: theme }) : theme),
      chips(say("nearPeople"), people, () => { this.#choose("people"); this.#at.input.focus(); }),
    ];
    return notice("sparse", say("nothing"), hint, near, listOf(answer).length > 0 && make("p", {}, say("weakOnly")));
  }

  #failed(error) {
    const say = this.#say;
    this.#failure = error instanceof Failure ? error : new Failure("failed");
    const { kind, after, detail } = this.#failure;
    if (kind === "missing" && this.#about) { // this server knows no likeness yet
      this.#remote.alone = true;
      return void this.#question({ about: null }) ?? this.#choose("passages");
    }
    const title = say(kind === "missing" ? "failed" : kind);
    const hint = kind === "refused" ? detail : say(`${kind === "missing" ? "failed" : kind}Hint`, { n: after });
    const again = make("button", { type: "button", class: "button primary", onclick: () => this.#ask() }, say("retry"));
    this.#list([]);
    this.#at.after.hidden = true;
    this.#at.found.hidden = false;
    this.#at.head.replaceChildren();
    this.#at.notice.replaceChildren(notice(STATES[kind] ?? "trouble", title, hint, !["forbidden", "limited"].includes(kind) && again));
    this.#announce(`${title}. ${hint}`);
    if (kind === "limited") this.#timer = setTimeout(() => this.#ask(), after * 1000);
    this.#emit(kind === "signedOut" ? "signed-out" : "error", { kind });
  }

  #list(options, active = -1) {
    const draw = { hit: hitOption, person: personOption, recent: (question, _, id) => recentOption(question, id) };
    this.#options = options.map((each, n) => ({ ...each, element: draw[each.kind](each.data, this.#say, `${this.#name}-${n}`) }));
    this.#options.forEach(({ element }, n) => {
      element.setAttribute("aria-posinset", n + 1);
      element.setAttribute("aria-setsize", options.length);
    });
    const { list, input, found } = this.#at;
    list.replaceChildren(...this.#options.map(({ element }) => element));
    list.hidden = !options.length;
    input.setAttribute("aria-expanded", String(options.length > 0));
    if (active < 0) found.scrollTop = 0;
    this.#activate(active);
  }

  #activate(n) {
    this.#options[this.#active]?.element.setAttribute("aria-selected", "false");
    this.#active = n < this.#options.length ? n : -1;
    const element = this.#options[this.#active]?.element;
    if (!element) return this.#at.input.removeAttribute("aria-activedescendant");
    element.setAttribute("aria-selected", "true");
    this.#at.input.setAttribute("aria-activedescendant", element.id);
    element.scrollIntoView({ block: "nearest" });
  }

  #announce(text) {
    this.#at.live.textContent = text;
  }

  // ── opening ─────────────────────────────────────────────────────────────────────────────────────

  #pick(n) {
    const option = this.#options[n];
    if (!option) return;
    if (option.kind === "recent") return this.search(option.data, { tab: this.#tab });
    this.#activate(n);
    this.#recent.add(this.query);
    if (option.kind === "person") return this.#opened.person(option.data);
    const { passage_id, document_id, url, rank } = option.data;
    if (this.#emit("select", { passage_id, document_id, url, rank }, true)) this.#opened.document(option.data);
  }

  /** Something is open: beside the answers where there is room and there are any. */
  #beside() {
    const { body, found } = this.#at;
    body.classList.add("opened");
    body.classList.toggle("whole", found.hidden || !this.#options.length);
    const { top } = this.#opened.element.getBoundingClientRect();
    if (this.#inline && (top < 0 || top > innerHeight)) this.#opened.element.scrollIntoView({ block: "start" });
  }

  #alone(refocus) {
    this.#at.body.classList.remove("opened", "whole");
    if (refocus) this.#at.input.focus();
  }

  #ofPassage(tab, hit) {
    this.#question({ about: { hit } });
    this.#tab = tab;
    this.#choose(tab);
    this.#at.input.focus();
  }

  #closed() {
    this.#stop();
    this.#emit("close");
  }

  // ── keys ────────────────────────────────────────────────────────────────────────────────────────

  #hotkey(event) {
    if (event.defaultPrevented || this.getAttribute("hotkey") === "none" || this.hidden) return;
    const chord = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
    const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !writes(event.composedPath()[0]);
    if (!chord && !slash) return;
    event.preventDefault();
    if (chord && this.#at.dialog?.open) this.close();
    else this.open();
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") return this.#escape(event);
    if (event.target.getAttribute?.("role") === "tab") return this.#tabKey(event);
    if (event.target !== this.#at.input) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.#options.length) {
      event.preventDefault();
      const places = this.#options.length + 1; // one of them is the field itself
      this.#activate(((this.#active + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.#enter();
    }
  }

  /** Opens the chosen answer; with none chosen, asks at once. */
  #enter() {
    if (this.#active >= 0) return this.#pick(this.#active);
    this.#recent.add(this.query);
    this.#ask();
  }

  #tabKey(event) {
    const tabs = this.#at.tabs;
    const toNext = { ArrowRight: 1, ArrowLeft: -1 }[event.key] && tabs.find((tab) => tab !== event.target);
    const goal = toNext || { Home: tabs[0], End: tabs[tabs.length - 1] }[event.key];
    if (!goal) return;
    event.preventDefault();
    goal.focus();
    goal.click();
  }

  /** From the inside out: the open document, the filters, then the modal or the question. */
  #escape(event) {
    if (this.#opened.open) this.#opened.leave();
    else if (this.#filters.hold(event.target)) this.#filters.turn();
    else if (this.#inline && this.#at.input.value) this.#cleared();
    else if (this.#inline) return;
    else this.close();
    event.preventDefault();
    event.stopPropagation();
  }

  // ── the rest ────────────────────────────────────────────────────────────────────────────────────

  #refined() {
    this.#question({});
    this.#opened.shut();
    if (this.query) this.#ask();
  }

  #forget() {
    this.#recent.clear();
    this.#start();
    this.#at.input.focus();
  }

  /** False when a listener prevented the default. What was asked is never in an event. */
  #emit(name, detail = {}, cancelable = false) {
    return this.dispatchEvent(new CustomEvent(`sensemake:${name}`, { detail, cancelable, bubbles: true, composed: true }));
  }
}

function styled() {
  const made = new CSSStyleSheet();
  made.replaceSync(STYLE);
  return made;
}

function listOf(answer) {
  return answer.experts ?? answer.hits ?? [];
}

function joined(before, after) {
  const key = after.experts ? "experts" : "hits";
  return { ...after, [key]: [...before[key], ...after[key]] };
}

/** Whether a question is worth asking while it is typed: two letters, or one of a script that needs no more. */
function long(question) {
  return question.length > 1 || question > "\u024f";
}

function writes(target) {
  return target?.isContentEditable || /^(?:input|textarea|select)$/i.test(target?.localName ?? "");
}

if (!customElements.get("sensemake-search")) customElements.define("sensemake-search", SensemakeSearch);

export { SensemakeSearch, make, speaker, web };
