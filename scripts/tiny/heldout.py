"""Functions, verbs, nouns and phrasings that training never sees: the test split.

Written apart from the training lists, with other names, other parameters and other
ways to ask. Nothing here may be imported by the training side of the generator.
"""

from __future__ import annotations

from .spec import f, p

TEST_VERBS = [
    "fold|crease",
    "inflate|pump up",
    "polish|shine",
    "harvest|pick",
    "calibrate|align",
    "sharpen|hone",
    "freeze|chill",
    "engrave|carve",
    "rotate|spin",
    "donate|give away",
    "quarantine|isolate",
    "summon|call up",
]
TEST_OBJECTS = [
    "turbine",
    "lantern",
    "orchard",
    "sculpture",
    "compass",
    "sail",
    "telescope",
    "blade",
    "tractor",
    "aquarium",
    "beehive",
    "mosaic",
    "canoe",
    "drone",
    "reactor",
    "parachute",
]
TEST_ADJECTIVES = [
    "northern",
    "hollow",
    "backup",
    "upper",
    "outer",
    "inner",
    "seasonal",
    "rusty",
    "initial",
]
TEST_NOUNS = [
    "distance",
    "duration",
    "score",
    "deadline",
    "recipient",
    "nickname",
    "street",
    "diameter",
    "frequency",
    "capacity",
    "motto",
    "sponsor",
    "curator",
]

