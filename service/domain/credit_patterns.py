"""The vocabulary of credits: character folding, bounded patterns and word lists.

Every pattern is linear: repeats are bounded or possessive and never nested over the same characters. Never decides anything.
"""

from __future__ import annotations

import re

_FOLD: dict[int, str] = {
    **dict.fromkeys(map(ord, "‐‑‒–—―−－\x96\x97"), "-"),
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u200a\u200b\u202f\u3000\ufeff\t"), " "),
    **dict.fromkeys(map(ord, "“”„‟«»＂"), '"'),
    **dict.fromkeys(map(ord, "‘’‚‛`´"), "'"),
    ord("："): ":", ord("（"): "(", ord("）"): ")", ord("【"): "[", ord("】"): "]", ord("／"): "/", ord("\r"): "\n",
}  # fmt: skip


def fold(text: str) -> str:
    """The text with typographic variants made plain, one character for one, so that offsets hold in the original."""
    return text.translate(_FOLD)


_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?"
    r"|Dec(?:ember)?|ene|enero|feb|febrero|marzo|abr|abril|mayo|jun|junio|jul|julio|ago|agosto|septiembre|octubre"
    r"|noviembre|dic|diciembre"
    r"|mar|janv|février|févr|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|Januar|Februar|März|Mrz|Juni"
    r"|Juli|Oktober|Okt|Dez"
    r"|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre"
    r"|janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|dezembro"
    r"|Dezember|янв|января|фев|февраля|марта|апр|апреля|мая|июн|июня|июл|июля|авг|августа|сен|сентября|окт|октября|ноя"
    r"|ноября|дек|декабря)"
)
_DATE = rf"(?:{_MONTH}\.? \d{{1,2}}(?:[,/] ?\d{{4}})?|\d{{1,2}}\.? (?:de )?{_MONTH}\.?(?: \d{{4}})?)"
_WEEKDAY = r"(?:(?:Mon|Tues?|Wednes|Thurs?|Fri|Satur|Sun)(?:day)?)"

DATE_BEFORE = re.compile(rf"(?:^|[\s,])({_DATE})[\s,.:]{{0,3}}$")
"""A date at the end of what stands before an agency's bracket."""

PLACE_JOINERS = frozenset({"de", "del", "al", "el", "la", "le", "du", "da", "do", "am", "and", "i", "of"})

BARE_DATELINE = re.compile(
    rf"(?:[A-Z\u00c0-\u00de][A-Z\u00c0-\u00de.'-]{{1,24}}[ ,]{{1,2}}){{1,4}}+(?:[A-Z][A-Za-z.]{{1,14}}[ ,]{{1,2}}){{0,3}}?"
    rf"(?:{_DATE}[ ,.]{{0,2}})?-{{1,3}} ?(?=\S)"
)
"""Place in capitals, perhaps a date, and a dash: a dateline that lost its agency."""

UNBRACKETED_DATELINE = re.compile(
    rf"(?:[A-Z\u00c0-\u00de][\w.'-]{{1,24}}[ ,.]{{1,2}}){{1,5}}?(?P<date>{_DATE}[ ,.]{{1,3}})?(?P<dash>-{{1,3}} )?(?:[Tt]he )?"
)
"""What stands before an agency's name in a dateline without brackets: `SYDNEY, March 3 AAP -`, `OTTAWA - Canadian Press -`."""

CHINESE_DATELINE = re.compile(
    r"[\[(]?(?P<name>[\u4e00-\u9fff]{2,6}社)[\u4e00-\u9fff\d]{1,14}电[\])]?[ ,:]{0,2}(?:\([^()\n]{2,24}\))?"
)
JAPANESE_DATELINE = re.compile(r"\[(?P<place>[^\]\n=]{1,20}?)[ =]?(?P<name>共同|時事|ロイター|AFP)(?:通信)?\]")
BRACKET = re.compile(r"[(\[](?P<inner>[^()\[\]]{2,400}+)(?P<close>[)\]]|$)")
CALL_SIGN = re.compile(
    r"(?:[KW][A-Z]{2,3}(?:[ -]?(?:TV|FM|AM|DT))?|[A-Z]{3}\d{1,2}(?: News)?|CBS[A-Z]{2}|(?:FOX|Fox|ABC|NBC"
    r"|CBS) ?\d{1,2}(?: News)?)"
)
DASH_AFTER = re.compile(r"[\s.]{0,2}(?:[-_]{1,3}|:)(?=\s|\S)")
SENTENCE_END = re.compile(r"[.!?。！？…][\"')\]]{0,2}\s{0,3}$")

