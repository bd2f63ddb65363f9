//! Accounts and tariffs, and how they are made up.

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde_json::{Value, json};

use super::money::{CURRENCY, Money};
use crate::emulator::scenario::Random;

/// Something that is sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tariff {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// Price of a month.
    pub(super) month: Money,
}

/// Everything that is sold.
pub(super) const TARIFFS: [Tariff; 3] = [
    Tariff {
        id: "t1",
        name: "Basic",
        month: Money(490),
    },
    Tariff {
        id: "t2",
        name: "Plus",
        month: Money(990),
    },
    Tariff {
        id: "t3",
        name: "Business",
        month: Money(2_490),
    },
];

impl Tariff {
    pub(super) fn find(id: &str) -> Option<Self> {
        TARIFFS.iter().find(|tariff| tariff.id == id).copied()
    }

    pub(super) fn view(self) -> Value {
        json!({ "id": self.id, "name": self.name, "price": self.month.view(), "period": "m1" })
    }

    pub(super) fn named(self) -> Value {
        json!({ "id": self.id, "name": self.name })
    }
}

/// What an account has paid for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) tariff: Tariff,
    pub(super) from: Date,
    /// The first day without it.
    pub(super) until: Date,
}

impl Subscription {
    pub(super) fn view(&self) -> Value {
        json!({
            "id": self.id,
            "tariff": self.tariff.named(),
            "from": self.from.to_string(),
            "until": self.until.to_string(),
        })
    }
}

/// Money that came or went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Transaction {
    pub(super) id: String,
    pub(super) at: Timestamp,
    pub(super) amount: Money,
    pub(super) text: String,
}

impl Transaction {
    pub(super) fn view(&self) -> Value {
        json!({
            "id": self.id,
            "at": self.at.to_string(),
            "amount": self.amount.amount(),
            "currency": CURRENCY,
            "text": self.text,
        })
    }
}

/// An account.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: &'static str,
    pub(super) admin: bool,
    pub(super) balance: Money,
    pub(super) subscription: Option<Subscription>,
    pub(super) groups: Vec<&'static str>,
    pub(super) telegram_ids: Vec<i64>,
    /// The oldest first.
    pub(super) transactions: Vec<Transaction>,
}

impl Account {
    /// What it has on a day.
    pub(super) fn current(&self, today: Date) -> Option<&Subscription> {
        self.subscription
            .as_ref()
            .filter(|subscription| subscription.until > today)
    }

    pub(super) fn view(&self, today: Date) -> Value {
        let tariff = self.current(today).map(|subscription| {
            json!({
                "id": subscription.tariff.id,
                "name": subscription.tariff.name,
                "until": subscription.until.to_string(),
            })
        });
        json!({
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "admin": self.admin,
            "balance": self.balance.view(),
            "tariff": tariff,
            "groups": self.groups,
            "telegram_ids": self.telegram_ids,
            "url": format!("https://billing.example/accounts/{}", self.id),
        })
    }
}

/// How many accounts there are at first.
const ACCOUNTS: usize = 40;

const FIRST: [&str; 12] = [
    "Emma",
    "Lukas",
    "Мария",
    "Oliver",
    "Greta",
    "Иван",
    "Amelia",
    "Jürgen",
    "Полина",
    "Noah",
    "Käthe",
    "Сергей",
];
const LAST: [&str; 10] = [
    "Clarke",
    "Schmidt",
    "Коваль",
    "Murphy",
    "Groß",
    "Мороз",
    "O'Neill",
    "Yılmaz",
    "Ткач",
    "Hart",
];
const GROUPS: [&str; 3] = ["vip", "reseller", "trial"];
const GIFTS: [i64; 5] = [500, 1_000, 2_000, 5_000, 10_000];

/// Makes accounts up; what they have and what they paid is consistent.
pub(super) fn made_up(seed: u64, now: Timestamp, today: Date) -> Vec<Account> {
    let mut random = Random::new(seed ^ 0xB111_1196);
    (1..=ACCOUNTS)
        .map(|number| account(&mut random, number, now, today))
        .collect()
}

fn account(random: &mut Random, number: usize, now: Timestamp, today: Date) -> Account {
    let first = random.pick(&FIRST).copied().unwrap_or_default();
    let last = random.pick(&LAST).copied().unwrap_or_default();
    let mut account = Account {
        id: format!("N{number:03}"),
        name: format!("{first} {last}"),
        status: if number.is_multiple_of(13) {
            "blocked"
        } else {
            "active"
        },
        admin: false,
        balance: Money(0),
        subscription: None,
        groups: GROUPS.into_iter().filter(|_| random.chance(25)).collect(),
        telegram_ids: Vec::new(),
        transactions: Vec::new(),
    };
    let several = 2 + random.below(10);
    for turn in 0..several {
        let tariff = random.pick(&TARIFFS).copied();
        let paid = tariff.filter(|tariff| turn > 0 && account.balance >= tariff.month);
        let (amount, text) = match paid {
            Some(tariff) => (
                Money(0).minus(tariff.month),
                format!("{}, 1 month", tariff.name),
            ),
            None => {
                let gift = random.pick(&GIFTS).copied().unwrap_or_default();
                (Money(gift), "Top-up".to_owned())
            }
        };
        account.balance = account.balance.plus(amount);
        let days = i64::try_from((several - turn) * 11).unwrap_or_default();
        let ago = Span::new().hours(days * 24 + i64::try_from(random.below(200)).unwrap_or(0));
        account.transactions.push(Transaction {
            id: format!("{}-{:04}", account.id, turn + 1),
            at: now.checked_sub(ago).unwrap_or(now),
            amount,
            text,
        });
    }
    if let Some(tariff) = random.pick(&TARIFFS).copied()
        && random.chance(65)
    {
        let days = i64::try_from(random.below(300)).unwrap_or_default() - 20;
        let until = today.checked_add(Span::new().days(days)).unwrap_or(today);
        account.subscription = Some(Subscription {
            id: format!("S{number:04}"),
            tariff,
            from: until.checked_sub(Span::new().months(12)).unwrap_or(today),
            until,
        });
    }
    account
}
