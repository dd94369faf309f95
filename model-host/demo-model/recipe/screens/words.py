"""Words of Latin languages from Debian's word lists, and those of programs, which no list has."""
from pathlib import Path

from screens.alphabet import INDEX, is_held_out

LISTS = {
    'en': ('american-english', 'british-english', 'words'), 'de': ('ngerman',), 'fr': ('french',), 'es': ('spanish',),
    'pt': ('portuguese',), 'it': ('italian',), 'pl': ('polish',), 'sv': ('swedish',), 'nl': ('dutch',),
}
LANGUAGE_WEIGHTS = dict(en=12, de=3, fr=3, es=3, pt=2, it=1, pl=2, sv=1, nl=1)
LONGEST = 14
MOST_WORDS = 60_000
"""Of one language. Of longer lists (Polish has three million forms) evenly spaced words are taken."""

KEYWORDS = '''abstract and as assert async await bool boolean break byte case catch char class const constexpr continue debugger def
default defer del delete do double elif else enum except export extends extern false final finally float fn for from func function
global go goto if impl implements import in inline instanceof int interface is lambda let long loop match mod module mut namespace
new nil None not null of operator or package pass print private protected pub public raise range readonly ref return select self
short signed sizeof static str string struct super switch template this throw throws trait true True try type typedef typeof
undefined union unsafe unsigned use using var virtual void volatile where while with yield'''.split()
NAMES = '''add address all api app args array async attr auth base batch begin binary bit block body box buf buffer build button
byte bytes cache call callback chunk class clear client clone close cmd code col color column command commit compare config
connect content context copy count create current data date db debug decode default delete depth dir disk dispatch done draw edge
elem element encode end entry env err error event exec exit expected export fail fetch field file filter find first flag flush
font format frame get group handle handler hash head header height host html http icon id image index info init input insert item
iter job json key kind label lang last layout left len length level limit line link list load lock log loop main make map mask
match max merge message meta method min mode model module move msg name next node num object offset old open option order out
output page param parent parse path patch pixel point pool port pos prefix prev process queue rand range rate raw read record
region remove render reply request reset resize result retry right root row run sample scale scan scope score scroll seed select
send server session set shape size skip slice slot sort source spawn split src stack start state status step stop store stream
string style suffix sum table tag target task temp test text thread tile time timeout title token top total trace tree type unit
update url user util value vector version view wait width window word worker wrap write zip zoom'''.split()
LABELS = '''OK Cancel Apply Save Open Close Edit View Help File Delete Copy Paste Undo Redo Settings Search Replace Next Back
Finish Yes No Continue Retry Ignore Abort Sign Log in out Up Down New Print Share Export Import Refresh Reload Update Install
Remove Add Select All None More Less Show Hide Details Options Preferences Tools Window Terminal Run Debug Extensions Explorer
Username Password Email Name Address City Country Phone Language Theme Font Size Color Width Height Date Time Total Price Quantity
Status Type Version Description Title Category Tags Comments Submit Reset Upload Download Browse Preview Zoom Rotate Crop Enable
Disable Connect Disconnect Start Stop Pause Resume Account Profile Notifications Privacy Security Storage Network Display Sound
Keyboard Mouse Printer Updates About Home Dashboard Reports Users Groups Orders Invoices Products Customers Messages Calendar
Tasks Projects Files Folders Trash Inbox Sent Drafts Archive'''.split()


class Words:
    """Words by language. `held_out`: False gives those of training only, True those kept out of it only, None all."""

    def __init__(self, by_language, held_out=False):
        """by_language: {code: words}."""
        self.by_language = {code: chosen for code, words in by_language.items() if (chosen := sorted(pick(words, held_out)))}
        if not self.by_language:
            raise ValueError('there are no words: install the word lists that the README names, or set SCREENS_WORDS')
        self.languages = list(self.by_language)
        self.weights = [LANGUAGE_WEIGHTS.get(code, 1) for code in self.languages]
        self.held_out = held_out
        self.names = sorted(pick(NAMES, held_out)) or NAMES
        self.labels = sorted(pick(LABELS, held_out)) or LABELS

    def language(self, rng):
        return rng.choices(self.languages, self.weights)[0]

    def draw(self, rng, language='en'):
        return rng.choice(self.by_language.get(language) or self.by_language[self.languages[0]])


def pick(words, held_out):
    return {word for word in words if held_out is None or is_held_out(word.lower()) == held_out}


def read_words(folder, held_out=False):
    """Words of the lists in `folder` (Debian: /usr/share/dict), of up to 14 characters that the model knows."""
    by_language = {}
    for code, names in LISTS.items():
        path = next((path for name in names if (path := Path(folder) / name).exists()), None)
        if path is not None:
            by_language[code] = list(usable_words(path))
    return Words(by_language, held_out)


def usable_words(path):
    lines = decoded(path.read_bytes()).splitlines()
    for line in lines[::len(lines) // MOST_WORDS + 1]:
        word = line.strip()
        if 0 < len(word) <= LONGEST and all(character in INDEX for character in word):
            yield word


def decoded(content):
    """Some of Debian's lists are older than UTF-8."""
    try:
        return content.decode('utf-8')
    except UnicodeDecodeError:
        return content.decode('latin-1')