BYLINE_LEAD = re.compile(
    r"(?:By|BY|by|Von|VON|Par|PAR|Por|POR|Door|Texte?|Text|Written by|Story by|Reporting by|От"
    r"|Автор)[ :]{1,2}(?P<rest>\S.{1,110})",
    re.DOTALL,
)
PERSON_BEFORE = re.compile(
    r"(?:[A-Z\u00c0-\u00de][\w.'-]{0,20} ){1,3}+[A-Z\u00c0-\u00de][\w.'-]{1,20}(?: and [A-Z][\w.' -]{3,40})?, ?$"
)
BY_PERSON_BEFORE = re.compile(
    r"(?:\bBy|^by) (?:(?:[A-Z\u00c0-\u00de][\w.'-]{0,20}|and)[ ,]{1,2}){1,6}+(?:(?:of|for) )?(?:[Tt]he )?$"
)
STAMP_BEHIND = re.compile(rf"\s?\|\s?(?:{_WEEKDAY}|{_DATE}|\d{{1,2}}[:.]\d\d|[Uu]pdated|UPDATED|[Pp]ublished|[Pp]osted)")
"""Behind an agency's name that opens a page: its stamp."""
ROMANCE_BYLINE = re.compile(r"(?:^|\s)(?:da|do|Da|Do|DA|DO|por|Por) $")
BYLINE_END = re.compile(
    rf"\A(?:,? (?:Staff |Sports |Business |Science |Medical |Political )?(?:Writers?|Reporters?|Correspondents?|writers?"
    rf"|reporters?|correspondents?))?"
    rf"\s{{0,2}}(?:$|\n|,? ?{_WEEKDAY}|,? ?{_DATE}|\||-{{2}}|Updated|Published|Posted)"
)

DESK_FOOTER = re.compile(
    r"\(?(?:(?:Additional |With )?[Rr]eporting|[Ww]riting|[Cc]ompiled|[Rr]eportaje|[Rr]eportagem|[Bb]ericht|[Ee]diting"
    r"|[Ee]ditado) (?:and [a-z]{4,12} )?"
    r"(?:by|por|von|in) [^()\n]{3,400}\)?\.?"
)
TRUST_PRINCIPLES = re.compile(r"(?:Our Standards: )?The Thomson Reuters Trust Principles\.?")

CONTRIBUTION = re.compile(
    r"contribut(?:ed|es|ing) (?:reporting )?(?:to|for) (?:this|the|our) (?:report|story|article|dispatch|piece|coverage)"
    r"|contributed this (?:report|story|article)"
    r"|contributed reporting"
    r"|(?:\A|(?<=[.!?)\]\"\n] )|(?<=[(\n\"]))this (?:report|story|article) (?:includes|contains|uses)"
    r" (?:information|reporting|material)"
    r" (?:\w{4,10} )?(?:from|by)\b|(?:writers?|reporters?|correspondents?) [^.\n]{3,80} (?:also )?contributed\.?$"
    r"|(?:additional|with) reporting (?:by|from) |information (?:for|in|from) this (?:report|story"
    r"|article) (?:was |is |were )?(?:provided|supplied|obtained)?"
    r"|(?:material|reporting|information) (?:from|by) .{2,60} was used in this (?:report|story|article)|hat zu diesem (?:Bericht"
    r"|Artikel) beigetragen"
    r"|ha contribuito a questo|contribuy[oó] a (?:este|esta)|a contribué à cet",
    re.IGNORECASE,
)
CONTRIBUTED = re.compile(r" (?:also )?contributed\.?\s{0,3}$")
CONTRIBUTING_LIST = re.compile(
    r"(?:(?:Contributing|Contributors?|Contributing writers?):|[Ii]nputs? from|[Ii]nputs?:) (?P<list>[^\n]{2,120})"
)

