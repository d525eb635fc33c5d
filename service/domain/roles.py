"""What each paragraph of a page is: title, subheading, body, caption or boilerplate.

Owns the shape rules and phrase lists for page furniture. Never reads credits (they are found before anything is dismissed)
and never drops a paragraph.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

from service.domain.models import Role
from service.domain.quotations import MARKS

_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(rf"[.!?。！？…।][{MARKS})\]]{{0,3}}\s*$")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")

# Furniture that announces itself in its first words, whatever its length up to FURNITURE_WORDS.
_OPENINGS = re.compile(
    r"\A\W{0,4}(?:(?:we|this (?:web)?site|our (?:web)?site|this page|the site) uses? cookies|by (?:continuing|using) (?:to"
    r"|this|our)|accept (?:all )?cookies|cookie (?:policy|settings|notice)|manage (?:cookies|newsletters|consent)"
    r"|sign up (?:for|to|now|here|today)|sign in\b|log ?in\b|register (?:now|here|for free)|subscribe\b(?! to the (?:view"
    r"|idea|theory|notion))|(?:un)?subscribed|already a subscriber|support (?:local|our|independent|quality) journalism"
    r"|become a (?:member|subscriber|patron)|get (?:our|the|your|more|breaking|all) [\w ]{0,30}(?:newsletter|inbox|app"
    r"|alerts|delivered|e?-?mail)|download (?:our|the) [\w ]{0,20}app|(?:enter|your) e-?mail"
    r"|your email address|required fields|leave a (?:reply|comment)|post (?:a )?comment|add a comment"
    r"|(?:\d{1,5} )?comments?\s?(?:\(\d{1,5}\)|\d{1,5})?$|view comments|join the (?:conversation|discussion)"
    r"|have your say"
    r"|share (?:this|on|via|it|with|your|article|story)|(?:click|tap) (?:here|to|the)|follow (?:us|@|our|me)|like us on"
    r"|find us on|join us on|(?:whats ?app|telegram|e-?mail|print|tweet|facebook|twitter|pinterest|linkedin"
    r"|reddit)(?: (?:this|article|page|share|friend))?$"
    r"|read (?:more|also|next|full|the full|this)\b|also read|see also|more (?:from|on this|stories|news|in)\b"
    r"|related (?:articles?|stories|topics?|news|posts?|content|links?|coverage)|recommended|you (?:may"
    r"|might) (?:also )?(?:like|be interested)|most (?:read|popular|viewed)"
    r"|trending|don't miss|up next|next (?:article|story|post)|previous (?:article|story|post)|advertisement|advertorial"
    r"|sponsored|promoted|story continues|article continues|continue reading|scroll (?:down|to)|skip to|jump to"
    r"|(?:back to|return to|go to)? ?top(?: of (?:the )?page)?$|bottom of page|(?:©|\(c\)|copyright\b)(?! (?:infringement"
    r"|law|suit|case|act|holders?|office|claims?))|please (?:wait|enable|log|sign|try|subscribe|turn|disable)|loading"
    r"|javascript|enable javascript|all rights reserved|terms (?:of|and)|privacy policy|contact us|about us|site ?map"
    r"|copyright notice"
    r"|issued on\b|published on:?$|updated on:?$|last (?:updated|modified)|posted (?:on|in|by)|filed under|tags?:"
    r"|categor(?:y|ies):|(?:post|legal|general)? ?disclaimer\b|who'?s on ?line|we have \d+ guests?|no right click"
    r"|right click|print (?:version|this)|printer[- ]friendly|e-?mail (?:this|to)|report (?:an )?error"
    r"|watch (?:live|now|the video|more|:)|listen (?:now|live|to this)|play video|video:|gallery:|photos?:$|image:?$"
    r"|menu$|search$|close$|home$|next$|previous$|share$|save$|copy link|copied|terms of use|opt[- ]out|do not sell"
    r"|visit (?:our|us)|send (?:us )?(?:a )?tips?|got a (?:tip|story)|have a tip"
    r"|abonnieren|newsletter|jetzt (?:anmelden|abonnieren)|mehr zum thema|lesen sie auch|zur startseite"
    r"|diese (?:web)?seite (?:verwendet|nutzt) cookies|anzeige$|teilen$|wir verwenden cookies"
    r"|abonnez|inscrivez|lire (?:aussi|la suite|plus)|partager|nous utilisons des cookies|publicité|à lire aussi"
    r"|suivez[- ]nous|s'abonner"
    r"|suscr[ií]b|reg[ií]strate|leer (?:más|también)|lea también|compart(?:ir|e)|utilizamos cookies|publicidad"
    r"|s[ií]guenos|te puede interesar"
    r"|iscriviti|leggi (?:anche|tutto)|condividi|questo sito utilizza|pubblicità|assine|inscreva-se|leia (?:também|mais)"
    r"|compartilh|publicidade|comunicar erros"
    r"|подпис(?:ывайтесь|аться|ка)|читайте также|поделиться|реклама$|комментарии|абонирай"
    r"|订阅|分享|相关(?:阅读|新闻)|点击|关注我们|責任編輯"
    r"|责任编辑|関連記事|続きを読む|공유하기|구독|관련기사)",
    re.IGNORECASE,
)
# Appeals for money or membership; the second word list keeps sentences out that merely begin alike.
_APPEAL = re.compile(
    r"\A\W{0,4}(?:(?:please |you can )?(?:support|fund|help|keep|back) (?:us\b|our\b|this site|(?:[\w-]{1,20} ){0,3}(?:journalism"
    r"|reporting|newsroom|newspaper))|(?:please )?(?:become|be) an? (?:[\w-]{1,20} ){0,3}(?:member|subscriber|patron|supporter"
    r"|friend)|(?:please )?(?:consider|make) (?:a|an|your|making|becoming|supporting|donating) |(?:please )?donate\b|give today"
    r"|your (?:support|donation|gift|contribution|membership)|if you (?:value|like|enjoy|appreciate)|[\w ,'-]{3,40} (?:is|are)"
    r" (?:free to read|reader[- ]funded|reader[- ]supported|supported by readers|funded by (?:readers|members|you)))",
    re.IGNORECASE,
)
_APPEAL_VOCABULARY = """
member members membership subscriber subscription supporter supporters patron patrons donate donation donations donating
tax-deductible contribution contributions gift reader readers month monthly year dollars euros pounds journalism
reporting consider becoming
"""
_APPEAL_WORDS = frozenset(_APPEAL_VOCABULARY.split())
_SPEECH_WORDS = frozenset({"said", "says", "told", "tells", "asked", "shouted", "added", "wrote", "according"})
_WEB_VOCABULARY = """
cookie cookies newsletter newsletters subscribe subscription subscriber inbox email e-mail login password account
website browser javascript click app download unlimited sign signup facebook twitter instagram whatsapp telegram youtube
tiktok linkedin notifications alerts privacy consent advertisement advert sponsored comments comment guests members
online menu share follow accept reject settings preferences unsubscribe register premium login page site
"""
_WEB_WORDS = frozenset(_WEB_VOCABULARY.split())
_BYLINE = re.compile(r"(?:[Bb]y|BY|Von|Par|Por) (?:[A-Z\u00c0-\u00de][\w.'-]{0,24},? ?(?:and )?){1,7}+")
_TRACKING = re.compile(
    r"\A(?:[A-Z]{3,8}\d{12,}[A-Z0-9]*|\W{3,}|\d{1,4}|[\w.+-]{1,60}@[\w-]{1,40}\.\w{2,8}|https?://\S{1,300}"
    r"|#\w+(?: #\w+){0,12}|\d{1,2}:\d\d(?: ?[ap]m)?)",
    re.IGNORECASE,
)
_CALENDAR = """
published updated posted modified first last on at am pm gmt utc bst est edt cet cest ist h de
jan january feb february mar march apr april may jun june jul july aug august sep sept september oct october nov november dec
december mon monday tue tues tuesday wed wednesday thu thurs thursday fri friday sat saturday sun sunday
januar februar märz mai juni juli oktober dezember uhr montag dienstag mittwoch donnerstag freitag samstag sonntag
janvier février mars avril juin juillet août septembre octobre novembre décembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
janeiro fevereiro março maio junho julho setembro outubro dezembro
"""
CALENDAR_WORDS = frozenset(_CALENDAR.split())
_HEADING = re.compile(r"\W{0,3}\w.{0,125}")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_PICTURE_LEAD = re.compile(
    r"(?:photo|image|picture|caption|foto|file photo|in this (?:photo|image|file|handout))\b", re.IGNORECASE
)

FURNITURE_WORDS = 60
SHORT_LINE_WORDS = 14
SUBHEADING_WORDS = 16
SHORT_WIDE_CHARACTERS = 22
CAPTION_CHARACTERS = 320


def assign_roles(
    texts: Sequence[str], title: str, credit_lines: Collection[int], picture_ends: dict[int, tuple[int, int]]
) -> list[Role]:
    """One role per folded text. `credit_lines`: paragraphs that are all credit; `picture_ends`: span of its picture credit."""
    title_key = _key(title)
    roles: list[Role | None] = [None] * len(texts)
    for index, text in enumerate(texts):
        if index in credit_lines:
            roles[index] = "credit"
        elif not text.strip():
            roles[index] = "boilerplate"
        elif title_key and _is_title(text, title_key):
            roles[index] = "title"
        elif len(text) <= 120 and _BYLINE.fullmatch(text.strip()):
            roles[index] = "credit"
        elif is_furniture(text):
            roles[index] = "boilerplate"
        elif index in picture_ends and _is_caption(text, picture_ends[index]):
            roles[index] = "caption"
    _mark_sibling_captions(texts, roles, picture_ends)
    _mark_by_position(texts, roles)
    return [role or "body" for role in roles]


def is_furniture(text: str) -> bool:
    """Whether a paragraph is page furniture by its words or its shape alone."""
    stripped = text.strip()
    if len(stripped) > 900:
        return False
    words = _WORD.findall(stripped.casefold())
    if not words or _TRACKING.fullmatch(stripped) or is_repetition(stripped):
        return True
    if _announces_itself(stripped, words) or _appeals(stripped, words):
        return True
    web_words = sum(w in _WEB_WORDS for w in words)
    if (len(words) <= 25 and web_words >= 3) or (web_words >= 6 and web_words * 6 >= len(words)):
        return True
    # A line of nothing but figures and calendar words is a time stamp.
    return len(words) <= 12 and all(w.isdigit() or w in CALENDAR_WORDS for w in words)


def _announces_itself(text: str, words: list[str]) -> bool:
    is_short_enough = len(words) <= FURNITURE_WORDS or "cookie" in text[:60].casefold()
    return is_short_enough and _OPENINGS.match(text) is not None and _is_imperative(text, words)


def _appeals(text: str, words: list[str]) -> bool:
    if len(words) > FURNITURE_WORDS or _APPEAL.match(text) is None or _SPEECH_WORDS.intersection(words):
        return False
    return sum(w in _APPEAL_WORDS for w in words) >= 2


def _is_imperative(text: str, words: list[str]) -> bool:
    """Openings are also first words of real sentences (`More from the front ...`): a long one needs a second web word."""
    if len(words) <= SHORT_LINE_WORDS and not _SENTENCE_END.search(text):
        return True
    if any(w in _WEB_WORDS for w in words):
        return True
    return len(words) <= 7


def is_repetition(text: str) -> bool:
    """Whether a text is one piece said three times or more, as in alternative texts of images and rating stars."""
    compact = "".join(text.split())
    if not 6 <= len(compact) <= 2000:
        return False
    for repeats in range(3, 13):
        size, remainder = divmod(len(compact), repeats)
        if remainder == 0 and size >= 2 and compact == compact[:size] * repeats:
            return True
    return False


def _key(text: str) -> str:
    return "".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def _is_title(text: str, title_key: str) -> bool:
    if len(text) > 400:
        return False
    key = _key(text)
    if key == title_key:
        return True
    shorter, longer = sorted((key, title_key), key=len)
    return len(shorter) >= 20 and longer.startswith(shorter) and len(longer) - len(shorter) <= max(12, len(longer) // 4)


def _is_caption(text: str, picture: tuple[int, int]) -> bool:
    stripped = text.strip()
    if len(stripped) > CAPTION_CHARACTERS:
        return False
    lead = len(text) - len(text.lstrip())
    at_start = picture[0] - lead <= 2
    at_end = len(text.rstrip()) - picture[1] <= 60
    return at_end or _PICTURE_LEAD.match(stripped) is not None or (at_start and not _SENTENCE_END.search(stripped))


def _mark_sibling_captions(texts: Sequence[str], roles: list[Role | None], pictures: dict[int, tuple[int, int]]) -> None:
    """A caption that stands twice, once with a name in front or behind as its picture credit, is a caption both times."""
    keys = {i: _key(t) for i, t in enumerate(texts) if len(t) <= CAPTION_CHARACTERS}
    for index in range(len(texts) - 1):
        shorter, longer = sorted((keys.get(index, ""), keys.get(index + 1, "")), key=len)
        extra = len(longer) - len(shorter)
        if (
            len(shorter) >= 20
            and is_short_line(texts[index])
            and is_short_line(texts[index + 1])
            and 2 <= extra <= 40
            and shorter in longer
            and roles[index] is None
            and roles[index + 1] is None
        ):
            roles[index] = roles[index + 1] = "caption"
    for index, role in enumerate(roles):
        if role != "caption" or index not in pictures:
            continue
        start, end = pictures[index]
        bare = {_key(texts[index][end:]), _key(texts[index][:start])} - {""}
        for other in (index - 1, index + 1):
            if 0 <= other < len(texts) and roles[other] is None and _key(texts[other]) in bare:
                roles[other] = "caption"


def is_short_line(text: str) -> bool:
    """Whether a paragraph is a short line that does not end as a sentence does."""
    stripped = text.strip()
    if _SENTENCE_END.search(stripped):
        return False
    if _WIDE.search(stripped):
        return len(stripped) <= SHORT_WIDE_CHARACTERS
    return len(_WORD.findall(stripped[:400])) <= SUBHEADING_WORDS and len(stripped) <= 130


def _mark_by_position(texts: Sequence[str], roles: list[Role | None]) -> None:
    """Short lines mean menu before the title, subheading between bodies, furniture behind the last one."""
    bodies = [i for i, role in enumerate(roles) if role is None and not is_short_line(texts[i])]
    titles = [i for i, role in enumerate(roles) if role == "title"]
    first_body, last_body = (bodies[0], bodies[-1]) if bodies else (len(texts), -1)
    menu_ends = titles[0] if titles and titles[0] < first_body else 0
    for index, text in enumerate(texts):
        if roles[index] is not None or not is_short_line(text):
            continue
        stripped = text.strip()
        if index < menu_ends or (bodies and index > last_body):
            roles[index] = "boilerplate"
        elif (
            bodies
            and index < last_body
            and not stripped.endswith((",", ";", ":", "-"))
            and _HEADING.fullmatch(stripped)
            and not stripped[0].islower()
            and len(_NUMBER.findall(stripped)) < 2  # lines with several figures are rows of a table, which are copy
        ):
            roles[index] = "subheading"
