"""Plain word lists: the raw material of names, places, things and sentences."""

from __future__ import annotations

FIRST_NAMES = """
Anna Ben Carla David Elena Frank Grace Hugo Ines Jack Kira Liam Maria Noah Olivia Paul
Quinn Rosa Sam Tara Umar Vera Will Xena Yusuf Zoe Amir Bianca Cyrus Diego Emma Farid
Gina Henry Isla Jonas Keiko Leo Mei Nina Omar Priya Rafael Sofia Tom Ursula Victor Wanda
Alice Bob Charlie Diana Edward Fiona George Hannah Ivan Julia Kevin Laura Mark Nora
Oscar Peter Rachel Steve Teresa Lucas Mia Ethan Chloe Ravi Aisha Mateo Lena Felix Clara
Marcus Ada Simon Judith Pablo Ingrid Sven Yara Tariq Naomi Eric Helen Bruno Celia Dmitri
""".split()

LAST_NAMES = """
Smith Jones Miller Garcia Silva Kim Chen Patel Novak Schmidt Rossi Dubois Ivanov Tanaka
Larsen Murphy Khan Lopez Weber Moreau Costa Santos Hansen Nilsson Bauer Fischer Park
Singh Ali Cohen Walker Turner Parker Evans Brooks Reed Hayes Foster Bennett Wood Hughes
Price Russell Griffin Hart Stone Lane Marsh Vance Okafor Mensah Haddad Yilmaz Kowalski
""".split()

CITIES = (
    """
Paris=France|London=UK|Berlin=Germany|Madrid=Spain|Rome=Italy|Lisbon=Portugal
Vienna=Austria|Oslo=Norway|Stockholm=Sweden|Copenhagen=Denmark|Helsinki=Finland
Dublin=Ireland|Brussels=Belgium|Amsterdam=Netherlands|Zurich=Switzerland|Zürich=Switzerland
Geneva=Switzerland|Athens=Greece|Warsaw=Poland|Prague=Czech Republic|Budapest=Hungary
Istanbul=Turkey|Moscow=Russia|Kyiv=Ukraine|Cairo=Egypt|Lagos=Nigeria|Nairobi=Kenya
Cape Town=South Africa|Johannesburg=South Africa|Casablanca=Morocco|Dubai=UAE|Tehran=Iran
Baghdad=Iraq|Jerusalem=Israel|Mumbai=India|Delhi=India|Bangalore=India|Karachi=Pakistan
Dhaka=Bangladesh|Bangkok=Thailand|Hanoi=Vietnam|Singapore=Singapore|Jakarta=Indonesia
Manila=Philippines|Hong Kong=China|Beijing=China|Shanghai=China|Taipei=Taiwan|Seoul=South Korea
Tokyo=Japan|Osaka=Japan|Kyoto=Japan|Sydney=Australia|Melbourne=Australia|Perth=Australia
Auckland=New Zealand|Toronto=Canada|Montreal=Canada|Vancouver=Canada|New York=USA|Chicago=USA
Boston=USA|Seattle=USA|San Francisco=USA|Los Angeles=USA|Miami=USA|Denver=USA|Houston=USA
Dallas=USA|Austin=USA|Mexico City=Mexico|Havana=Cuba|Bogota=Colombia|Lima=Peru|Quito=Ecuador
Santiago=Chile|Buenos Aires=Argentina|Montevideo=Uruguay|Sao Paulo=Brazil|Rio de Janeiro=Brazil
Hamburg=Germany|Munich=Germany|Frankfurt=Germany|Cologne=Germany|Barcelona=Spain|Seville=Spain
Valencia=Spain|Milan=Italy|Naples=Italy|Venice=Italy|Florence=Italy|Turin=Italy|Lyon=France
Marseille=France|Nice=France|Bordeaux=France|Toulouse=France|Manchester=UK|Edinburgh=UK
Glasgow=UK|Bristol=UK|Porto=Portugal|Krakow=Poland|Gdansk=Poland|Reykjavik=Iceland|Tallinn=Estonia
Riga=Latvia|Vilnius=Lithuania|Sofia=Bulgaria|Bucharest=Romania|Belgrade=Serbia|Zagreb=Croatia
Ljubljana=Slovenia|Accra=Ghana|Dakar=Senegal|Tunis=Tunisia|Algiers=Algeria|Doha=Qatar
Riyadh=Saudi Arabia|Amman=Jordan|Beirut=Lebanon|Kathmandu=Nepal|Colombo=Sri Lanka|Bergen=Norway
""".strip()
    .replace("\n", "|")
    .split("|")
)