MIXED = re.compile(
    r"\A(?:(?:By |BY )?[Ss]taff (?:[Ww]riters?|[Rr]eporters?),? (?=[Ww]ith))?"
    r"(?:(?P<left>[^,;:()\"]{2,40}?) )?(?P<with>[Ww]ith|mit|Mit|[Aa]vec|[Cc]on|[Cc]om|[Mm]et|[Mm]ed"
    r"|WITH) (?:(?:additional|agency|further|some|the) ){0,2}"
    r"(?P<what>inputs?|information|informaci[oó]n|informaç(?:ão|ões)|informazioni|[Mm]aterial|[Ii]nformationen"
    r"|[Aa]genturmaterial|files?|reporting|reports?"
    r"|news wires|agences|agencias)?(?: ?(?:from|by|de|des|von|der|da|do|das|dos|d'|of|vom)(?: the| la| l'| las"
    r"| los)?)? ?(?P<list>[^\n]{2,90})"
)
STAFF_MIXED = re.compile(
    r"\A(?:From |Compiled from |By )?(?:staff|[A-Z][\w]{2,20})? ?(?:and |& )?(?P<list>[Ww]ire|[Nn]ews [Ss]ervice|[Aa]gency"
    r"|[^\n,]{2,40}) ?(?:and [Ss]taff )?[Rr]eports?\.?"
)
NAMED_INPUTS = re.compile(r" (?:[Aa]gency )?[Ii]nputs?$")
"""The end of a mixed credit that names its suppliers first: `With AP inputs`."""
DATED_WIRE = re.compile(rf"(?P<name>[A-Z][\w .&]{{2,30}}?) ?[-/,] ?(?:{_WEEKDAY},? )?{_DATE}")
"""A press wire with its date in one bracket: `(Newsfile Corp. - March 3, 2020)`."""
UNNAMED_SUPPLIERS = re.compile(
    r"(?:[Ww]ith |WITH )(?:(?:news )?agency|agencies|(?:[A-Z][\w'-]{1,20} )?(?:[Ww]ire|[Nn]ews) [Ss]ervices?"
    r"|[A-Z][\w'-]{1,20} [Ww]ires?|[Ww]ires?)"
    r"(?: (?:inputs?|reports?|copy|material))?"
)
"""A mixed credit that names no supplier: `with agency inputs`, `With Post wires`."""
LIST_JOINT = re.compile(r"\s?[,;/+&=]\s?|\s(?:and|und|et|y|e|ed|en|og|och|i|и|或|та)\s|\s-\s")
DESK_TOKEN = re.compile(r"[a-z]{2,4}|(?:[Rr]ed(?:aktion)?|[Ss]taff|[Dd]esk|[Oo]thers?)")
OWN_STAFF = re.compile(
    r"(?:[Oo]ur )?(?:[Oo]wn )?(?:[Ss]taff|[Ss]taff (?:[Ww]riters?|[Rr]eporters?)|[Cc]orrespondents?|[Rr]eporters?)"
)
INITIALS = re.compile(r"(?:[a-z]{1,3}/){1,4}[a-z]{1,3}|[A-Z]{2,4}(?: [A-Z]{1,4}){1,6}|[A-Z]{1,4}(?:/[A-Z]{1,4}){1,4}")

FEED_DISCLAIMER = re.compile(
    r"(?:auto-?matically |auto[- ]?)(?:generated|published) (?:\w{3,10} )?(?:from|by|via)|(?:published|sourced|taken|received"
    r"|generated) (?:directly )?(?:from|via|through) (?:a|an|the|our)"
    r" (?:third[- ]party )?(?:wire |news |agency |syndicated |syndicate )?(?:agency |news )?(?:feed|wire|syndicat)"
    r"|has not been (?:edited|created|modified) by (?!us\b)[A-Z]|only the headline and picture",
    re.IGNORECASE,
)

