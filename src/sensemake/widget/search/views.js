// Pictures of answers: an option for each hit, person or earlier question; the open document or person; notices.

function hitOption(hit, say, id) {
  const names = [hit.title, ...(hit.headings ?? [])];
  const [text, kept] = excerpt(...withoutHead(hit.text, inUnits(hit.text, hit.highlights ?? []), names));
  const headings = pathOf(hit);
  return option(id, icon(hit.kind), [
    make("div", { class: "title", part: "title", dir: "auto" }, hit.title || hit.text.slice(0, 60), headings && make("span", { class: "path", part: "path" }, ` › ${headings}`)),
    make("div", { class: "snippet", part: "snippet", dir: "auto", lang: hit.language }, marked(text, kept)),
    about(hit, say),
  ]);
}

/** Headings below the title, without repeating it. */
function pathOf(hit) {
  return (hit.headings ?? []).filter((heading) => heading && heading !== hit.title).join(" › ");
}

function about(hit, say) {
  const facts = [
    hit.silo && make("span", { class: "badge", part: "silo" }, make("bdi", {}, hit.silo)),
    hit.kind && make("span", {}, say.kind(hit.kind)),
    hit.authors?.length && make("bdi", {}, hit.authors.join(", ")),
    hit.time && make("time", { datetime: hit.time }, say.date(hit.time)),
    hit.band && make("span", {}, say(hit.band)),
    hit.similar_count > 0 && make("span", {}, say("also", { n: hit.similar_count })),
  ];
  return make("div", { class: "about", part: "about" }, facts);
}

function personOption(expert, say, id) {
  const first = expert.evidence[0];
  return option(id, face(expert.person.name), [
    make("div", { class: "title", part: "title" }, make("bdi", {}, expert.person.name)),
    make("div", { class: "about", part: "about" }, [
      make("span", {}, say(expert.band)),
      expert.silos.length > 0 && make("span", {}, say("inSilos", { silos: expert.silos.join(", ") })),
      expert.last_active && make("span", {}, say("active", { date: say.date(expert.last_active) })),
    ]),
    first && make("div", { class: "snippet", part: "snippet", dir: "auto" }, `${say.role(first.role)}: ${excerpt(...withoutHead(first.text, [], [first.title]), 200)[0]}`),
  ]);
}

function recentOption(question, id) {
  return option(id, icon("recent"), [make("div", { dir: "auto" }, question)]);
}

function option(id, picture, words) {
  return make("div", { class: "option", part: "option", role: "option", id, "aria-selected": "false" }, picture, make("div", { class: "words" }, words));
}

/** Initials in a disc: a person without a picture. */
function face(name) {
  const letters = name.split(/\s+/).filter(Boolean).map((word) => [...word][0]);
  return make("span", { class: "face", "aria-hidden": "true" }, (letters[0] ?? "?") + (letters.length > 1 ? letters[letters.length - 1] : ""));
}

/** The document with the passage marked; without a document the passage alone. */
function documentView(hit, whole, say, acts) {
  const parts = whole?.parts ?? [];
  const spans = whole ? whereIn(parts, hit.text ?? "", hit.locator) : [];
  const source = web(whole?.url ?? hit.url);
  const shown = whole ? { ...hit, title: whole.title || hit.title, kind: whole.kind, silo: whole.silo } : hit;
  return [
    make("h2", { part: "heading", id: "heading" }, make("bdi", {}, shown.title || say("passages"))),
    about({ ...shown, band: null, similar_count: 0 }, say),
    make("div", { class: "acts", part: "actions" }, [
      source && make("a", { class: "button", href: source, target: "_blank", rel: "noreferrer noopener" }, say("source")),
      hit.passage_id && acts.similar && make("button", { class: "button", type: "button", onclick: acts.similar }, say("similar")),
      hit.text && make("button", { class: "button", type: "button", onclick: acts.who }, say("who")),
    ]),
    !whole && make("p", { class: "note" }, say("onlyPassage")),
    whole ? partsView(parts, spans, whole, say) : make("div", { class: "part", dir: "auto", lang: hit.language }, marked(hit.text ?? "", inUnits(hit.text ?? "", hit.highlights ?? []))),
  ];
}

function partsView(parts, spans, whole, say) {
  const where = new Map(spans.map(([number, start, end]) => [number, [start, end]]));
  let above = "";
  return parts.flatMap((part, number) => {
    const path = part.headings.filter((heading) => heading !== whole.title).join(" › ");
    const said = part.text.trimStart().startsWith(part.headings[part.headings.length - 1]); // then the text has its own
    const heading = path && path !== above && !said ? make("h3", {}, make("bdi", {}, path)) : null;
    above = path;
    const span = where.get(number);
    const text = span
      ? [part.text.slice(0, span[0]).trimEnd(), here(part.text.slice(...span), say), part.text.slice(span[1]).trimStart()]
      : [part.text];
    return [heading, make("div", { class: "part", part: "text", dir: "auto", lang: whole.language }, text.filter(Boolean))];
  });
}

function here(text, say) {
  return make("mark", { class: "here", part: "passage" }, make("span", { class: "sr" }, `${say("passageHere")}: `), text);
}

function personView(expert, say, openEvidence) {
  const evidence = expert.evidence.map((each) =>
    make("div", { class: "said", part: "evidence" }, [
      make("div", { class: "about" }, [
        make("span", {}, say.role(each.role)),
        make("time", { datetime: each.time }, say.date(each.time)),
        make("span", { class: "badge" }, make("bdi", {}, each.silo)),
      ]),
      make("div", { class: "part", dir: "auto" }, excerpt(each.text, [], 420)[0]),
      make("button", { type: "button", onclick: () => openEvidence(each), "aria-label": `${say("open")}: ${each.title}` }, make("bdi", {}, each.title || say("open")), " ›"),
    ]),
  );
  return [
    make("h2", { part: "heading", id: "heading" }, make("bdi", {}, expert.person.name)),
    make("div", { class: "about" }, [
      make("span", {}, say(expert.band)),
      make("span", {}, say("inSilos", { silos: expert.silos.join(", ") })),
      expert.last_active && make("span", {}, say("active", { date: say.date(expert.last_active) })),
    ]),
    make("h3", {}, say("evidence")),
    evidence.length ? evidence : make("p", {}, say("noEvidence")),
  ];
}

/** A state in a few words: what is the matter, what helps, and buttons for it. */
function notice(picture, title, hint, ...more) {
  return make("div", { class: "notice", part: "notice" }, icon(picture), title && make("strong", {}, title), hint && make("p", {}, hint), more);
}

function chips(title, names, choose, told = (name) => name) {
  return names.length > 0 && make("div", { class: "chips" }, make("span", {}, title), names.map((name) => make("button", { type: "button", class: "button", onclick: () => choose(name) }, make("bdi", {}, told(name)))));
}
