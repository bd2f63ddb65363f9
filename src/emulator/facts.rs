//! What clients of a running emulator need to know.

use std::net::SocketAddr;

use serde::Serialize;

use super::crm::Crm;
use super::faults::HOME_DC;
use super::mtproto::KeyRing;
use super::scenario::Cast;
use super::systems::SystemsFacts;
use super::world::{Group, State, User, World};

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
    /// Outside systems.
    pub systems: SystemsFacts,
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
    /// Without the `@`, where they have one.
    pub username: Option<String>,
    /// With `+`.
    pub phone: String,
    /// The code that a login asks for.
    pub code: String,
    /// The two-step password, where one is set.
    pub password: Option<String>,
    /// A shared authorisation key of its own, 256 bytes in hexadecimal; whoever uses it is logged
    /// in as this account without further ado.
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

/// Where the servers listen.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    /// MTProto.
    pub(super) mtproto: SocketAddr,
    /// Base URL of the Bot API.
    pub(super) bot_api: String,
    /// Base URL of the control port.
    pub(super) control: String,
}

impl Facts {
    /// Gathers them, and makes the keys: one shared key that nobody is logged in on, and one for
    /// each person, on which they are logged in from the start.
    pub(super) fn gather(
        world: &World,
        cast: &Cast,
        keys: &KeyRing,
        crm: &Crm,
        systems: SystemsFacts,
        at: &Addresses,
    ) -> Self {
        let auth_key_hex = keys.share(world, "default");
        let listed = |ids: &[i64]| -> Vec<User> {
            let found = |state: &State| {
                let users = ids.iter().filter_map(|id| state.user(*id));
                users.cloned().collect()
            };
            world.read(found)
        };
        let users = listed(&cast.people).into_iter().map(|user| UserFacts {
            auth_key_hex: keys.share_logged_in(world, &format!("user {}", user.id), user.id),
            id: user.id,
            first_name: user.first_name,
            username: user.username,
            phone: format!("+{}", user.phone.unwrap_or_default()),
            code: user.code,
            password: user.password,
        });
        let users = users.collect();
        let secrets = crm.keys();
        world.read(|state| Self {
            mtproto: MtprotoFacts {
                addr: at.mtproto.to_string(),
                dc_id: HOME_DC,
                layer: grammers_tl_types::LAYER,
                rsa_public_key_pem: KeyRing::rsa_public_key_pem(),
                auth_key_hex,
            },
            bot_api: at.bot_api.clone(),
            control: at.control.clone(),
            crm: CrmFacts {
                url: format!("{}{}", at.control, super::crm::TOPICS_API_PATH),
                api_key: secrets.api_key.clone(),
                instance: secrets.instance.clone(),
                instance_api_key: secrets.instance_api_key.clone(),
            },
            systems,
            api: ApiFacts {
                api_id: state.api_id(),
                api_hash: state.api_hash(),
            },
            users,
            bots: cast
                .bots
                .iter()
                .filter_map(|id| state.user(*id))
                .filter_map(bot)
                .collect(),
            groups: cast
                .groups
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
