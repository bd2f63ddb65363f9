//! Who is there.

use crate::emulator::crm::Relay;
use crate::emulator::world::{Bot, State, User};

use super::random::Random;

/// The accounts and groups of a world, by role. A world from a file may lack any of them: then
/// the id is 0, which is nobody's, and the list is empty.
#[derive(Clone, Debug, Default)]
pub struct Cast {
    /// How customers' messages reach the topic.
    pub relay: Relay,
    /// The account for the userbot: a member of [`Cast::group`] and [`Cast::plain_group`].
    pub userbot: i64,
    /// People who answer; all are administrators, the first owns the groups.
    pub operators: Vec<i64>,
    /// A member without any rights who never writes by themselves.
    pub visitor: i64,
    /// The bot under test: privacy mode off, no administrator.
    pub assistant: i64,
    /// The CRM's bot.
    pub crm_bot: i64,
    /// The CRM's relay account.
    pub relay_user: i64,
    /// A bot of somebody else's that tells about parcels.
    pub parcel_bot: i64,
    /// Who posts what customers write: [`Cast::crm_bot`] or [`Cast::relay_user`].
    pub author: i64,
    /// People outside who write to the desk.
    pub customers: Vec<i64>,
    /// The support desk, a forum; in a world without a desk the first group.
    pub group: i64,
    /// A supergroup without topics.
    pub plain_group: i64,
    /// A forum that neither the userbot nor the assistant is in.
    pub foreign_group: i64,
    /// People who can log in, the userbot's account first.
    pub people: Vec<i64>,
    /// Bots, the assistant first.
    pub bots: Vec<i64>,
    /// Groups, the desk first.
    pub groups: Vec<i64>,
}

const GROUP: i64 = 2_101_424_779;
const PLAIN_GROUP: i64 = 1_700_300_400;
const FOREIGN_GROUP: i64 = 1_650_200_100;

const OPERATORS: [(&str, &str, &str, &str); 4] = [
    ("Katarina", "Novak", "katarina_n", "en"),
    ("Jonas", "Weber", "jonas_weber", "de"),
    ("Ольга", "Смирнова", "olga_support", "ru"),
    ("Daniel", "Okafor", "dan_okafor", "en"),
];

/// First names, last names, country code of the phone, language.
type Pool = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const POOLS: [Pool; 3] = [
    (
        "en",
        "44770",
        &[
            "Emma", "Oliver", "Amelia", "Jack", "Priya", "Thomas", "Grace", "Liam", "Chloe",
            "Marcus", "Isla", "Noah", "Hannah", "George", "Zara", "Ethan",
        ],
        &[
            "Clarke", "Bennett", "Shah", "Murphy", "Turner", "Hughes", "Walsh", "Patel", "Reid",
            "Cooper", "Doyle", "Fletcher", "Grant", "Hart", "Lowe", "Pearce",
        ],
    ),
    (
        "de",
        "491515",
        &[
            "Anna", "Lukas", "Leonie", "Felix", "Sophie", "Jürgen", "Marie", "Paul", "Greta",
            "Moritz", "Käthe", "Stefan", "Emre", "Lena", "Björn", "Ute",
        ],
        &[
            "Schmidt", "Müller", "Fischer", "Yılmaz", "Hoffmann", "Schäfer", "Koch", "Richter",
            "Groß", "Wolf", "Neumann", "Krüger", "Vogel", "Lang", "Jäger", "Böhm",
        ],
    ),
    (
        "ru",
        "7900",
        &[
            "Мария",
            "Иван",
            "Екатерина",
            "Алексей",
            "Юлия",
            "Дмитрий",
            "Полина",
            "Сергей",
            "Алёна",
            "Никита",
            "Виктория",
            "Павел",
            "Дарья",
            "Тимур",
            "Ксения",
            "Артём",
        ],
        &[
            "Иванченко",
            "Кузнец",
            "Соколенко",
            "Мороз",
            "Лебедь",
            "Ким",
            "Зайченко",
            "Ткач",
            "Белых",
            "Черных",
            "Коваль",
            "Гончар",
            "Шевчук",
            "Дубчак",
            "Галич",
            "Гайдай",
        ],
    ),
];

