"""What a line says about itself: numbering, question and answer labels, whether it asks."""

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_CN = "〇零一二三四五六七八九十百两"
_CN_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6,
              "七": 7, "八": 8, "九": 9}  # fmt: skip
_Q_WORDS = r"Q(?:ues(?:tion)?|ue|uiz)?|问题|问|题目|面试题|试题|题|Interviewer|面试官|【(?:问题?|题目|Q)】|\[(?:Q|问)\]"
_QUESTION_LABEL = re.compile(
    rf"^(?:(?:{_Q_WORDS})\s*(?:No\.?)?\s*[#.]?\s*[(（]?(?P<n>\d{{1,4}}|[{_CN}]{{1,4}})(?:\.\d+)?[)）]?"
    r"\s*(?:[:：.、)）．｜|—–-]|\s(?=\S))"
    rf"|(?:{_Q_WORDS})\s*[:：]|【(?:问题?|题目|Q)】|\[(?:Q|问)\]|Q\s*[.、](?=\s)"
    rf"|第\s*(?P<m>\d{{1,4}}|[{_CN}]{{1,4}})\s*[题问]\s*[:：.、]?)\s*",
    re.IGNORECASE,
)
_ANSWER_LABEL = re.compile(
    r"^(?:\*\*|__|\*|_)?\s*(?:(?:A|Ans(?:wer)?s?|答案?|回答|解答?|参考答案|标准答案|参考回答|答案解析|解析|Solutions?|"
    r"Sample answer|Model answer|Candidate|Interviewee|候选人|应聘者|求职者)\s*\d{0,4}\s*(?:\*\*|__|\*|_)?\s*[:：](?:\s*[-–—](?=\s))?|Ans(?:wer)?\s*[.\-–—]+(?=\s)|【(?:答案?|回答|解析|参考答案|参考回答)】|\[(?:A|答)\])"
    r"\s*(?:\*\*|__|\*|_)?[ \t]*",
    re.IGNORECASE,
)
_ANSWER_ALONE = re.compile(
    r"^(?:\*\*|__)?\s*(?:ans(?:wer)?|answers?|solution|参考答案|答案解析|答案|解答|回答|答|解析|标准答案)"
    r"\s*(?:\*\*|__)?$", re.IGNORECASE,
)  # fmt: skip
_REVEAL = re.compile(
    r"^(?:点击|点此|展开|查看|显示|折叠|参考)?\s*(?:点击|此处)?(?:查看|显示|展开|收起)?\s*(?:参考|标准|正确)?"
    r"(?:答案|解析|解答|回答|提示|详情|代码|更多|详细)(?:解析|详解)?$"
    r"|^(?:click\b.*|(?:show|view|see|reveal|expand|toggle|hide)\b.{0,40}|"
    r"(?:sample |model |possible )?(?:answers?|solutions?|hints?|details|explanation|more|code|output))$",
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    rf"^(?:(?P<dotted>\d{{1,3}}(?:\.\d{{1,3}})+)(?:[.、．:：)）]|(?=[\s\u3000]|[^\d\W]))"
    r"|(?P<plain>\d{1,4})\s*\\?(?P<mark>[.、．)）:：])(?!\d)"
    r"|[(（]\s*(?P<paren>\d{1,3})\s*[)）][.、]?"
    rf"|(?P<cn>[{_CN}]{{1,4}})(?P<cnmark>[、.．])"
    rf"|[(（](?P<cnparen>[{_CN}]{{1,3}})[)）]"
    r"|\[(?P<square>\d{1,3})\](?!\()"
    r"|(?P<circle>[①-⑳])|#(?P<hash>\d{1,4})[.:)]?(?=\s)"
    r"|(?P<letter>[a-h])[.)](?=\s)"
    r"|(?P<roman>[IVX]{1,5})[.、)）](?=\s)"
    r"|(?P<keycap>(?:\d\ufe0f?\u20e3){1,2}|\U0001f51f)"
    r"|(?:Day|No\.?|Card|Item|卡片)\s?(?P<day>\d{1,4})\s*(?:[:：.、]|[-–—](?=\s)))[ \t\u3000\xa0]*"
)
_BARE_NUMBER = re.compile(r"^(\d{1,3}(?:\.\d{1,3})*)[ \t\u3000\xa0]+(?=\D)")
_ROMAN = re.compile(r"^(X{0,3})(IX|IV|V?I{0,3})$")
_TAGS = re.compile(r"(?:\s#[A-Za-z\u4e00-\u9fff][\w/-]*)+$")
_CHAPTER = re.compile(rf"^第\s*[\d{_CN}]+\s*[章节篇部]")
_STEP = re.compile(rf"^(?:第\s*[⼀{_CN}\d]+\s*[步点个]|step\s*\d+)", re.IGNORECASE)

