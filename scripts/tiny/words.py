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

ADJECTIVES = """
red blue green yellow black white purple orange silver golden small large big tiny huge old
new fresh warm cold hot soft hard light dark heavy quick slow quiet loud bright clean simple
fancy cheap rare wooden metal plastic paper digital portable electric vintage modern classic
weekly daily monthly annual final first second spare main extra local remote public private
""".split()

VERBS = """
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
what a {adjective} day|the weather is nice today|I am on my way|it was a {adjective} {thing}
""".strip()
    .replace("\n", "|")
    .split("|")
)
