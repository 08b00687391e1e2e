"""Functions, verbs, nouns and phrasings that training never sees: the test split.

Written apart from the training lists, with other names, other parameters and other
ways to ask. Every request can be decided by reading: it shares a word with the
name or the description of its function, and each value with its parameter, unless
the value's own form (a date, an address, a price) can belong to one parameter only.
The training side of the generator uses nothing of it; `glue` reads the clauses to
leave them out.
"""

from __future__ import annotations

from .lexicon import Lexicon, choices_of, nouns_of, verbs_of
from .spec import f, p, pair, split

_VERBS = """
fold|crease
inflate|pump up
polish|shine
harvest|gather
calibrate|align
sharpen|hone
freeze|chill
engrave|carve
rotate|spin
donate|give away
quarantine|isolate
summon|call up
moisten|dampen
dismantle|take apart
varnish|lacquer
appraise|evaluate
"""
_OBJECTS = """
turbine lantern orchard sculpture compass sail telescope blade tractor aquarium beehive
mosaic canoe drone reactor parachute chandelier hammock greenhouse windmill submarine
tapestry
"""
_NOUNS = """
person: curator sponsor laureate inspector heir
first_name: nickname apprentice
city: township depot harbor birthplace
email: applicant_email sponsor_email
phone: pager emergency_line
date: cutoff_date inspection_date harvest_day
time: closing_hour bedtime
money: deposit ransom allowance
integer: altitude mileage rank
number: diameter wavelength thickness voltage
count: crew_size attempts sailors
percent: moisture purity
code: permit dossier locker_code
word: motto species strain
thing: tool cargo trophy
title: inscription chapter_title
sentence: complaint verdict excuse
company: sponsor_company insurer
url: livestream catalog_link
address: depot_address
year: founding_year
country: issuer
"""
_CHOICES = """
coating varnish: oil wax chrome
intensity: mild strong extreme
phase: initial middle closing
altitude_band: ground cloud orbit
texture: coarse fine grainy
"""
_CLAUSES = split(
    "{} being the {n}|taking {} as the {n}|make the {n} {}|where the {n} is {}"
    "|let the {n} be {}|putting {} for the {n}|the {n} being {}|({n}: {})"
    "|i want the {n} to be {}|i'd say {} for the {n}"
)
_LEADS = split(
    "{v} {a} {t}|{v} {a} {t}|i'm asking you to {v} {a} {t}|it would help to {v} {a} {t}"
    "|see that you {v} {a} {t}|my job today is to {v} {a} {t}|how about we {v} {a} {t}"
)
_PAIRS = (
    pair("upper_limit", "no higher than {}|with an upper limit of {}", "lower_limit", "no lower than {}|with a lower limit of {}", "integer"),
    pair("donor", "donated by {}|the donor being {}", "beneficiary", "benefiting {}|with {} as the beneficiary", "person"),
    pair("inner_diameter", "{} on the inside|with {} for the inner diameter", "outer_diameter", "{} on the outside|with {} for the outer diameter", "number"),
    pair("left_label", "{} on the left|the left label being {}", "right_label", "{} on the right|the right label being {}", "word"),
    pair("embarks_in", "embarking in {}|people embark in {}", "disembarks_in", "disembarking in {}|people disembark in {}", "city"),
)  # fmt: skip

HELD_OUT = Lexicon(
    verbs=verbs_of(_VERBS),
    objects=tuple(_OBJECTS.split()),
    adjectives=tuple("northern hollow upper outer inner seasonal rusty".split()),
    nouns=nouns_of(_NOUNS),
    prefixes=("backup", "initial", "provisional", "secondary"),
    choices=choices_of(_CHOICES),
    switches=("varnish", "escort", "fireworks", "rehearsal", "sedation", "floodlight"),
    pairs=_PAIRS,
    leads=_LEADS,
    clauses=_CLAUSES,
)