COUNTRIES = sorted({city.split("=")[1] for city in CITIES})

LANGUAGES = """
English French German Spanish Italian Portuguese Dutch Swedish Norwegian Danish Finnish
Polish Czech Hungarian Greek Turkish Russian Arabic Hebrew Hindi Bengali Urdu Thai
Vietnamese Korean Japanese Chinese Indonesian Swahili Latin Ukrainian Romanian
""".split()

THINGS = """
table chair lamp sofa desk shelf mirror carpet window door garden fence roof kitchen oven
fridge kettle toaster blender mug plate fork spoon knife bottle basket bag box jar phone
laptop tablet camera printer monitor keyboard mouse speaker headset charger cable battery
bike car truck van bus train boat kayak tent rope helmet jacket coat shirt dress skirt
shoes boots socks gloves scarf hat belt watch ring necklace book novel notebook pen pencil
ruler map poster guitar piano drum violin flute ball racket skateboard puzzle toy doll
apple banana orange lemon mango peach cherry grape melon carrot potato tomato onion garlic
pepper cabbage spinach mushroom bean rice pasta bread butter cheese milk yogurt egg honey
sugar salt flour oil vinegar coffee tea juice water soup salad pizza burger sandwich cake
pie cookie chocolate candle soap towel blanket pillow mattress hammer drill saw nail screw
paint brush ladder bucket broom mop sponge umbrella suitcase backpack wallet key coin stamp
ticket letter package parcel invoice receipt report contract budget recipe schedule project
""".split()

MORE_THINGS = """
anchor antenna apron arrow attic badge balloon bamboo banner barrel basin bathtub beacon bead
bench blanket board bolt boot bowl bracelet branch brick bridge bucket buckle bulb button cabin
cabinet cactus calendar candy cannon canvas card cart castle ceiling cellar chain chest chimney
circle clay clip cloak clock cloth cloud clover coat cocoa coconut collar comb compost copper
cork corner cotton counter cradle crayon cream crown cup cupboard curtain cushion dagger diamond
dice dish dock dome drawer dress duck dust eagle easel engine envelope eraser feather fiddle
field flag flask flower folder fossil fountain fox frame frog funnel garage gate
gear gem ginger glass globe glue goat grain granite grass gravel grill hail handle harp hat
hedge hinge honeycomb hook horn horse hose hotel igloo ink iron island ivory ivy jade jelly
jewel jigsaw jug kennel ketchup kiosk kitten lace lake lawn leaf leather ledge
lemonade lens lever lid lily lime linen lion lock locker log loom magnet mailbox maple marble
market mask mast match meadow medal mint mitten moss motor mud muffin mural muscle
napkin needle nest net noodle nut oak oar oat ocean olive onyx orchid organ owl oyster paddle
palace pan pancake panel parade park parrot pasture patch path pea peanut pearl pebble pedal
pier pigeon pine pipe pistachio pitcher plank plaster plum pocket pond poppy porch
pot pouch powder pretzel prism pump pumpkin puppet pyramid quilt quiver rabbit radio radish raft
rail raisin rake ramp razor reed ribbon ridge river robe rocket rod rooster root rose rubber rug
saddle salmon sand sandal satin sauce saucer scale shell shield ship shovel shrub shutter sieve
silk sink skate sled sleeve slipper smoke snail snow sparrow spice spider
spiral spring spruce squash stable staircase starfish statue steel stool stove straw string
sunflower swan sweater sword syrup tape tapestry tar tassel teapot tiger tile timber toast tool
torch tower trail tray treasure tree trophy trousers trumpet trunk tulip tunnel
turkey turnip turtle valley vase veil velvet vest violet wagon waffle wall walnut
wax well whale wheat wheel whip whistle wig willow wing wire wolf wool wreath wrench yarn zebra
""".split()