_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)|<img\b[^>]*>", re.IGNORECASE)
_SOURCE_LINK = re.compile(
    r"\[?\[\s*(?:src|source|ref|link|answer|ans|来源|出处|链接|参考|原文)\s*\d*\s*\]?\]?\([^)]*\)\]?",
    re.IGNORECASE,
)
_LINK = re.compile(
    r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\([^()\s]*(?:\([^()]*\)[^()]*)*(?:\s+\"[^\"]*\")?\)"
)
_URL = re.compile(r"https?://\S+|www\.\S+")
_TAG = re.compile(r"</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>")
_MATH = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$|\\\(.+?\\\)", re.DOTALL)
_EMPHASIS = re.compile(
    r"\*\*|__|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])|(?<!\w)_(?=\S)|(?<=\S)_(?!\w)|~~|`"
)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!&<>|~])")

_EN_ASKS = re.compile(
    r"^(?:so |and |but |then |now |also |briefly |please |in which |in what |for what |to what )?"
    r"(?:what|why|how|when|where|which|who|whom|whose|is|are|was|were|do|does|did|can|could|should|"
    r"would|will|has|have|had|may|might|if|suppose|given|imagine|explain|describe|define|compare|contrast|"
    r"discuss|list|name|mention|give|state|outline|summari[sz]e|implement|write|design|derive|prove|"
    r"compute|calculate|talk|tell|walk|differentiate|distinguish|differences?|difference between|"
    r"illustrate|identify|elaborate|sketch|draw|show|find|reverse|create|build|you|let'?s|your|"
    r"pros|advantages|disadvantages|what's|what’s|how's|why's|can't|aren't|isn't|don't)\b",
    re.IGNORECASE,
)
_ZH_ASKS = re.compile(
    r"什么|为何|如何|怎么|怎样|怎麽|咋|哪些|哪个|哪种|哪几|哪里|哪家|哪一|多少|几种|几个|是否|能否|可否|"
    r"有没有|是不是|能不能|会不会|要不要|可不可以|吗$|呢$|啥|区别|异同|不同点|优缺点|"
    r"^(?:请|简单|简要|简述|详细|谈|说|讲|聊|介绍|解释|描述|阐述|列举|对比|比较|分析|推导|证明|写|手写|手撕|手推|实现|给出|举例|概述|论述|了解|懂|用过)"
)
_EMOJI_RANGES = (
    (0x1F000, 0x1FAFF),
    (0x2600, 0x27BF),
    (0x2B00, 0x2BFF),
    (0xFE00, 0xFE0F),
    (0xE0020, 0xE007F),
)
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\u20e3"), None)
_LONGEST_LINE = 20_000  # a longer line is no prose; its marks stay, its reading stays linear
_MARKUP = re.compile(r"[&\[<$\\*_~`]|http|www\.")
_ODD = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\U000e0020-\U000e007f"
    "\U0001d400-\U0001d7ff\u2e80-\u2fdf\uf900-\ufaff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
    "\u200b-\u200d\u2060\ufeff\u00ad\u20e3]"
)
_KEEP = set("√×÷→←↑↓⇒⇔∑∏∫±≈≠≤≥✓")