SOURCE_LABEL = re.compile(
    r"[\[(*\s]{0,3}(?:News |Story |Article |Original |Content |Text )?(?P<label>[Ss]ources?|SOURCES?|Reference|Quelle|QUELLE"
    r"|Fuente|FUENTE|Fonte|FONTE|Πηγή|Источник"
    r"|ИСТОЧНИК|Джерело|출처|来源|來源|稿源|原载|转载自|文章来源"
    r"|Kaynak|Bron|Källa|Kilde|Źródło|Zdroj|Forrás|المصدر|出典|News Source|Credit|Information from)"
    r" ?[:|] ?\n?(?P<name>[^\n]{2,90})"
)
SOURCE_LEAD = re.compile(
    r"(?:(?:This |The )?(?:article|story|content|report|news)? ?(?:(?:is|was|has been) )?(?:[Pp]rovided|PROVIDED"
    r"|[Ss]upplied|[Dd]elivered|[Ss]yndicated|[Pp]owered) by|From|FROM|Via|VIA|Credits?:"
    r"|Courtesy(?: of)?(?: the)?) (?P<name>[^\n]{2,60})"
)
AGENCY_FIRST = re.compile(
    rf"\s{{0,2}}[|,]\s{{0,2}}(?:[A-Z][\w.'-]{{1,20}}(?: [A-Z][\w.'-]{{1,20}}){{0,2}}$"
    rf"|(?:[Uu]pdated|[Pp]ublished|{_WEEKDAY}|{_DATE})\b)"
    r"|\s(?:in|IN) [A-Z][\w.'-]{1,20}(?:,? [A-Z][\w.'-]{1,20}){0,3}(?: and (?:[a-z]{4,8} )?agenc(?:y|ies))?$"
)
"""Behind an agency's name at the start of a line: a place or a time and nothing else."""
THANKS = re.compile(r"(?:[Tt]hanks(?: to)?|[Cc]ourtesy(?: of)?|[Vv]ia|www\.)[ :]?\s?")
SPECIAL_TO = re.compile(r"\(?(?:Special|SPECIAL|special) (?:to|TO|for|FOR) (?:[Tt]he |THE )?(?P<name>[A-Z][^\n,()]{2,50}?)\)?")
NOT_A_SOURCE = re.compile(
    r"(?:twitter|facebook|instagram|youtube|tiktok|weibo|telegram|official|census|survey|data|calculation|analysis"
    r"|company|inc\b|ltd|corp|report \d|\(\d{4}|\d{4}\)"
    r"|weather service|met office|geological survey|meteorolog|department of|ministry of|\bpolice\b|sheriff|office of"
    r"|supplied|pixabay|unsplash|rawpixel|freepik|wikimedia|wikipedia|flickr|http\S{40}|@)",
    re.IGNORECASE,
)

