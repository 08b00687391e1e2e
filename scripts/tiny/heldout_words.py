"""Values that training never sees: names, places, things and sentences of the test split."""

from __future__ import annotations

UNSEEN: dict[str, list[str]] = {
    "FIRST_NAMES": """
Agnes Albert Beatrice Boris Camille Cedric Daphne Derek Edith Emil Flora Gustav Hector Hilda
Irene Jasper Joanna Kurt Lydia Magnus Miriam Nadia Oleg Paula Rita Roland Samuel Stella Theo
Ulrich Viola Walter Wilma Yvonne Zachary Abigail Conrad Dolores Everett Harriet
""".split(),
    "LAST_NAMES": """
Adler Barnes Carter Delgado Eriksen Ferrari Goldberg Hoffman Iversen Jacobs Kaufman Lindgren
Mitchell Novotny Olsen Petrov Quigley Romano Sullivan Thompson Underwood Vogel Winters Young
Zimmerman Bowman Crawford Dalton Ellison Farmer
""".split(),
    "PLACE_STARTS": """
Alder Beech Canter Dover Ever Fal Grim Hunter Ivy Jasper Kings Lark Moor Newton Otter Pad
Rook Stam Tam Under Wake York Chester Dart Elling Hather
""".split(),
    "PLACE_ENDS": "combe thorpe wick holm minster beck pool garth moor fleet".split(),
    "CITIES": """
Antwerp=Belgium|Basel=Switzerland|Cardiff=UK|Dresden=Germany|Eindhoven=Netherlands
Fukuoka=Japan|Galway=Ireland|Halifax=Canada|Izmir=Turkey|Jaipur=India|Kampala=Uganda
Leipzig=Germany|Malmo=Sweden|Nantes=France|Odessa=Ukraine|Palermo=Italy|Quebec=Canada
Rotterdam=Netherlands|Salzburg=Austria|Tampere=Finland|Utrecht=Netherlands|Verona=Italy
Wellington=New Zealand|York=UK|Zaragoza=Spain|Aarhus=Denmark|Brisbane=Australia
Cordoba=Spain|Durban=South Africa|Ghent=Belgium
""".strip().replace("\n", "|").split("|"),
    "COUNTRIES": "Angola Bolivia Cambodia Cyprus Fiji Jamaica Malta Panama Slovakia Zambia".split(),
    "LANGUAGES": "Icelandic Croatian Estonian Mongolian Tamil Welsh Catalan Persian".split(),
    "THINGS": """
accordion anvil bagel binder blazer bookcase cardigan cello chalk chandelier clarinet coaster
compressor corkscrew cradle cucumber dishcloth doorbell dresser dustpan earring flashlight
footstool grapefruit hairbrush hammock harmonica hourglass jumper ladle lettuce lollipop
mandolin microwave mousepad nutcracker padlock paperclip parsnip pendant placemat plywood
projector raincoat raspberry recliner rosemary sawdust shoelace stapler tambourine teaspoon
thermos tripod trolley ukulele wardrobe watermelon wheelbarrow xylophone zipper zucchini
""".split(),
    "MORE_THINGS": """
acorn almond barley cinnamon crab daisy dolphin donut falcon ferret gazebo geyser hazelnut
jasmine lobster magpie nutmeg otter panda penguin pineapple plumbing porcupine quartz raccoon
sapphire seagull squid thistle topaz walrus weasel
""".split(),
    "ADJECTIVES": """
amber beige bitter blunt brittle bulky coarse crimson crooked damp dense faded fluffy fragile
gloomy greasy grey hexagonal indigo jagged lavender magenta maroon oval pink polished ragged
rigid rustic shabby slippery sturdy teal transparent turquoise velvety waterproof
""".split(),
    "VERBS": """
assemble auction bleach butter clip crush dust freeze-dry glue grate hammer knit label marinate
oil photograph polish rake rearrange sand scan scrape seal sew shampoo sharpen slice spray stack
staple sterilize toast unhook vacuum varnish weed
""".split(),
    "TOPICS": """
archaeology beekeeping calligraphy dog+training esports fermentation geology hiking insects
journalism knitting lighthouses mythology nutrition origami pottery quilting reptiles
submarines typography urban+farming veterinary+medicine woodworking
""".split(),
    "TITLES": """
Crimson Harbor|The Velvet Key|Stone and Feather|Midsummer Letters|Harvest Moon Rising
The Clockmaker|Seven Bridges|Shadow of the Pine|Lemon Tree|A Quiet Storm|The Ninth Door
Salt and Smoke|Beyond the Meadow|Paper Boats|The Copper Crown|Evening Tide
""".strip().replace("\n", "|").split("|"),
    "COMPANIES": """
Lindqvist Northwind Contoso Fabrikam Vandelay Dunder Pinnacle Meridian Quantix Brightway
Harrods Lufthansa Philips Renault Unilever Volvo Bosch Fujitsu Heineken Kodak
""".split(),
    "CURRENCIES": "THB HUF CZK ILS SGD HKD NZD RUB TRY CLP".split(),
    "GENRES": "opera swing grunge gospel ska flamenco ambient bluegrass".split(),
    "ROOMS": "cellar|pantry|sunroom|workshop|playroom|conservatory|lobby|gallery".split("|"),
    "CUISINES": "Peruvian Ethiopian Lebanese Vietnamese Moroccan Polish Cuban".split(),
    "HOSTS": """
postbox webshop orchard bakehouse northmail campus lakeside printshop daycare seaside workshop
""".split(),
    "SENTENCES": """
the {thing} arrived this morning|our {adjective} {thing} is missing|{name} left the {thing} outside
please return the {thing}|the lift is out of order|we are running ten minutes behind
{name} asked for a {thing}|the {adjective} {thing} fell down|let us meet near the {thing}
there is water on the floor|i forgot my {thing}|congratulations on the new job
the shop closes early tonight|somebody took the {thing}|all {thing} orders are late
""".strip().replace("\n", "|").split("|"),
}  # fmt: skip