impl Cast {
    /// Creates all accounts and groups, and `customers` people outside.
    pub(super) fn create(state: &mut State, relay: Relay, customers: usize, founded: i64) -> Self {
        let operators: Vec<i64> = OPERATORS
            .iter()
            .enumerate()
            .map(|(index, (first, last, username, language))| {
                let id = 301_000_101 + 1_117 * i64::try_from(index).unwrap_or_default();
                person(state, id, first, last, Some(username), language, "3864");
                id
            })
            .collect();
        let owner = operators.first().copied().unwrap_or_default();
        let userbot = 812_345_678;
        person(
            state,
            userbot,
            "Archive",
            "",
            Some("desk_archive"),
            "en",
            "99966",
        );
        if let Some(user) = state.user_mut(userbot) {
            user.password = Some("correct horse battery".to_owned());
        }
        let visitor = 455_667_788;
        person(state, visitor, "Viktor", "Lehner", None, "de", "43660");
        let relay_user = 912_000_345;
        person(
            state,
            relay_user,
            "Customer",
            "Relay",
            Some("desk_relay"),
            "en",
            "99967",
        );
        let assistant = 7_100_200_301;
        bot(
            state,
            assistant,
            "Desk Assistant",
            "desk_assistant_bot",
            false,
        );
        let crm_bot = 6_200_300_402;
        bot(state, crm_bot, "Desk CRM", "desk_crm_bot", false);
        let parcel_bot = 5_300_400_503;
        bot(state, parcel_bot, "Parcel Watch", "parcel_watch_bot", true);
        let mut cast = Self {
            relay,
            userbot,
            visitor,
            assistant,
            crm_bot,
            relay_user,
            parcel_bot,
            author: match relay {
                Relay::Bot => crm_bot,
                Relay::User => relay_user,
            },
            customers: Vec::new(),
            group: GROUP,
            plain_group: PLAIN_GROUP,
            foreign_group: FOREIGN_GROUP,
            people: [userbot]
                .into_iter()
                .chain(operators.iter().copied())
                .chain([visitor, relay_user])
                .collect(),
            bots: vec![assistant, crm_bot, parcel_bot],
            groups: vec![GROUP, PLAIN_GROUP, FOREIGN_GROUP],
            operators,
        };
        cast.add_groups(state, owner, founded);
        let mut random = Random::new(state.seed() ^ 0xC0FF_EE00);
        for index in 0..customers {
            let id = add_customer(state, &mut random, index);
            cast.customers.push(id);
        }
        cast
    }

    fn add_groups(&self, state: &mut State, owner: i64, founded: i64) {
        state.add_group(self.group, "Support desk", true, owner, founded);
        for operator in &self.operators {
            state.add_member(self.group, *operator, true);
            state.add_member(self.plain_group, *operator, false);
        }
        // The CRM manages topics, whichever of its accounts does the work.
        state.add_member(self.group, self.crm_bot, true);
        if self.relay == Relay::User {
            state.add_member(self.group, self.relay_user, true);
        }
        for member in [self.userbot, self.assistant, self.parcel_bot, self.visitor] {
            state.add_member(self.group, member, false);
        }
        state.add_group(self.plain_group, "Desk lounge", false, owner, founded + 60);
        for member in self.operators.iter().skip(1).chain([&self.userbot]) {
            state.add_member(self.plain_group, *member, false);
        }
        state.add_group(
            self.foreign_group,
            "Billing desk",
            true,
            owner,
            founded + 120,
        );
    }
}

fn secret(state: &State, of: i64) -> String {
    format!("{:016x}{:016x}", state.hash(of), state.hash(of ^ 0x5EC2))
}

fn bot(state: &mut State, id: i64, name: &str, username: &str, privacy_mode: bool) {
    let token = format!("{id}:AA{}", secret(state, id));
    state.add_user(User {
        id,
        first_name: name.to_owned(),
        username: Some(username.to_owned()),
        bot: Some(Bot {
            token,
            privacy_mode,
            bot_to_bot: false,
        }),
        ..User::default()
    });
}

fn person(
    state: &mut State,
    id: i64,
    first_name: &str,
    last_name: &str,
    username: Option<&str>,
    language: &str,
    phone_prefix: &str,
) {
    let code = format!("{:05}", state.hash(id).unsigned_abs() % 100_000);
    let line = state.hash(id ^ 0xF0E).unsigned_abs() % 10_000_000;
    state.add_user(User {
        id,
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        username: username.map(str::to_owned),
        phone: Some(format!("{phone_prefix}{line:07}")),
        language: language.to_owned(),
        code,
        ..User::default()
    });
}

/// A customer: every third speaks English, German, Russian.
fn add_customer(state: &mut State, random: &mut Random, index: usize) -> i64 {
    let (language, phone, first_names, last_names) = POOLS
        .get(index % POOLS.len())
        .copied()
        .unwrap_or(("en", "44770", &["Emma"], &["Clarke"]));
    let first = random.pick(first_names).copied().unwrap_or_default();
    let last = random.pick(last_names).copied().unwrap_or_default();
    let number = i64::try_from(index).unwrap_or_default();
    let id =
        1_000_000_000 + number * 7_919 + i64::try_from(random.below(7_000)).unwrap_or_default();
    let username = random
        .chance(60)
        .then(|| format!("{language}_customer_{}", id % 100_000));
    // Some people have no last name, as in life.
    let last = if random.chance(12) { "" } else { last };
    person(state, id, first, last, username.as_deref(), language, phone);
    id
}