COPYRIGHT = re.compile(r"©|\([cC]\)|[Cc]opyright|COPYRIGHT")
COPYRIGHT_GAP = re.compile(r"(?:[\s©:,.&|-]|\([cC]\)|[Cc]opyright|COPYRIGHT|\d{4}|by\b|[Tt]he\b|™|®){0,16}+")
DISTRIBUTED = re.compile(r"(?P<small>d)?(?(small)|D)istributed (?:by|through|in partnership with) ")
PICTURE_WORD = re.compile(
    r"(?:photo(?:graph(?:er|y)?|s)?|image|picture|pic|video|file|illustration|foto(?:s)?|bild|imagen|immagine|사진|写真|图片|图|фото)\b",
    re.IGNORECASE,
)
PICTURE_BEFORE = re.compile(
    r"(?:(?:[Pp]hoto(?:graph)?s?|PHOTOS?|[Ii]mages?|IMAGE|[Pp]ictures?|[Pp]ics?|[Vv]ideo|[Ff]otos?|FOTO"
    r"|[Bb]ild(?:quelle)?|사진|写真|图片来源|Фото|фото|[Cc]redits?|CREDIT"
    r"|[Ii]llustration|Imagen)[^\n:.]{0,24}[:/|]|[Ii]mage copyright|[Pp]hotos? (?:by|from|courtesy of)"
    r"|[Pp]hotograph (?:by|from)|[Ii]mage (?:source|via|by|from)[: ])"
    r" ?[^\n:.!?()]{0,48}$|[A-Z][\w.'-]{1,20} [A-Z][\w.'-]{1,20} ?/ ?$|(?:[Hh]andout|[Pp]hoto|[Cc]ourtesy"
    r"|[Ff]ile) [Vv]ia (?:the )?$|© ?$(?<=[a-z] © )"
)
PICTURE_AFTER = re.compile(
    r" ?/ ?(?:[A-Z][\w.'-]{1,20} [A-Z]|[Ff]ile\b|Getty)|,? (?:(?:[Ff]ile )?(?:[Pp]hotos?|PHOTOS?|[Pp]hotographer"
    r"|[Ii]mages|IMAGES|[Pp]ictures?)\b(?! (?:show|of|from|taken))"
    r"|[Vv]ia Getty\b)| [Ff]ile(?: photo)?(?:$|[\s)\]])"
)

REPUBLICATION = re.compile(
    r"\b(?:(?:originally|first|previously|initially) (?:been )?(?:published|appeared|posted|aired|ran|reported|printed"
    r"|written|released)(?: online)?|appeared first"
    r"|(?:co-?published|(?:published|produced|reported) in (?:partnership|collaboration))(?= with)"
    r"|(?:re-?published|re-?printed|re-?posted|reproduced|cross-?posted|syndicated|excerpted|adapted|used|shared"
    r"|courtesy)(?: here)?|this (?:article|story|piece|column|post|interview|essay|review)"
    r" (?:(?:was|is) (?:published|produced|provided|supplied)|appeared|ran))"
    r"(?: (?:with|by) (?:the )?(?:kind )?permission)?"
    r"(?: (?:by|as) [^.\n]{2,60}?)?,? (?:on|in|at|by|from|of|(?<=co-published )with|(?<=copublished )with|(?<=partnership )with"
    r"|(?<=collaboration )with) (?=[\"']?(?:the )?[\w\"'])",
    re.IGNORECASE,
)
ADAPTED_FROM = re.compile(
    r",? from which th(?:is|e) (?:column|article|essay|piece|story|post|text|excerpt) (?:was|is|has been) (?:adapted"
    r"|excerpted|re-?printed|taken)"
)
READ_ORIGINAL = re.compile(
    r"(?:[Rr]ead|READ|[Vv]iew|[Ss]ee|[Vv]isit) (?:the |this )?(?:original|full|whole|complete|entire|rest of the"
    r"|source)? ?(?:article|story|post|report|piece|source)? ?(?:here )?(?:on|at|from) "
)
ABOUT_THIS_TEXT = re.compile(
    r"\b(?:[Tt]h(?:is|e)|[Oo]ur|[Aa]n?) (?:[a-z-]{2,14} ){0,2}(?:article|story|post|piece|column|report|essay|interview"
    r"|content|excerpt|op-ed|opinion|commentary|analysis|version|"
    r"feature|item|text)\b|^\W{0,3}(?:[Oo]riginally|[Ff]irst|[Rr]e-?p|[Rr]eprinted|[Ss]yndicated|[Aa]ppeared|[Cc]ross)"
    r"|[Tt]he post |was republished|^\W{0,3}(?:Story|Article|Report|Text|Content)\b"
)
NOT_A_PUBLICATION = re.compile(
    r"\b(?:the )?(?:\d|(?:journal|book|proceedings|january|february|march|april|may|june|july|august|september|october"
    r"|november|december|monday|tuesday|wednesday"
    r"|thursday|friday|saturday|sunday|this|that|our|my|his|her|their|an?|print|full|part|english|french|german|spanish"
    r"|permission)\b)",
    re.IGNORECASE,
)