TEST_FUNCTIONS = (
    f("query_tide tide_table", "Tide at a beach on a given date.", "when is high tide|i'd like the tide times|give me the tides|how high will the tide be", p("beach shore", "city", "Name of the beach", "at {}|for {}"), p("on_date calendar_date", "date", "The date asked for", "on {}|for {}"), gives="high tide=time"),
    f("plant_seed sow_crop", "Sow a plant in a garden bed.", "sow some {0}|i'd like to plant {0}|put {0} in the ground", p("species crop", "thing", "What to sow", "{}"), p("bed_number bed", "integer", "Which bed", "in bed {}|in bed number {}"), gives="bed=code"),
    f("charter_boat hire_boat", "Hire a boat.", "hire a boat|i would like a boat|charter a boat", p("harbor marina", "city", "Harbor where it lies", "in the harbor of {}|at {}"), p("crew_size sailors", "count", "Number of sailors", "with {} sailors|with a crew of {}"), p("rental_hours hours_hired", "count", "Hours of rental", "for {} hours", optional=True), gives="boat=title"),
    f("page_physician alert_nurse", "Call a doctor to a ward.", "page {0}|get {0} over here|call {0} to the ward", p("staff_name clinician", "person", "Who to call", "{}"), p("ward unit_code", "code", "Which ward", "to ward {}|in ward {}"), gives="status=status"),
    f("log_sighting report_bird", "Record a bird that was seen.", "i saw a {0}|record a {0}|note that a {0} was spotted", p("bird species_name", "word", "The bird", "{}"), p("how_many flock_size", "count", "How many there were", "there were {}|{} of them in total"), p("spot habitat", "city", "Where it was seen", "near {}|close to {}", optional=True), gives="sighting=code"),
    f("adopt_animal start_adoption", "Adopt an animal from a shelter.", "i'd like to adopt {0}|start the adoption of {0}|can i take {0} home", p("animal_name creature", "first_name", "Name of the animal", "{}"), p("adopter_email applicant_email", "email", "Mail address of the new owner", "my address is {}|you can reach me at {}|using the address {}"), gives="case number=code"),
    f("queue_wash book_carwash", "Book a car wash.", "get my car washed|book me a car wash|i'd like a car wash", p("plate license_plate", "code", "License plate", "plate {}|for the car with plate {}|license plate {}"), p("wash_type package_level", "enum:basic,deluxe,premium", "Which package", "the {} package|the {} one|as {}"), gives="slot=time"),
    f("mint_badge award_badge", "Give a badge to a member.", "award {0} a badge|hand a badge to {0}|give a badge to {0}", p("member awardee", "person", "Who receives it", "{}"), p("badge_title inscription", "title", "What the badge says", "inscribed {}|reading {}|with the words {}"), gives="badge number=code"),
    f("estimate_paint paint_needed", "Estimate the paint for a wall.", "how much paint do i need|how many cans of paint will it take|estimate the paint", p("wall_width_m span_m", "number", "Width of the wall in meters", "for a wall {} meters wide|the wall is {} m wide"), p("wall_height_m rise_m", "number", "Height of the wall in meters", "and {} meters high|{} m tall"), gives="liters=number"),
    f("fetch_lyrics lyrics_of", "Get the lyrics of a song.", "what are the lyrics of {0}|show the words of {0}|i'd like to read the lyrics of {0}", p("track_title tune", "title", "The song", "{}"), p("performer singer", "person", "Who sings it", "sung by {}|performed by {}"), gives="first line=sentence"),
    f("submit_claim file_claim", "Report a damage to the insurance.", "i'd like to file a claim|report a damage|file an insurance claim", p("policy_number policy", "code", "Number of the policy", "under policy {}|on policy {}|my policy is {}"), p("damage_text incident", "sentence", "What happened", "what happened: {}|the damage is as follows: {}|stating {}"), p("loss_amount damage_cost", "money", "Cost of the damage", "worth {}|costing {}", optional=True), gives="claim=code"),
    f("count_inventory stock_count", "Count the pieces of an article in a warehouse.", "how many {0} are there|count the {0}|give me the number of {0}", p("article good", "thing", "The article", "{}"), p("warehouse depot", "city", "Which warehouse", "in the {} warehouse|at the depot in {}"), gives="pieces=integer"),
    f("swap_shift trade_shift", "Swap a work shift with a colleague.", "swap my shift|trade shifts|i'd like to change my shift", p("colleague coworker", "person", "Who takes over", "with {}|so that {} takes it"), p("shift_date duty_day", "date", "Day of the shift", "on {}|the one on {}"), gives="status=status"),
    f("tune_radio radio_tune", "Tune a radio to a frequency.", "tune the radio|put the radio|tune in", p("megahertz frequency_mhz", "number", "Frequency in MHz", "to {} megahertz|to {} MHz|at {} mhz"), p("stereo_on use_stereo", "bool", "Whether to use stereo", "in stereo~in mono", optional=True), gives="station=title"),
    f("open_case start_investigation", "Open a case file.", "open a new case|start an investigation|begin a case", p("case_title dossier", "title", "Name of the case", "under the name {}|by the name of {}"), p("lead_detective investigator", "person", "Who leads it", "led by {}|with {} in charge"), p("witnesses informants", "list:first_name", "Who saw it", "the witnesses are {}|witnesses: {}", optional=True), gives="case=code"),
    f("ferment_batch start_brew", "Start a batch of a drink.", "start a batch of {0}|brew a batch of {0}|let's ferment some {0}", p("beverage drink", "thing", "What is made", "{}"), p("gallons batch_gallons", "number", "Size in gallons", "{} gallons|a batch of {} gallons|{} gallons of it"), p("yeast_strain yeast", "word", "Which yeast", "with the yeast {}|using {} yeast", optional=True), gives="batch=code"),
    f("lookup_zip postal_code", "Postal code of a street.", "what's the zip code|which postal code is it|tell me the zip code", p("street_line thoroughfare", "address", "Street with number", "of {}|for {}"), p("municipality township", "city", "The town", "in {}"), gives="zip code=integer"),
    f("set_irrigation drip_schedule", "Program the irrigation of a field.", "irrigate the field|program the irrigation|water the field", p("field_name plot", "word", "Which field", "named {}|field {}"), p("cubic_meters volume_m3", "number", "Water in cubic meters", "with {} cubic meters|using {} m3"), p("at_hour start_hour", "time", "When it begins", "beginning at {}|at {}"), gives="status=status"),
    f("verify_passport check_passport", "Check a passport.", "check the passport {0}|is the passport {0} valid|verify passport number {0}", p("passport_no document_number", "code", "Number of the passport", "{}"), p("issuing_country issuer", "country", "Country that issued it", "issued by {}|from {}"), gives="status=status"),
    f("pick_wine recommend_wine", "Recommend a wine.", "which wine goes well|suggest a wine|recommend me a bottle of wine", p("dish pairing", "thing", "What is eaten", "with {}|to go with {}"), p("ceiling_price spend_limit", "money", "Highest price of a bottle", "not above {}|that costs no more than {}|for {} or less", optional=True), gives="wine=title"),
)  # fmt: skip
