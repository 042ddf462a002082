// What the component says, in each of its languages. A word that a dictionary lacks is said in English.

const WORDS = {
  en: {
    search: "Search", ask: "What do you want to know?", close: "Close", clear: "Clear the question", back: "Back",
    passages: "Passages", people: "Who knows", filters: "Filters", filtersOn: "Filters ({n} on)", reset: "Clear filters",
    silo: "Silo", kind: "Kind", author: "Author", since: "From", until: "To", anyKind: "any kind", apply: "Apply",
    recent: "Recent searches", forget: "Forget recent searches", start: "Ask in your own words. Answers come from what people here have written.",
    loading: "Searching…", more: "More", open: "Open in context", source: "Open the source", similar: "More like this",
    who: "Who knows about this", likeThis: "More like “{title}”", nothing: "Nothing good found.",
    nothingHint: "Other words may help. These come nearest:", byMachine: "{text} (machine-written)", nearThemes: "Themes", nearPeople: "People", weakOnly: "Only weak matches:",
    offline: "You are offline", offlineHint: "The search goes on when the connection is back.",
    failed: "The search did not answer", failedHint: "It is not your question. Try again in a moment.", retry: "Try again",
    refused: "The question was not understood", signedOut: "You are signed out", signedOutHint: "Sign in again on this page to go on searching.",
    forbidden: "You may not search here", forbiddenHint: "Ask whoever looks after this page.",
    limited: "Many questions at once", limitedHint: "The search goes on by itself in {n} seconds.", degraded: "Part of the search is away just now; answers may be poorer.",
    countPassages: "{n} passages found", countPassage: "1 passage found", countPeople: "{n} people found", countPerson: "1 person found", andMore: "{text}, and there are more",
    strong: "strong match", medium: "fair match", weak: "weak match", also: "and {n} like it", active: "last active {date}", inSilos: "in {silos}",
    evidence: "What they wrote", noEvidence: "There is nothing that you may read.", onlyPassage: "The passage alone; the whole document is not open to you.", passageHere: "The passage that was found",
    keyMove: "move", keyOpen: "open", keyClose: "close", results: "Results", hint: "Arrow keys choose, Enter opens, Escape closes.",
    kinds: { page: "page", conversation: "conversation", mail: "mail", reflection: "reflection", experiment: "experiment", question: "question", decision: "decision", story: "story" },
    roles: { wrote: "wrote", edited: "edited", answered: "answered", asked: "asked", reviewed: "reviewed", approved: "approved", owns: "owns", presented: "presented", decided: "decided", thanked: "was thanked" },
  },
  nl: {
    search: "Zoeken", ask: "Wat wil je weten?", close: "Sluiten", clear: "Vraag wissen", back: "Terug",
    passages: "Passages", people: "Wie weet het", filters: "Filters", filtersOn: "Filters ({n} aan)", reset: "Filters wissen",
    silo: "Silo", kind: "Soort", author: "Auteur", since: "Vanaf", until: "Tot en met", anyKind: "elke soort", apply: "Toepassen",
    recent: "Recente zoekvragen", forget: "Recente zoekvragen vergeten", start: "Vraag het in je eigen woorden. De antwoorden komen uit wat mensen hier hebben geschreven.",
    loading: "Bezig met zoeken…", more: "Meer", open: "In context openen", source: "Bron openen", similar: "Meer zoals dit",
    who: "Wie weet hier meer van", likeThis: "Meer zoals “{title}”", nothing: "Niets goeds gevonden.",
    nothingHint: "Andere woorden helpen misschien. Dit komt het dichtst in de buurt:", byMachine: "{text} (door een machine geschreven)", nearThemes: "Thema’s", nearPeople: "Mensen", weakOnly: "Alleen zwakke treffers:",
    offline: "Je bent offline", offlineHint: "Het zoeken gaat verder zodra de verbinding terug is.",
    failed: "De zoekdienst gaf geen antwoord", failedHint: "Het ligt niet aan je vraag. Probeer het zo nog eens.", retry: "Opnieuw proberen",
    refused: "De vraag werd niet begrepen", signedOut: "Je bent afgemeld", signedOutHint: "Meld je op deze pagina opnieuw aan om verder te zoeken.",
    forbidden: "Je mag hier niet zoeken", forbiddenHint: "Vraag het aan wie deze pagina beheert.",
    limited: "Veel vragen tegelijk", limitedHint: "Over {n} seconden gaat het zoeken vanzelf verder.", degraded: "Een deel van de zoekdienst is nu weg; antwoorden kunnen minder goed zijn.",
    countPassages: "{n} passages gevonden", countPassage: "1 passage gevonden", countPeople: "{n} mensen gevonden", countPerson: "1 persoon gevonden", andMore: "{text}, en er zijn er meer",
    strong: "sterke treffer", medium: "redelijke treffer", weak: "zwakke treffer", also: "en {n} die erop lijken", active: "laatst actief {date}", inSilos: "in {silos}",
    evidence: "Wat zij schreven", noEvidence: "Er is niets dat je mag lezen.", onlyPassage: "Alleen de passage; het hele document is niet voor je open.", passageHere: "De gevonden passage",
    keyMove: "kiezen", keyOpen: "openen", keyClose: "sluiten", results: "Resultaten", hint: "Pijltjes kiezen, Enter opent, Escape sluit.",
    kinds: { page: "pagina", conversation: "gesprek", mail: "mail", reflection: "reflectie", experiment: "experiment", question: "vraag", decision: "besluit", story: "verhaal" },
    roles: { wrote: "schreef", edited: "bewerkte", answered: "antwoordde", asked: "vroeg", reviewed: "beoordeelde", approved: "keurde goed", owns: "is eigenaar", presented: "presenteerde", decided: "besloot", thanked: "werd bedankt" },
  },
  de: {
    search: "Suchen", ask: "Was möchtest du wissen?", close: "Schließen", clear: "Frage löschen", back: "Zurück",
    passages: "Textstellen", people: "Wer weiß es", filters: "Filter", filtersOn: "Filter ({n} aktiv)", reset: "Filter löschen",
    silo: "Silo", kind: "Art", author: "Verfasst von", since: "Von", until: "Bis", anyKind: "jede Art", apply: "Anwenden",
    recent: "Letzte Suchen", forget: "Letzte Suchen vergessen", start: "Frag in deinen eigenen Worten. Die Antworten stammen aus dem, was Menschen hier geschrieben haben.",
    loading: "Suche läuft…", more: "Mehr", open: "Im Zusammenhang öffnen", source: "Quelle öffnen", similar: "Ähnliches",
    who: "Wer weiß mehr darüber", likeThis: "Ähnlich wie „{title}“", nothing: "Nichts Gutes gefunden.",
    nothingHint: "Andere Worte helfen vielleicht. Am nächsten kommt:", byMachine: "{text} (maschinell benannt)", nearThemes: "Themen", nearPeople: "Menschen", weakOnly: "Nur schwache Treffer:",
    offline: "Du bist offline", offlineHint: "Die Suche geht weiter, sobald die Verbindung wieder da ist.",
    failed: "Die Suche hat nicht geantwortet", failedHint: "An deiner Frage liegt es nicht. Versuch es gleich noch einmal.", retry: "Noch einmal",
    refused: "Die Frage wurde nicht verstanden", signedOut: "Du bist abgemeldet", signedOutHint: "Melde dich auf dieser Seite neu an, um weiterzusuchen.",
    forbidden: "Du darfst hier nicht suchen", forbiddenHint: "Frag, wer diese Seite betreut.",
    limited: "Viele Fragen auf einmal", limitedHint: "In {n} Sekunden geht die Suche von selbst weiter.", degraded: "Ein Teil der Suche ist gerade nicht da; Antworten können schlechter sein.",
    countPassages: "{n} Textstellen gefunden", countPassage: "1 Textstelle gefunden", countPeople: "{n} Menschen gefunden", countPerson: "1 Mensch gefunden", andMore: "{text}, und es gibt mehr",
    strong: "starker Treffer", medium: "mittlerer Treffer", weak: "schwacher Treffer", also: "und {n} ähnliche", active: "zuletzt aktiv {date}", inSilos: "in {silos}",
    evidence: "Was sie geschrieben haben", noEvidence: "Es gibt nichts, was du lesen darfst.", onlyPassage: "Nur die Textstelle; das ganze Dokument ist für dich nicht offen.", passageHere: "Die gefundene Textstelle",
    keyMove: "wählen", keyOpen: "öffnen", keyClose: "schließen", results: "Ergebnisse", hint: "Pfeiltasten wählen, Enter öffnet, Escape schließt.",
    kinds: { page: "Seite", conversation: "Gespräch", mail: "Mail", reflection: "Reflexion", experiment: "Experiment", question: "Frage", decision: "Entscheidung", story: "Geschichte" },
    roles: { wrote: "schrieb", edited: "bearbeitete", answered: "antwortete", asked: "fragte", reviewed: "prüfte", approved: "genehmigte", owns: "verantwortet", presented: "stellte vor", decided: "entschied", thanked: "erhielt Dank" },
  },
  fr: {
    search: "Rechercher", ask: "Que voulez-vous savoir ?", close: "Fermer", clear: "Effacer la question", back: "Retour",
    passages: "Passages", people: "Qui sait", filters: "Filtres", filtersOn: "Filtres ({n} actifs)", reset: "Effacer les filtres",
    silo: "Silo", kind: "Type", author: "Auteur", since: "Du", until: "Au", anyKind: "tous les types", apply: "Appliquer",
    recent: "Recherches récentes", forget: "Oublier les recherches récentes", start: "Posez la question avec vos mots. Les réponses viennent de ce que les gens ont écrit ici.",
    loading: "Recherche…", more: "Plus", open: "Ouvrir dans son contexte", source: "Ouvrir la source", similar: "Passages semblables",
    who: "Qui s’y connaît", likeThis: "Semblables à « {title} »", nothing: "Rien de bon trouvé.",
    nothingHint: "D’autres mots aideront peut-être. Le plus proche :", byMachine: "{text} (nom écrit par une machine)", nearThemes: "Thèmes", nearPeople: "Personnes", weakOnly: "Seulement des résultats faibles :",
    offline: "Vous êtes hors ligne", offlineHint: "La recherche reprendra avec la connexion.",
    failed: "La recherche n’a pas répondu", failedHint: "Votre question n’y est pour rien. Réessayez dans un instant.", retry: "Réessayer",
    refused: "La question n’a pas été comprise", signedOut: "Vous êtes déconnecté", signedOutHint: "Reconnectez-vous sur cette page pour continuer.",
    forbidden: "Vous ne pouvez pas chercher ici", forbiddenHint: "Adressez-vous au responsable de cette page.",
    limited: "Beaucoup de questions à la fois", limitedHint: "La recherche reprend d’elle-même dans {n} secondes.", degraded: "Une partie de la recherche est absente ; les réponses peuvent être moins bonnes.",
    countPassages: "{n} passages trouvés", countPassage: "1 passage trouvé", countPeople: "{n} personnes trouvées", countPerson: "1 personne trouvée", andMore: "{text}, et il y en a d’autres",
    strong: "très pertinent", medium: "assez pertinent", weak: "peu pertinent", also: "et {n} semblables", active: "actif en dernier le {date}", inSilos: "dans {silos}",
    evidence: "Ce qu’ils ont écrit", noEvidence: "Il n’y a rien que vous puissiez lire.", onlyPassage: "Le passage seul ; le document entier ne vous est pas ouvert.", passageHere: "Le passage trouvé",
    keyMove: "choisir", keyOpen: "ouvrir", keyClose: "fermer", results: "Résultats", hint: "Les flèches choisissent, Entrée ouvre, Échap ferme.",
    kinds: { page: "page", conversation: "conversation", mail: "courriel", reflection: "réflexion", experiment: "expérience", question: "question", decision: "décision", story: "récit" },
    roles: { wrote: "a écrit", edited: "a modifié", answered: "a répondu", asked: "a demandé", reviewed: "a relu", approved: "a approuvé", owns: "responsable", presented: "a présenté", decided: "a décidé", thanked: "a été remercié" },
  },
  sv: {
    search: "Sök", ask: "Vad vill du veta?", close: "Stäng", clear: "Rensa frågan", back: "Tillbaka",
    passages: "Avsnitt", people: "Vem vet", filters: "Filter", filtersOn: "Filter ({n} på)", reset: "Rensa filter",
    silo: "Silo", kind: "Slag", author: "Författare", since: "Från", until: "Till", anyKind: "alla slag", apply: "Använd",
    recent: "Senaste sökningar", forget: "Glöm senaste sökningar", start: "Fråga med egna ord. Svaren kommer ur det som människor här har skrivit.",
    loading: "Söker…", more: "Mer", open: "Öppna i sitt sammanhang", source: "Öppna källan", similar: "Mer som detta",
    who: "Vem vet mer om detta", likeThis: "Mer som ”{title}”", nothing: "Inget bra hittades.",
    nothingHint: "Andra ord kanske hjälper. Detta ligger närmast:", byMachine: "{text} (skrivet av en maskin)", nearThemes: "Teman", nearPeople: "Människor", weakOnly: "Endast svaga träffar:",
    offline: "Du är offline", offlineHint: "Sökningen fortsätter när anslutningen är tillbaka.",
    failed: "Sökningen svarade inte", failedHint: "Det beror inte på din fråga. Försök igen om en stund.", retry: "Försök igen",
    refused: "Frågan förstods inte", signedOut: "Du är utloggad", signedOutHint: "Logga in igen på den här sidan för att fortsätta.",
    forbidden: "Du får inte söka här", forbiddenHint: "Fråga den som sköter sidan.",
    limited: "Många frågor på en gång", limitedHint: "Sökningen fortsätter av sig själv om {n} sekunder.", degraded: "En del av sökningen är borta just nu; svaren kan vara sämre.",
    countPassages: "{n} avsnitt hittades", countPassage: "1 avsnitt hittades", countPeople: "{n} människor hittades", countPerson: "1 människa hittades", andMore: "{text}, och det finns fler",
    strong: "stark träff", medium: "rimlig träff", weak: "svag träff", also: "och {n} liknande", active: "senast aktiv {date}", inSilos: "i {silos}",
    evidence: "Vad de skrev", noEvidence: "Det finns inget som du får läsa.", onlyPassage: "Endast avsnittet; hela dokumentet är inte öppet för dig.", passageHere: "Avsnittet som hittades",
    keyMove: "välj", keyOpen: "öppna", keyClose: "stäng", results: "Resultat", hint: "Piltangenter väljer, Enter öppnar, Escape stänger.",
    kinds: { page: "sida", conversation: "samtal", mail: "mejl", reflection: "reflektion", experiment: "experiment", question: "fråga", decision: "beslut", story: "berättelse" },
    roles: { wrote: "skrev", edited: "ändrade", answered: "svarade", asked: "frågade", reviewed: "granskade", approved: "godkände", owns: "äger", presented: "presenterade", decided: "beslutade", thanked: "fick tack" },
  },
};

/** A speaker of the language nearest to `tag` ("de-AT" → de): `say("limitedHint", { n: 3 })`. */
function speaker(tag) {
  const code = (tag || "en").toLowerCase().split("-")[0];
  const own = Object.hasOwn(WORDS, code) ? WORDS[code] : WORDS.en;
  const word = (table, key) => (Object.hasOwn(table, key) && typeof table[key] === "string" ? table[key] : null);
  const say = (key, values = {}) => fill(word(own, key) ?? word(WORDS.en, key) ?? String(key), values);
  say.code = own === WORDS[code] ? code : "en";
  say.kind = (kind) => word(own.kinds, kind) ?? kind;
  say.role = (role) => word(own.roles, role) ?? role;
  const region = navigator.languages.find((each) => each.toLowerCase().startsWith(`${say.code}-`)) ?? say.code;
  const dates = new Intl.DateTimeFormat(region, { dateStyle: "medium" });
  say.date = (iso) => {
    const time = Date.parse(iso ?? "");
    return Number.isNaN(time) ? "" : dates.format(time);
  };
  return say;
}

function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}
