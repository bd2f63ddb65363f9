//! What clients of a running emulator need to know.

use serde::Serialize;

use super::mtproto::KeyRing;
use super::server::Emulator;
use super::world::{Group, User};

/// Who and what a client needs to know: everything that `topicvault emulator` prints, one JSON
/// object.
#[derive(Clone, Debug, Serialize)]
pub struct Facts {
    /// The MTProto server.
    pub mtproto: MtprotoFacts,
    /// Base URL of the Bot API.
    pub bot_api: String,
    /// Base URL of the control port.
    pub control: String,
    /// The CRM's Topics API.
    pub crm: CrmFacts,
    /// The application that clients are registered as.
    pub api: ApiFacts,
    /// People who can log in, the userbot's account first.
    pub users: Vec<UserFacts>,
    /// Bots, the assistant first.
    pub bots: Vec<BotFacts>,
    /// Groups, the support desk first.
    pub groups: Vec<GroupFacts>,
}

/// Where and how MTProto clients connect.
#[derive(Clone, Debug, Serialize)]
pub struct MtprotoFacts {
    /// Host and port.
    pub addr: String,
    /// Number of the datacentre it stands for.
    pub dc_id: i32,
    /// The TL layer it speaks.
    pub layer: i32,
    /// The key under which clients begin a handshake, PKCS #1 in PEM; the same in every emulator.
    pub rsa_public_key_pem: &'static str,
    /// A shared authorisation key nobody is logged in on, 256 bytes in hexadecimal.
    pub auth_key_hex: String,
}

/// The CRM's Topics API and its secrets.
#[derive(Clone, Debug, Serialize)]
pub struct CrmFacts {
    /// Full address.
    pub url: String,
    /// Header `X-API-KEY`.
    pub api_key: String,
    /// Name of the connection.
    pub instance: String,
    /// Key of the connection.
    pub instance_api_key: String,
}

/// The application.
#[derive(Clone, Debug, Serialize)]
pub struct ApiFacts {
    /// Its id.
    pub api_id: i32,
    /// Its hash.
    pub api_hash: String,
}

/// An account that can log in.
#[derive(Clone, Debug, Serialize)]
pub struct UserFacts {
    /// User id.
    pub id: i64,
    /// First name.
    pub first_name: String,
    /// With `+`.
    pub phone: String,
    /// The code that a login asks for.
    pub code: String,
    /// The two-step password, where one is set.
    pub password: Option<String>,
    /// A shared authorisation key of its own to log in on, 256 bytes in hexadecimal.
    pub auth_key_hex: String,
}

/// A bot.
#[derive(Clone, Debug, Serialize)]
pub struct BotFacts {
    /// User id.
    pub id: i64,
    /// Without the `@`.
    pub username: String,
    /// Its token.
    pub token: String,
    /// Whether privacy mode is on.
    pub privacy_mode: bool,
    /// Whether it sees other bots.
    pub bot_to_bot: bool,
}

/// A group.
#[derive(Clone, Debug, Serialize)]
pub struct GroupFacts {
    /// Bare id.
    pub id: i64,
    /// Title.
    pub title: String,
    /// Whether it has topics.
    pub forum: bool,
    /// Its topics.
    pub topics: Vec<TopicFacts>,
}

/// A topic.
#[derive(Clone, Debug, Serialize)]
pub struct TopicFacts {
    /// Its id.
    pub id: i32,
    /// Title.
    pub title: String,
    /// The customer it stands for.
    pub customer: Option<i64>,
}

/// The datacentre that the emulator stands for: the one new clients ask first.
const DC_ID: i32 = 2;

impl Facts {
    /// Gathers them.
    pub(super) fn of(emulator: &Emulator) -> Self {
        let (cast, keys) = (&emulator.cast, emulator.crm.keys());
        let share = |name: &str| emulator.keys.share(&emulator.world, name);
        let default_key = share("default");
        let people: Vec<User> = emulator.world.read(|state| {
            [cast.userbot]
                .iter()
                .chain(&cast.operators)
                .chain([&cast.visitor, &cast.relay_user])
                .filter_map(|id| state.user(*id).cloned())
                .collect()
        });
        let users = people
            .into_iter()
            .map(|user| UserFacts {
                auth_key_hex: share(&format!("user {}", user.id)),
                id: user.id,
                first_name: user.first_name,
                phone: format!("+{}", user.phone.unwrap_or_default()),
                code: user.code,
                password: user.password,
            })
            .collect();
        emulator.world.read(|state| Self {
            mtproto: MtprotoFacts {
                addr: emulator.mtproto.to_string(),
                dc_id: DC_ID,
                layer: grammers_tl_types::LAYER,
                rsa_public_key_pem: KeyRing::rsa_public_key_pem(),
                auth_key_hex: default_key,
            },
            bot_api: emulator.bot_api.clone(),
            control: emulator.control.clone(),
            crm: CrmFacts {
                url: format!("{}{}", emulator.control, super::crm::TOPICS_API_PATH),
                api_key: keys.api_key.clone(),
                instance: keys.instance.clone(),
                instance_api_key: keys.instance_api_key.clone(),
            },
            api: ApiFacts {
                api_id: state.api_id(),
                api_hash: state.api_hash(),
            },
            users,
            bots: [cast.assistant, cast.crm_bot, cast.parcel_bot]
                .iter()
                .filter_map(|id| state.user(*id))
                .filter_map(bot)
                .collect(),
            groups: [cast.group, cast.plain_group, cast.foreign_group]
                .iter()
                .filter_map(|id| state.group(*id))
                .map(group)
                .collect(),
        })
    }
}

fn bot(user: &User) -> Option<BotFacts> {
    let bot = user.bot.as_ref()?;
    Some(BotFacts {
        id: user.id,
        username: user.username.clone().unwrap_or_default(),
        token: bot.token.clone(),
        privacy_mode: bot.privacy_mode,
        bot_to_bot: bot.bot_to_bot,
    })
}

fn group(group: &Group) -> GroupFacts {
    GroupFacts {
        id: group.id,
        title: group.title.clone(),
        forum: group.forum,
        topics: group
            .topics
            .values()
            .map(|topic| TopicFacts {
                id: topic.id,
                title: topic.title.clone(),
                customer: topic.customer,
            })
            .collect(),
    }
}
