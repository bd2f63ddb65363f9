//! What the words before a number say that it is.

use std::sync::LazyLock;

/// How far back words are looked for, in bytes.
const BACK: usize = 64;

/// What a word says of the number behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Somebody can be called under it.
    Phone,
    /// It numbers a thing: an order, a parcel, a document, a device.
    Thing,
    /// It numbers a thing, and machines read it: a device, a parcel, a book.
    Code,
    /// It numbers something.
    Sign,
    /// It is a payment card.
    Card,
    /// It is a version, or a chapter.
    Version,
    /// Anything else.
    Other,
}

/// Beginnings of words of [`Word::Phone`], in small letters.
#[rustfmt::skip]
const PHONES: &[&str] = &[
    "call", "phone", "tel", "telephone", "mobile", "cell", "whatsapp", "viber", "signal", "sms",
    "text", "dial", "fax", "ring", "hotline", "landline", "contact", "reach", "telefon",
    "handy", "mobil", "anruf", "ruf", "rufen", "rufst", "rückruf", "festnetz", "durchwahl", "vorwahl", "erreich",
    "rufnummer", "nummer:", "тел", "телеф", "звон", "позвон", "набер", "набир", "перезвон", "моб", "мобил",
    "сотов", "ватсап", "вотсап", "вайбер", "смс",
];
/// Beginnings of words of [`Word::Thing`].
#[rustfmt::skip]
const THINGS: &[&str] = &[
    "order", "invoice", "ticket", "parcel", "shipment", "waybill",
    "account", "acct", "contract", "policy", "booking", "reservation", "case", "ref", "reference",
    "sku", "article", "item", "part", "model", "customer",
    "member", "license", "licence", "passport", "id", "receipt", "transaction", "payment",
    "amount", "meter", "vat", "request", "sort", "claim", "voucher", "gift", "bestell",
    "rechnung", "auftrag", "paket", "vertrag", "kunden", "konto", "vorgang",
    "aktenzeichen", "artikel", "art", "zähler", "mitglied", "beleg",
    "gutschein", "buchung", "steuer", "ust", "referenz", "fahrgestell", "plz", "blz",
    "versicherung", "police", "заказ", "счёт", "счет", "договор", "отправлен", "посылк",
    "накладн", "инн", "кпп", "огрн", "снилс", "бик", "окпо", "полис", "паспорт", "серия",
    "арт", "артикул", "заявк", "обращен", "тикет", "осаго", "чек",
];
/// Beginnings of words of [`Word::Code`].
#[rustfmt::skip]
const CODES: &[&str] = &[
    "imei", "isbn", "ean", "barcode", "serial", "track", "sendung", "seriennummer", "трек", "штрихкод",
];
/// Whole words of [`Word::Sign`].
#[rustfmt::skip]
const SIGNS: &[&str] = &[
    "№", "#", "no", "nr", "n°", "num", "number", "номер",
];
/// Whole words of [`Word::Version`].
#[rustfmt::skip]
const CHAPTERS: &[&str] = &[
    "v", "fw", "app", "§", "п", "пп",
];
/// Beginnings of words of [`Word::Version`].
#[rustfmt::skip]
const VERSIONS: &[&str] = &[
    "ver", "version", "release", "firmware", "build", "clause", "section", "chapter",
    "paragraph", "update", "upgrade", "верси", "сборк", "прошивк", "пункт", "раздел", "ziffer",
    "abschnitt", "kapitel",
];
/// Beginnings of words of [`Word::Card`].
#[rustfmt::skip]
const CARDS: &[&str] = &[
    "card", "visa", "mastercard", "amex", "jcb", "maestro", "diners", "карт", "kart",
    "kreditkart",
];

/// What the last `count` words before `place` say, the nearest first. A full stop or a line break
/// ends them.
pub(super) fn words_before(text: &str, place: usize, count: usize) -> impl Iterator<Item = Word> {
    let mut from = place.saturating_sub(BACK);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let back = text.get(from..place).unwrap_or_default();
    let back = back
        .rsplit(['\n', '!', '?', ';'])
        .next()
        .unwrap_or_default();
    let words: Vec<&str> = back
        .split(|it: char| {
            it.is_whitespace() || matches!(it, ',' | '(' | ')' | ':' | '"' | '«' | '„' | '=')
        })
        .filter(|word| !word.is_empty())
        .collect();
    let words: Vec<Word> = words
        .iter()
        .rev()
        .take(count)
        .map(|word| meaning(word))
        .collect();
    words.into_iter()
}

fn meaning(word: &str) -> Word {
    static LISTS: LazyLock<[(Word, Beginnings); 5]> = LazyLock::new(|| {
        [
            (Word::Card, list(CARDS)),
            (Word::Phone, list(PHONES)),
            (Word::Version, list(VERSIONS)),
            (Word::Code, list(CODES)),
            (Word::Thing, list(THINGS)),
        ]
    });
    let word = word.to_lowercase();
    let word = word.trim_end_matches(['.', ':', '-', '/']);
    if CHAPTERS.contains(&word) || word.ends_with("version") {
        return Word::Version;
    }
    let begins = |list: &[(&str, bool)]| {
        list.iter().any(|(begin, whole)| match whole {
            true => word == *begin,
            false => word.starts_with(begin),
        })
    };
    let found = LISTS.iter().find(|(_, list)| begins(list));
    match found {
        Some((meaning, _)) => *meaning,
        None if SIGNS.contains(&word) || word.starts_with(['#', '№']) => Word::Sign,
        None => Word::Other,
    }
}

/// Beginnings of words, and whether each is a whole word.
type Beginnings = Vec<(&'static str, bool)>;

/// The shortest are whole words: `ref` begins too much.
fn list(words: &[&'static str]) -> Beginnings {
    let whole = |word: &&'static str| (*word, word.chars().count() < 4);
    words.iter().map(whole).collect()
}