#: Parts of names of places and families.
PLACE_STARTS = """
Ash Brook Cedar Elm Oak Hazel Maple Birch Wood Stone Clay Iron Silver North South East West
Green White Black Red Long Broad High Low Mill Church King Queen Bishop Fox Wolf Hart Swan Crow
Raven Eagle Spring Summer Winter Frost Snow Rain Wind Sand Salt Rose Lily Fern Thorn Bram Hol
Win Har Lin Mel Nor Sel Tor Val Ald Bram Cal Dun Ed Fair Glen Hamp Ken Lang Mar Nett Pen Rad
""".split()
PLACE_ENDS = """
ford ton ville burg field wood ham bury port bridge dale stead worth well mouth view side gate
hill crest haven shore brook land stone man son more ley cliff
""".split()

HOSTS = """
example mail work home school office studio company store team garden music travel family
webmail inbox post club museum library hotel market clinic college bank games news photo
cloudbox sunmail riverside fastpost bluemail goodfood mybakery citytours techlab artroom
""".split()

ADJECTIVES = """
red blue green yellow black white purple orange silver golden small large big tiny huge old
new fresh warm cold hot soft hard light dark heavy quick slow quiet loud bright clean simple
fancy cheap rare wooden metal plastic paper digital portable electric vintage modern classic
narrow wide deep shallow round square flat curved sharp smooth rough shiny dusty foggy brave
calm clever curious eager early empty fair famous fast fierce gentle giant glad
grand happy honest icy jolly kind lazy little lively lonely lucky merry mighty misty modest neat
noisy odd pale patient plain polite proud pure rapid royal sandy scarlet secret shy silent silky
sleepy slim smart snowy solar solid sour spicy steady steep still strange strong sunny sweet
swift tall tame thick thin tidy tropical urban useful wild windy wise young
weekly daily monthly annual final first second spare main extra local remote public private
""".split()

VERBS = """
answer borrow carry catch change choose collect cut decorate deliver draw drop dry
email empty file fill follow forward greet hang help hide invite iron
lend lift light load lock mail make mend mow order paint peel phone plant post pour prepare
pull push record repair replace return review rinse roast save search serve share sort
stir sweep take tidy translate trim unpack wake walk wipe wrap
call visit meet finish start check review clean fix buy sell send bring find feed water paint
read write print sign pay book cancel move pack open close wash cook bake plan test update
""".split()

COMMON = """
the a an of to in on at for with and or is are was it this that my your our we you they he
she i me not no yes please can will be have has do does get got from by as up out if about
so but all one two more some any what when where how who then than there here just now
""".split()

TOPICS = """
history music physics chess gardening football politics climate cooking astronomy painting
robots dinosaurs volcanoes whales coffee trains bees bridges castles medieval+art jazz
machine+learning solar+energy space+travel ancient+rome electric+cars deep+sea+fish
folk+tales modern+dance stock+markets healthy+breakfast road+trips indoor+plants
black+holes wild+birds street+food board+games old+maps rain+forests bread+baking
""".split()

TITLES = (
    """
Midnight Rain|Silver River|The Long Road|Broken Compass|Golden Hour|Paper Moon|Winter Song
The Glass House|Blue Horizon|Ocean Avenue|Northern Lights|Lost Letters|The Quiet Garden
Electric Dreams|Falling Leaves|City of Stars|The Last Train|Wild Honey|Desert Wind
A Thousand Miles|Yesterday|Imagine|Bohemian Rhapsody|Clair de Lune|Dune|Emma|Ulysses
Casablanca|Inception|The Matrix|Moby Dick|Hamlet|The Hobbit|Stairway to Heaven|Thriller
""".strip()
    .replace("\n", "|")
    .split("|")
)