TEST_FUNCTIONS = (
    f("query_tide tide_table", "Tide at a beach on a given date.", "when is high tide|i'd like the tide times|give me the tides|how high will the tide be", p("beach shore_name", "city", "Name of the beach or shore", "at the beach of {}|at the shore of {}|at {} beach"), p("on_date calendar_date", "date", "The date asked for", "on {}|for {}"), gives="high tide=time"),
    f("plant_seed sow_crop", "Sow a plant or a crop in a garden bed.", "sow some {0}|i'd like to plant {0}|sow the crop {0}", p("species crop", "thing", "The plant or crop", "{}"), p("bed_number bed", "integer", "Which bed", "in bed {}|in bed number {}"), gives="bed=code"),
    f("charter_boat hire_boat", "Charter or hire a boat.", "hire a boat|i would like to charter a boat|charter a boat", p("harbor harbor_town", "city", "Harbor where it lies", "in the harbor of {}|at {} harbor"), p("crew_size crew", "count", "Number of people in the crew", "with a crew of {}|needing {} crew"), p("rental_hours hours_hired", "count", "Hours of rental", "lasting {} hours", optional=True), gives="boat=title"),
    f("page_physician alert_nurse", "Page or alert medical staff.", "page {0} from the medical staff|alert {0} of the staff|have {0} paged", p("staff_name staff_member", "person", "Who of the staff", "{}"), p("ward ward_code", "code", "Which ward", "to ward {}|in ward {}"), gives="status=status"),
    f("log_sighting report_bird", "Report the sighting of a bird.", "report a sighting of the bird {0}|i want to report a {0}, a bird|the bird {0} was a nice sighting, report it", p("bird bird_species", "word", "The bird", "{}"), p("how_many bird_count", "count", "How many birds there were", "there were {}|how many: {}"), p("spot sighting_spot", "city", "The spot where it was seen", "the spot was {}|spot: {}", optional=True), gives="sighting=code"),
    f("adopt_animal start_adoption", "Start the adoption of an animal.", "i'd like to adopt {0}|start the adoption of {0}|can i adopt the animal {0}", p("animal_name shelter_animal", "first_name", "Name of the animal", "{}"), p("adopter_email applicant_email", "email", "Mail address of the new owner", "my address is {}|you can reach me at {}|using the address {}"), gives="case number=code"),
    f("queue_wash book_carwash", "Book a wash for a car.", "get my car a wash|book me a car wash|i'd like a car wash", p("car_plate license_plate", "code", "License plate", "my plate is {}|plate {}|license plate {}"), p("wash_type wash_package", "enum:basic,deluxe,premium", "Which wash package", "the {} package|as the {} wash"), gives="slot=time"),
    f("mint_badge award_badge", "Award a badge to a member.", "award {0} a badge|hand a badge to {0}|give the member {0} a badge", p("member member_name", "person", "The member who receives it", "{}"), p("badge_title inscription", "title", "The inscription on the badge", "the inscription being {}|with {} as inscription"), gives="badge number=code"),
    f("estimate_paint paint_needed", "Estimate the paint that is needed for a wall.", "how much paint is needed|how many cans of paint will be needed|estimate the paint", p("wall_width_m width_m", "number", "Width of the wall in meters", "the wall is {} meters wide|wall width {} m"), p("wall_height_m height_m", "number", "Height of the wall in meters", "and {} meters in height|the height is {} m"), gives="liters=number"),
    f("fetch_lyrics lyrics_of", "Get the lyrics of a song.", "get me the lyrics of {0}|show the lyrics of {0}|i'd like to read the lyrics of {0}", p("track_title song_title", "title", "Title of the song", "{}"), p("performer singer", "person", "The singer who performs it", "with {} as the singer|performed by the singer {}"), gives="first line=sentence"),
    f("submit_claim file_claim", "File a claim with the insurance.", "i'd like to file a claim|submit an insurance claim|file an insurance claim", p("policy_number policy", "code", "Number of the policy", "under policy {}|on policy {}|my policy is {}"), p("damage_text damage", "sentence", "The damage: what happened", "the damage: {}|describe the damage as: {}"), p("loss_amount damage_cost", "money", "Amount of the loss, its cost", "at a cost of {}|a loss of {}", optional=True), gives="claim=code"),
    f("count_inventory inventory_count", "Count the inventory of an article.", "count the inventory of {0}|what inventory of {0} do we have|do a count of the article {0}", p("article_name counted_article", "thing", "The article", "{}"), p("warehouse warehouse_city", "city", "Which warehouse", "in the {} warehouse|at the warehouse in {}"), gives="pieces=integer"),
    f("swap_shift trade_shift", "Swap or trade a work shift with a colleague.", "swap my shift|trade shifts|i'd like to swap a shift", p("colleague colleague_name", "person", "The colleague who takes over", "with my colleague {}|so that my colleague {} takes it"), p("shift_date duty_day", "date", "Day of the shift", "the one on {}|on {}"), gives="status=status"),
    f("tune_radio radio_tune", "Tune a radio to a frequency.", "tune the radio|have the radio tuned|please tune my radio", p("megahertz frequency_megahertz", "number", "Frequency in megahertz", "to {} megahertz|at {} megahertz"), p("stereo_on use_stereo", "bool", "Whether to use stereo", "in stereo|stereo on~not in stereo|stereo off", optional=True), gives="station=title"),
    f("open_case start_case", "Open a case file.", "open a new case|start a case|begin a case file", p("case_title case_name", "title", "Name and title of the case", "under the name {}|by the name of {}"), p("lead_detective detective", "person", "The detective who leads it", "with detective {} in charge|the detective being {}"), p("witnesses case_witnesses", "list:first_name", "The witnesses", "the witnesses are {}|witnesses: {}", optional=True), gives="case=code"),
    f("ferment_batch start_batch", "Ferment a batch of a drink.", "start a batch of the drink {0}|ferment a batch of {0}|let's ferment some {0}", p("beverage drink", "thing", "The drink", "{}"), p("gallons batch_gallons", "number", "Size in gallons", "{} gallons|a batch of {} gallons|{} gallons of it"), p("yeast_strain yeast", "word", "Which yeast", "with the yeast {}|using {} yeast", optional=True), gives="batch=code"),
    f("lookup_zip zip_code", "Zip code of a street.", "what's the zip code|which zip code is it|tell me the zip code", p("street_line street_and_number", "address", "Street with number", "of {}|for {}"), p("municipality town_name", "city", "The town", "in the town of {}|town: {}"), gives="zip code=integer"),
    f("set_irrigation irrigation_schedule", "Schedule the irrigation of a field.", "set up the irrigation|schedule the irrigation|i need irrigation", p("field_name field", "word", "Which field", "of the field {}|on field {}"), p("cubic_meters volume_cubic_meters", "number", "Water in cubic meters", "with {} cubic meters|using {} cubic meters"), p("at_hour start_hour", "time", "When it begins", "beginning at {}|at {}"), gives="status=status"),
    f("verify_passport check_passport", "Check a passport.", "check the passport {0}|is the passport {0} valid|verify passport number {0}", p("passport_no passport_number", "code", "Number of the passport", "{}"), p("issuing_country issued_by", "country", "Country that issued it", "issued by {}|the issuing country is {}"), gives="status=status"),
    f("pick_wine recommend_wine", "Recommend a wine to a dish.", "which wine goes well|pick a wine|recommend me a bottle of wine", p("dish_name served_dish", "thing", "The dish that is eaten", "with a dish of {}|the dish is {}"), p("ceiling_price bottle_price_limit", "money", "Highest price of a bottle", "at a price of {} or less|the price must stay under {}", optional=True), gives="wine=title"),
)  # fmt: skip