@dataclass(frozen=True, slots=True)
class Label:
    """The numbering or question label in front of a line's text.

    Attributes:
        form: ``q`` (question label), ``1.``, ``1、``, ``1)``, ``(1)``, ``1.1``, ``一、``,
            ``（一）``, ``①``, ``I.``, ``a.``, ``keycap``, ``day`` ("Day 3:"), ``1`` (bare number), or empty.
        number: The last number of the label; None without one.
        parts: All numbers of a dotted label.
        length: Characters the label takes.
    """

    form: str = ""
    number: int | None = None
    parts: tuple[int, ...] = ()
    length: int = 0


def chinese_number(text: str) -> int | None:
    """Value of a Chinese or Arabic numeral below 1000; None if it is not one."""
    if text.isdigit():
        return int(text)
    total, digit = 0, 0
    for char in text:
        if char == "十":
            total, digit = total + (digit or 1) * 10, 0
        elif char == "百":
            total, digit = total + (digit or 1) * 100, 0
        elif char in _CN_DIGITS:
            digit = _CN_DIGITS[char]
        else:
            return None
    return total + digit


def roman_number(text: str) -> int:
    """Value of a Roman numeral below 40; 0 if it is not one."""
    match = _ROMAN.match(text)
    if not match:
        return 0
    tens, ones = len(match.group(1)), match.group(2)
    return 10 * tens + {"IX": 9, "IV": 4}.get(ones, 5 * ones.count("V") + ones.count("I"))


@lru_cache(maxsize=8192)
def read_label(text: str) -> Label:
    """The label at the start of a line's own text (Markdown marks already taken off)."""
    match = _QUESTION_LABEL.match(text)
    if match:
        digits = match.group("n") or match.group("m") or ""
        number = chinese_number(digits) if digits else None
        return Label("q", number, (number,) if number is not None else (), match.end())
    match = _NUMBERING.match(text)
    if not match:
        return _bare_label(text)
    found = match.groupdict()
    if found["dotted"]:
        parts = tuple(int(part) for part in found["dotted"].split("."))
        return Label("1.1", parts[-1], parts, match.end())
    if found["plain"]:
        mark = {"．": ".", "）": ")", "：": ":"}.get(found["mark"], found["mark"])
        return Label(f"1{mark}", int(found["plain"]), (int(found["plain"]),), match.end())
    if found["cn"] or found["cnparen"]:
        number = chinese_number(found["cn"] or found["cnparen"])
        return Label("一、" if found["cn"] else "（一）", number, (number or 0,), match.end())
    if found["circle"]:
        number = ord(found["circle"]) - ord("①") + 1
        return Label("①", number, (number,), match.end())
    if found["roman"]:
        number = roman_number(found["roman"])
        return Label("I.", number, (number,), match.end()) if number else Label()
    if found["letter"]:
        number = ord(found["letter"]) - ord("a") + 1
        return Label("a.", number, (number,), match.end())
    if found["keycap"]:
        number = int("".join(filter(str.isdecimal, found["keycap"])) or 10)
        return Label("keycap", number, (number,), match.end())
    if found["day"]:
        return Label("day", int(found["day"]), (int(found["day"]),), match.end())
    digits = found["paren"] or found["square"] or found["hash"]
    form = "(1)" if found["paren"] else "[1]" if found["square"] else "#1"
    return Label(form, int(digits), (int(digits),), match.end())


def _bare_label(text: str) -> Label:
    match = _BARE_NUMBER.match(text)
    if not match:
        return Label()
    parts = tuple(int(part) for part in match.group(1).split("."))
    return Label("1", parts[-1], parts, match.end())


def is_part_label(text: str) -> bool:
    """Whether a heading numbers a part of an answer: "(1) …", "① …", "第一步 …"."""
    return read_label(text).form in ("(1)", "（一）", "①") or bool(_STEP.match(text))


def is_chapter(text: str) -> bool:
    """Whether a heading is a chapter title ("第三章 …")."""
    return bool(_CHAPTER.match(text))