COMPANIES = """
Acme Globex Initech Umbrella Hooli Stark Wayne Apple Google Microsoft Amazon Tesla Netflix
Nvidia Intel Oracle Siemens Toyota Sony Samsung Nestle Shell Boeing Airbus Ford Adidas Nike
""".split()

#: What people work as.
JOBS = """
teacher driver painter carpenter plumber farmer baker butcher clerk guard nurse doctor cook
waiter gardener tailor sailor soldier engineer designer mechanic inspector porter keeper maker
seller buyer dealer trainer planner builder cleaner writer editor printer singer dancer director
manager assistant secretary consultant technician operator surveyor chemist lawyer judge banker
""".split()

TICKERS = "AAPL GOOG MSFT AMZN TSLA NFLX NVDA INTC ORCL IBM SAP BMW SONY AMD META UBER".split()

CURRENCIES = (
    "USD EUR GBP JPY CHF CAD AUD CNY INR BRL SEK NOK DKK PLN MXN KRW ZAR".split()
)

GENRES = (
    "jazz rock pop blues classical techno folk reggae metal country soul disco".split()
)

ROOMS = (
    """
kitchen|bedroom|living room|bathroom|hallway|garage|office|basement|attic|dining room
nursery|balcony|garden|guest room|studio|porch|laundry room|library
""".strip()
    .replace("\n", "|")
    .split("|")
)

CUISINES = (
    "Italian Thai Indian Mexican Greek Japanese French Korean Turkish Spanish".split()
)

SENTENCES = (
    """
I will be late|see you soon|the meeting is moved to noon|happy birthday|thanks for your help
dinner is ready|please call me back|the train is delayed|we won the game|good morning
where is the {thing}|I lost my {thing}|bring the {adjective} {thing}|don't forget the {thing}
the {thing} is on the {thing}|how are you|I love this {thing}|can we talk later|the {thing} is broken
{verb} the {thing}|{verb} the {adjective} {thing}|{verb} {name}|{verb} the {thing} with {name}
{name} has the {thing}|{name} will {verb} the {thing}|{name} and {name} are here|I need a {thing}
we should {verb} the {thing}|the {adjective} one is better|my {thing} is {adjective}
no more {thing} today|{adjective} {thing} for sale|welcome to the {thing}|where do you live
the {thing} and the {thing} are {adjective}|a {adjective} {thing} stands beside the {thing}
nobody has seen the {thing} since yesterday|there are six {thing}s in the {thing}
{name} was here at noon with a {thing}|greetings from {name} and the {thing} team
the {thing} costs too much for us|we ran out of {thing} and {thing}|{name} says hello
he left the {thing} under the {thing}|the {thing} arrives in an hour|good luck with the {thing}
who moved my {adjective} {thing}|both doors of the {thing} are open|I paid for the {thing}
the {adjective} {adjective} {thing} is gone|all the best for the {thing}|{name} is at the door
she gave her {thing} to {name}|keep an eye on the {thing}|our {thing} stopped working again
the key to the {thing} is with {name}|you can have the {adjective} {thing}|sorry about the {thing}
it rained on the {adjective} {thing}|they will be back by seven|best wishes to {name} as well
your {thing} fell off the {thing}|that is not the {thing} of {name}|a letter for {name} came in
what a {adjective} day|the weather is nice today|I am on my way|it was a {adjective} {thing}
""".strip()
    .replace("\n", "|")
    .split("|")
)

#: What new words are put together from.
SPLICED = [
    word.lower()
    for word in (*THINGS, *MORE_THINGS, *ADJECTIVES, *FIRST_NAMES, *LAST_NAMES)
    if len(word) > 3 and word.isalpha()
]