TRANSLATION = re.compile(
    r"(?:编译自|譯自|译自|翻译自|編譯自|翻訳元) ?:? ?[《\"]?"
    r"|(?:[Tt]ranslated|[Üü]bersetzt|[Tt]raduit|[Tt]raducido|[Tt]radotto) (?:from"
    r"|aus|de|du|da) (?:the )?"
)
VIA_AGGREGATOR = re.compile(r"(?P<hop>[A-Z][A-Za-z]{2,12}) ?- ?(?P<name>[^()\n]{2,50})")
ISSUER = re.compile(r"\bSOURCE:? (?P<name>[A-Z][^\n]{1,80})")

NAME = re.compile(
    r"(?:[Tt]he )?[A-Z0-9\u00c0-\u00de][\w'&.!+-]{0,40}(?: (?:[A-Z0-9&\u00c0-\u00de][\w'&.!+-]{0,40}|of|and|the|for|de|la"
    r"|du|magazine)){0,6}"
)
DOMAIN = re.compile(
    r"(?:www\.)?(?:[A-Za-z0-9-]{1,40}\.){1,3}(?:com|org|net|co\.uk|com\.au|co|info|io|news|tv|in|de|fr|eu|ru|uk|us|ca|au)\b"
)
OUTLET_NOUN = re.compile(
    r"\A(?:Times|Post|Tribune|Herald|News|Gazette|Observer|Courier|Chronicle|Journal|Star|Press|Mail|Telegraph|Globe|Sun"
    r"|Mirror|Express|Standard|Examiner|Record|Register"
    r"|Dispatch|Inquirer|Sentinel|Ledger|Leader|Advocate|Argus|Echo|Bulletin|Citizen|Independent|Guardian|Mercury|Monitor"
    r"|Review|Reporter|Today|Magazine|magazine|Online"
    r"|Wire|Network|Radio|TV|Television|Media|Agency|Service|Daily|Weekly|Digest|Insider|Report|World|Week|Life|Voice"
    r"|Pravda|Zeitung|Presse|Nachrichten|Tageblatt"
    r"|Broadcasting|Newsroom|Newspapers?|Blog|Live|Politics|Now|Watch|Story|Dreams|Reader|Free Press|Banner|Beacon|Eagle"
    r"|Enterprise|Patriot|Republic|Transcript|Union|[A-Z]?[a-z]*\d{1,2})"
)
STAFF_OF = re.compile(
    r"(?:writers?|reporters?|correspondents?|journalists?|editors?|staff|with|of|from|by|at|for) (?:the )?$", re.IGNORECASE
)
TAIL_SOURCE = re.compile(
    r"(?:^|[.!?\"')]\s{1,3}|\s{2,3})"
    r"(?P<credit>[\[(]?(?:(?:Sources?|SOURCES?|Fuente|Fonte|Quelle) ?: ?|(?:Provided|Supplied|Syndicated) by )"
    r"(?P<name>[^\n:]{2,60}))$"
)
WRITES_FOR = re.compile(
    r"(?:^|[.!?\"'*]\s{1,3}|\n)(?P<credit>(?:[A-Z][\w.'-]{1,20} ){2,4}(?:writes for|is an? (?:\w{3,14} ){0,3}?(?:writer"
    r"|reporter|columnist|correspondent|journalist) (?:for|at|with|of))) (?=[\w\"])"
    r"|(?P<of>(?:[A-Z][\w.'-]{1,20} ){2,3}of )(?=[A-Z][\w ]{2,40} (?:reported from|contributed))"
)
SIGNED_LIST = re.compile(
    r"(?:^|[.!?\"'\n]\s{0,3})(?P<credit>(?:-{1,3} ?|\()?(?P<list>[A-Z][\w .&-]{1,24}(?:[/,] ?[A-Z][\w .&-]{1,24}){1,3})\)?)$"
)
NEWS_SERVICE = re.compile(
    r"News Service|News Agency|Press Service|Newswire|Wire Service|Syndicate\b|Content Agency|Newspapers Syndicate"
)
