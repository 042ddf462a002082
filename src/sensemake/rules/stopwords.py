"""The words of each language that say nothing about what a question is after.

Short lists of articles, pronouns, prepositions, auxiliaries and question words, written for this project. Casefolded,
and cut at apostrophes as `rules.analysis` cuts words ("don't" is `don` and `t`).
"""

from __future__ import annotations

from collections.abc import Mapping

_LISTS = {
    "en": """
        a about after again against all also am an and any are as at be because been before being between both but by
        can could d did do does doing don down during each few for from further had has have having he her here hers
        him his how i if in into is isn it its just ll m me more most my no nor not now of off on once only or other
        our ours out over own please re s same she should so some such t than that the their them then there these
        they this those through to too under until up us ve very was we were what when where which while who whom
        whose why will with would you your yours""",
    "de": """
        aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei bin bis bist da damit
        dann das dass dein dem den denn der des die dies diese diesem diesen dieser dieses doch dort du durch ein eine
        einem einen einer eines er es etwas euch euer für gegen gibt hab habe haben hat hatte hatten hier hin hinter
        ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist jede jedem jeden jeder jedes kann kein keine keinen
        können man mein meine mich mir mit muss nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinen
        seiner sich sie sind so soll sollte über um und uns unser unsere unter vom von vor wann war waren warum was
        weil welche welchem welchen welcher welches wem wen wenn wer werden wie wieder will wir wird wo wurde wurden
        zu zum zur zwischen""",
    "fr": """
        à ai as au aux avec avez avons c ce ceci cela ces cet cette ceux chez comme comment d dans de des donc dont du
        elle elles en entre es est et étaient était être eu il ils j je l la le les leur leurs lui m ma mais me même
        mes moi mon n ne ni nos notre nous on ont ou où par pas plus pour pourquoi qu quand que quel quelle quelles
        quels qui quoi s sa sans se sera ses si son sont sous sur t ta te tes toi ton tous tout toute toutes tu un une
        vos votre vous y""",
    "nl": """
        aan al alle alles als altijd andere bij daar dan dat de der deze die dit doch doen door dus een en er ge geen
        had hebben heb heeft hem het hier hij hoe hun iemand iets ik in is ja je jij jou jouw kan kon kunnen maar me
        meer men met mij mijn moet na naar niet niets nog nu of om omdat onder ons onze ook op over s reeds t te tegen
        toch toen tot u uit uw van veel voor waar waarom want waren was wat we wel welk welke werd wie wij wil worden
        wordt zal ze zelf zich zij zijn zo zonder zou""",
    "sv": """
        alla allt än är åt att av blev bli blir de dem den denna deras dess dessa det detta dig din dina ditt du där
        efter eller en er ert ett för från ha hade han hans har hela henne hennes hon honom hur hos här i icke ingen
        inom inte jag ju kan kunde man med mellan men mig min mina mitt mot mycket någon något några när ni nu och om
        oss på sedan sig sin sina sitt ska skulle som så till under upp ut utan vad vara var varför vem vi vid vilka
        vilken vilket""",
    "es": """
        a al algo alguna alguno como cómo con cual cuál cuales cuáles cuando cuándo de del desde donde dónde e el él
        ella ellas ellos en entre era es esa ese eso esta está estaba están estas este esto estos ha había han hay he
        la las le les lo los más me mi mis mucho muy nada ni no nos nosotros o os para pero por porque que qué quien
        quién quiénes se ser si sí sin sobre son su sus también te tiene tu tus u un una unas uno unos y ya yo""",
    "it": """
        a ad agli ai al alla alle anche c che chi ci come con cosa cui d da dagli dai dal dalla dalle degli dei del
        della delle di dove e è ed era gli ha hanno ho i il in io l la le lei li lo loro lui ma mi mia mio ne nei nel
        nella nelle noi non o per perché più quale quali quando quello questa queste questi questo se sei si sia sono
        su sua sue sugli sui sul sulla suo tra tu un una uno vi voi""",
    "pt": """
        a ao aos as até com como da das de dela dele do dos e é ela elas ele eles em entre era essa esse esta está
        estão este eu foi há isso isto já lhe mais mas me mesmo meu minha muito na não nas nem no nos nós num numa o
        onde os ou para pela pelas pelo pelos por porque quais qual quando que quem se sem ser seu seus só sua suas
        também te tem um uma uns você vocês""",
    "da": """
        af alle alt at blev blive bliver da de dem den denne der deres det dette dig din disse du efter eller en end
        er et for fra ham han hans har havde hende hendes her hos hun hvad hvem hvilke hvilken hvis hvor hvordan
        hvorfor hvornår i ikke ind jeg jer kan kunne man med meget men mig min mit mod når nogen noget nogle nu og
        også om op os over på sig sin sit skal skulle som sådan til ud under var vi vil ville vor være været""",
    "no": """
        alle at av ble bli blir da de deg dem den denne der deres det dette din disse du eller en enn er et etter for
        fra før ha hadde han hans har henne hennes her hos hun hva hvem hver hvilke hvilken hvis hvor hvordan hvorfor
        i ikke ingen inn jeg kan kom kunne man med meg mellom men min mitt mot mye når noe noen nå og også om opp oss
        over på seg selv sin sitt skal skulle slik som så til under ut var vi vil ville være vært""",
}

STOPWORDS: Mapping[str, frozenset[str]] = {language: frozenset(words.split()) for language, words in _LISTS.items()}
"""By ISO 639-1 code."""