def answer_label(text: str) -> int:
    """Length of an answer label ("Answer:", "答：", "**A:**") at the start; 0 without one."""
    if len(text) > 400:
        text = text[:400]
    match = _ANSWER_LABEL.match(text)
    return match.end() if match else 0


def is_answer_alone(text: str) -> bool:
    """Whether the text is nothing but the word "answer"."""
    return len(text) < 40 and bool(_ANSWER_ALONE.match(text.strip().strip(":：.。")))


def is_reveal(text: str) -> bool:
    """Whether the text is the caption of hidden text ("点击查看答案", "Show answer")."""
    if len(text) > 300:
        return False
    clean = clean_inline(text).strip(" :：!！.。?？>▶►▸👉⬇↓…")
    return not clean or (
        len(clean) <= 60 and bool(_REVEAL.match(clean) or _ANSWER_ALONE.match(clean))
    )


def asks(text: str) -> bool:
    """Whether a cleaned text reads as a question or a task put to someone."""
    tail = text.rstrip(" \t)）」』”\"'*_~")
    if tail.endswith(("?", "？")) or text.rstrip().endswith(("?", "？")):
        return True
    if "？" in text or "? " in text:
        return len(text) <= 300
    return len(text) <= 200 and bool(_EN_ASKS.match(text) or _ZH_ASKS.search(text))


def ends_asking(text: str) -> bool:
    """Whether the text ends in a question mark: the strictest reading."""
    return text.rstrip(" \t)）」』”\"'*_~.。").endswith(("?", "？"))


def clean_inline(text: str) -> str:
    """Markdown text as one readable line: no links, tags, emphasis, emoji; formulas kept."""
    return _clean_line(text) if len(text) <= 400 else _clean(text)


@lru_cache(maxsize=32768)
def _clean_line(text: str) -> str:
    # A line is looked at by every form that could claim it.
    return _clean(text)


def _clean(text: str) -> str:
    if len(text) > _LONGEST_LINE or not _MARKUP.search(text):
        return " ".join(_readable(text).split())
    if "[" in text or "<" in text or "http" in text:
        text = _LINK.sub(r"\1", _SOURCE_LINK.sub(" ", _IMAGE.sub(" ", text)))
        text = _URL.sub(" ", text)
        text = _TAG.sub(" ", text)
    if "$" in text or "\\(" in text:
        pieces: list[str] = []
        last = 0
        for match in _MATH.finditer(text):
            pieces += [_strip_marks(text[last : match.start()]), match.group()]
            last = match.end()
        text = "".join([*pieces, _strip_marks(text[last:])])
    else:
        text = _strip_marks(text)
    # Entities last: "&lt;eos&gt;" is text, not a tag.
    text = html.unescape(text) if "&" in text else text
    return " ".join(_readable(text).split())


def _strip_marks(text: str) -> str:
    return _ESCAPE.sub(r"\1", _EMPHASIS.sub("", text))


def _readable(text: str) -> str:
    return text if text.isascii() else _ODD.sub(_plain_char, text)


def _plain_char(match: re.Match[str]) -> str:
    """Nothing for an emoji; the common letter for a mathematical, full-width or radical one."""
    char = match.group()
    if ord(char) in _INVISIBLE:
        return ""
    if char in _KEEP:
        return char
    plain = unicodedata.normalize("NFKC", char)
    return plain if plain != char and plain[0].isalnum() else _not_emoji(char)


def _not_emoji(char: str) -> str:
    code = ord(char)
    return "" if any(low <= code <= high for low, high in _EMOJI_RANGES) else char


@lru_cache(maxsize=8192)
def clean_question(text: str) -> tuple[str, int | None]:
    """A question for display without numbering, links and emoji, and the author's number."""
    clean = clean_inline(text).strip()
    number: int | None = None
    for _ in range(3):  # "Q3: 1. …" carries two labels
        label = read_label(clean)
        rest = clean[label.length :].strip()
        if not label.form or not any(char.isalnum() for char in rest):
            break
        number = label.number if number is None else number
        clean = rest
    return _TAGS.sub("", clean).strip().strip("|#").strip(), number
