"""Words of made-up functions: verbs, objects, parameter names with fitting values.

A `Lexicon` is what one split may use. The one here is the training split's; the
held-out one is in `heldout`, and neither has a word of the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import words
from .pairs import PAIRS
from .spec import Param, pair, split


@dataclass(frozen=True)
class Lexicon:
    """The words of one split.

    Attributes:
        verbs: Each with its synonyms; a request may use another than the name does.
        objects: What functions act on.
        adjectives: What may stand before an object.
        nouns: Parameter names, by the kind of their values.
        prefixes: What may stand before a parameter name of any kind.
        choices: Parameter names with the values of their enums.
        switches: Things that a call has or has not.
        pairs: Two parameters of the same kind that only the wording tells apart.
        leads: Ways to ask: `{v}` the verb, `{a}` an article, `{t}` the object.
        clauses: Ways to bring in a value: `{n}` the parameter, `{}` the value.
    """

    verbs: tuple[tuple[str, ...], ...]
    objects: tuple[str, ...]
    adjectives: tuple[str, ...]
    nouns: dict[str, tuple[str, ...]]
    prefixes: tuple[str, ...]
    choices: dict[str, tuple[str, ...]]
    switches: tuple[str, ...]
    pairs: tuple[tuple[Param, Param], ...]
    leads: tuple[str, ...]
    clauses: tuple[str, ...]


def verbs_of(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split("|")) for line in text.split("\n") if line.strip())


def nouns_of(text: str) -> dict[str, tuple[str, ...]]:
    """Lines `kind: noun noun ...`."""
    lines = (line.split(":") for line in text.strip().split("\n"))
    return {kind.strip(): tuple(names.split()) for kind, names in lines}


def choices_of(text: str) -> dict[str, tuple[str, ...]]:
    """Lines `name name: choice choice ...`; the names share their choices."""
    lines = (line.split(":") for line in text.strip().split("\n"))
    return {
        name: tuple(values.split()) for names, values in lines for name in names.split()
    }


_VERBS = """
create|make|set up|build
delete|remove|get rid of|erase
update|change|modify|edit
find|look for|search|locate
start|begin|launch|run
stop|end|halt
check|inspect|verify|test
send|deliver|dispatch|ship
book|reserve|order
calculate|compute|work out|estimate
list|show|display|view
close|shut|lock
rate|review|score
repair|fix|mend
measure|weigh
record|log|track|note
schedule|plan|arrange
cancel|abort|call off
approve|accept|confirm
reject|decline|refuse
assign|hand over
merge|combine
split|divide|separate
move|shift|transfer
copy|duplicate|clone
rename|relabel
rent|lease|hire
buy|purchase|get
clean|wash|scrub
train|teach
analyze|study|examine
activate|enable|turn on
deactivate|disable|turn off
publish|post|share
draw|sketch|plot
notify|alert|tell
register|enroll
restore|recover
generate|produce
adjust|tune|set
lift|raise|increase
lower|reduce|decrease
"""
_SINGLE_VERBS = """
open unlock paint mix blend join sell trade borrow pack wrap import load export save
compare match archive store tag label mark count scan read write print sign mail file
clip trim cut crop glue bind tie attach detach mount install deploy patch boot reset
rebuild upgrade renew extend shorten widen narrow stretch bend twist flip turn push pull
drag drop throw catch kick roll slide swing shake stir pour fill drain empty soak dry
heat warm cool melt boil fry roast grill peel chop slice grind squeeze press stamp
dye bleach coat cover hide reveal bury dig plow seed water feed groom milk shear ride
drive steer park tow dock sail row fly land climb jump dance sing hum whistle play pause
skip repeat rewind mute amplify filter sort rank group index search browse crawl fetch
cache queue route forward redirect block allow grant revoke audit inspect monitor watch
guard patrol protect insure value price bill charge refund tax fine sponsor_for
invite greet thank praise warn remind interview hire fire promote pay teach grade quiz
examine treat heal vaccinate diagnose prescribe bandage massage translate spell define
quote cite summarize rewrite proofread compile link debug profile encode decode encrypt
hash compress unzip upload download stream broadcast tweet pin like follow subscribe vote
nominate elect veto delay postpone resume finish submit withdraw deposit invest convert
exchange swap_out return replace recycle reuse dispose burn extinguish ignite charge_up
light dim brighten darken tint shade frame hang display arrange stack pile scatter spread
"""
_OBJECTS = """
server database cluster network router firewall backup snapshot container pipeline branch
release build ticket issue sprint milestone roadmap dashboard widget form page site domain
certificate account profile session password license badge_holder membership subscription
newsletter campaign advert survey poll ballot petition contract lease mortgage loan policy
claim_form statement ledger budget forecast audit_trail payroll bonus pension stock bond
portfolio wallet coupon voucher gift_card auction bid listing catalog shelf pallet crate
parcel shipment container_ship truck trailer van bus tram taxi ferry train_car locomotive
plane glider helicopter balloon satellite rocket antenna radar sensor thermostat valve pump
boiler heater furnace fan filter_unit battery generator motor engine gearbox brake tire
wheel axle chain lever crane elevator escalator bridge tunnel road lane signal crossing
barrier gate fence hedge lawn garden pond fountain pool sauna gym court field stadium stage
curtain spotlight speaker microphone guitar violin trumpet choir concert playlist album
song podcast episode movie trailer_clip poster photo portrait painting statue museum gallery
library archive_box manuscript novel chapter poem dictionary atlas globe map route trail
campsite tent cabin hotel suite kitchen oven stove dishwasher fridge pantry recipe menu
buffet banquet cake pie soup stew salad sandwich smoothie cocktail wine barrel cask
bakery farm barn silo stable cow horse sheep goat chicken duck parrot hamster kitten puppy
clinic ward patient vaccine prescription x_ray wheelchair ambulance stretcher bandage_kit
school classroom lesson exam essay homework diploma scholarship laboratory experiment
sample specimen microscope crystal mineral fossil meteor comet planet moon star galaxy
river lake glacier volcano island harbor lighthouse buoy anchor net_trap coral reef whale
letter postcard envelope stamp_album invoice receipt memo report slide deck spreadsheet
folder document template draft comment thread channel chatroom inbox calendar meeting
agenda appointment reminder alarm timer clock robot puppet toy puzzle kite swing carousel
"""
_NOUNS = """
city: city town place destination location origin hometown venue station
person: owner author buyer seller driver manager customer teacher guest assignee contact
first_name: friend partner child pet helper
email: email mail mail_address inbox
phone: phone phone_number mobile_number hotline
date: date day due_date start_date end_date birthday expiry
time: time start_time end_time hour departure arrival
money: price cost budget fee amount_due salary fine discount_amount
integer: number port size_mb points page pages code_number serial
count: count quantity seats copies rooms people nights days hours minutes weeks bottles
number: weight length width height depth speed angle temperature volume rate ratio
percent: discount percentage humidity brightness opacity
age: age years
year: year model_year vintage
code: id code token order_id ticket_id reference account_number plate
word: name tag keyword key username password group team project branch label material flavor
thing: item product object article part ingredient gift
title: title heading book film song album
topic: topic subject theme
sentence: message comment note reason text description caption
task: task todo job errand
language: language locale
country: country nationality
room: room area
company: company brand vendor supplier bank
path: path folder directory
filename: file filename document attachment
url: url link website host
address: address street_address billing_address
version: version revision
currency: currency
genre: genre music_style
"""
_CHOICES = """
size: small medium large
priority urgency: low normal high urgent
mode: eco standard turbo
color colour: red green blue black white yellow
level difficulty: easy medium hard
quality: draft good best
state: open closed pending
kind type: simple double triple
shape: round square oval
speed_level pace: slow medium fast
format: pdf csv html docx json
unit: meters feet miles
season: spring summer autumn winter
side: left right both
category: food travel office health
method payment: cash card transfer
role: admin editor viewer
plan tier: free basic pro
direction: north south east west
finish: matte glossy satin
"""
_SWITCHES = """
insurance tracking express_delivery gift_wrap backup notification sound subtitles music
breakfast parking encryption compression confirmation receipt logging preview heating
lights wifi cleaning warranty installation captions autosave
"""
_PREFIXES = (
    "new first last main extra target default total daily home work preferred".split()
)
_LEADS = split(
    "{v} {a} {t}|{v} {a} {t}|{v} {a} {t}|{v} {t}|{v} {a} {t}|i'd like you to {v} {a} {t}"
    "|i want to {v} {a} {t}|time to {v} {a} {t}|it's time to {v} {a} {t}"
    "|someone has to {v} {a} {t}|we need to {v} {a} {t}|i have {a} {t} to {v}"
    "|make sure to {v} {a} {t}|would you mind to {v} {a} {t}|don't forget to {v} {a} {t}"
    "|i'd be glad if you could {v} {a} {t}|you should {v} {a} {t}|why don't you {v} {a} {t}"
    "|my plan is to {v} {a} {t}|we ought to {v} {a} {t}|next, {v} {a} {t}|just {v} {a} {t}"
    "|they told me to {v} {a} {t}|your task is to {v} {a} {t}|i was told to {v} {a} {t}"
    "|all i want is to {v} {a} {t}|the next step is to {v} {a} {t}|is there a way to {v} {a} {t}"
    "|it's important to {v} {a} {t}|the idea is to {v} {a} {t}|today we {v} {a} {t}"
)
_CLAUSES = split(
    "with {n} {}|with the {n} {}|with a {n} of {}|the {n} is {}|{n}: {}|using {} as the {n}"
    "|use {} as {n}|{n} should be {}|set the {n} to {}|its {n} is {}|{n} {}|{n} = {}"
    "|as for the {n}, {}|{n} must be {}|go with {} as {n}|choose {} for {n}|having {} as {n}"
    "|put {} as the {n}|{n} equals {}|with {} for {n}|the {n} needs to be {}|[{n} {}]"
    "|give it the {n} {}|it has {} as its {n}|this time the {n} is {}|of {n} {}|{} is the {n}"
    "|and {} for the {n}|the {n} will be {}|by {n} i mean {}|{n} -> {}|keep the {n} at {}"
)
_PAIRS = (
    pair("from_city", "from {}|leaving {}|starting in {}", "to_city", "to {}|going to {}", "city"),
    pair("source", "from {}|out of {}", "target", "to {}|into {}", "word"),
    pair("from_unit", "from {}|{}", "to_unit", "to {}|into {}|in {}", "word"),
    pair("base", "from {}|{}", "quote_currency", "in {}|to {}", "currency"),
    pair("min_price", "at least {}|from {}", "max_price", "at most {}|up to {}|no more than {}", "money"),
    pair("minimum", "at least {}|no less than {}", "maximum", "at most {}|up to {}", "integer"),
    pair("old_name", "from {}|instead of {}", "new_name", "to {}|now {}", "word"),
    pair("sender", "from {}|sent by {}", "recipient_name", "to {}|for {}", "person"),
    pair("start_date", "from {}|starting {}", "end_date", "to {}|until {}", "date"),
    pair("opens_at", "from {}|starting at {}", "closes_at", "to {}|until {}", "time"),
    pair("buyer", "bought by {}|buyer {}", "seller", "sold by {}|seller {}", "person"),
    pair("home_team", "{} at home|home team {}", "away_team", "against {}|away team {}", "city"),
    pair("parent", "under {}|inside {}", "child", "called {}|named {}", "word"),
    pair("doctor", "with doctor {}|by doctor {}", "patient", "for the patient {}|for patient {}", "person"),
    pair("width", "{} wide|a width of {}", "height", "{} high|a height of {}", "number"),
    pair("old_value", "from {}|was {}", "new_value", "to {}|now {}", "integer"),
    pair("reply_to", "replies go to {}|answers to {}", "send_to", "send it to {}|to {}", "email"),
    pair("rows", "{} rows|with {} rows", "columns", "{} columns|with {} columns", "count"),
    pair("adults", "{} adults|for {} adults", "children", "{} children|for {} children", "count"),
    pair("main_dish", "{} as the main dish|with {} as main dish", "side_dish", "{} on the side|{} as side dish", "thing"),
)  # fmt: skip

TRAINING = Lexicon(
    verbs=verbs_of(_VERBS)
    + tuple((verb.split("_")[0],) for verb in _SINGLE_VERBS.split()),
    objects=tuple(word.replace("_", " ") for word in _OBJECTS.split())
    + tuple(words.THINGS),
    adjectives=tuple(words.ADJECTIVES),
    nouns=nouns_of(_NOUNS),
    prefixes=tuple(_PREFIXES),
    choices=choices_of(_CHOICES),
    switches=tuple(_SWITCHES.split()),
    pairs=(*_PAIRS, *PAIRS),
    leads=_LEADS,
    clauses=_CLAUSES,
)
