"""Who takes part, and the personal data of the customers: made up, and well formed."""

from dataclasses import dataclass, field

RELAY = 777
ASSISTANT = 888
GONE = 5404
CHANNEL = -1001700000001
OPERATORS = {5001: "Jonas Weber", 5002: "Ольга Смирнова", 5003: 'Amelia "Amy" Pearce'}
# A deleted account has an id, but no name.
NAMES = {RELAY: "Hotline", ASSISTANT: "Desk Bot", CHANNEL: "Support news", GONE: None, **OPERATORS}

FIRST = {
    "en": ["Harriet", "Desmond", "Prudence", "Leopold", "Winifred", "Algernon"],
    "de": ["Friedegund", "Hartmut", "Waltraud", "Ekkehard", "Liselotte", "Burkhard"],
    "ru": ["Капитолина", "Евдоким", "Прасковья", "Игнатий", "Аграфена", "Лукьян"],
}
LAST = {
    "en": ["Throckmorton", "Featherstone", "Blenkinsop", "Wolstenholme"],
    "de": ["Pfannenschmidt", "Oberhauser", "Krähenbühl", "Dünnebier"],
    "ru": ["Преображенская", "Долгопятов", "Кржижановская", "Вознесенский"],
}

# What must not come out of a training format, by the name of its kind.
KINDS = ("phone", "email", "card", "iban", "ip", "token", "username", "name")


@dataclass
class Customer:
    """A person behind the relay; `secrets` maps a kind to the ways in which it was written."""

    language: str
    name: str
    secrets: dict = field(default_factory=dict)


def luhn(digits):
    """The digit that makes a card's number valid."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if place % 2 == 0 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return -total % 10


def card(random):
    digits = [4] + [random.randrange(10) for _ in range(14)]
    digits.append(luhn(digits))
    text = "".join(map(str, digits))
    return random.choice([text, " ".join(text[at : at + 4] for at in range(0, 16, 4))])


def iban(random):
    account = "".join(str(random.randrange(10)) for _ in range(18))
    check = 98 - int(account + "131400") % 97
    text = f"DE{check:02}{account}"
    return random.choice([text, " ".join(text[at : at + 4] for at in range(0, 22, 4))])


def phones(random, language):
    """A number and two ways to write it."""
    number = "".join(str(random.randrange(10)) for _ in range(8))
    if language == "ru":
        code, three, two, last = "9" + number[:2], number[2:5], number[5:7], number[7] + "4"
        return [f"+7 {code} {three}-{two}-{last}", f"8 ({code}) {three}-{two}-{last}"]
    if language == "de":
        return [f"+49 151 {number}", f"0151/{number}"]
    return [f"+44 20 7{number[:3]} {number[3:7]}", f"+44207{number[:7]}"]


def customer(random, language, index):
    """Somebody whom nobody else is like."""
    first = FIRST[language][index % len(FIRST[language])]
    last = LAST[language][index // len(FIRST[language]) % len(LAST[language])]
    account = f"kunde{index}x{random.randrange(1000, 9999)}"
    secrets = {
        "phone": phones(random, language),
        "email": [f"{account}@mail.example", f"{account.upper()}@Firma-{index}.example"],
        "card": [card(random)],
        "iban": [iban(random)],
        "ip": [f"203.0.113.{random.randrange(1, 255)}"],
        "token": [f"tk{random.getrandbits(64):016x}"],
        "username": [f"@{account}_tg"],
        "name": [f"{first} {last}"],
    }
    return Customer(language, f"{first} {last}", secrets)


# How a customer says each of them.
SAYS = {
    "phone": "☎ {}",
    "email": "mail: {}",
    "card": "card {}",
    "iban": "IBAN {}",
    "ip": "IP {}",
    "token": "https://shop.example/reset?token={}",
    "username": "tg {}",
    "name": "– {}",
}
