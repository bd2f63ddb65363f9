//! From a request's bytes to its answer's.

use grammers_tl_types::{
    Cursor, Deserializable, Identifiable, Serializable, deserialize, functions, name_for_id,
};

use super::refusal::RpcRefusal;
use super::{auth, channels, dialogs, files, help, history, messages, topics, updates, users};
use crate::emulator::mtproto::place::Caller;

/// Wrappers (`invokeWithLayer`, `initConnection`, …) inside each other.
const DEEPEST: usize = 8;
/// Constructors in one request, at most, lists of messages and entities aside. The hungriest of
/// them take some 13 kB of stack a level in a debug build.
const CONSTRUCTORS: usize = 64;

/// What a request is answered with.
#[derive(Debug)]
pub(in crate::emulator::mtproto) struct Answer {
    /// The result, or an `rpc_error`.
    pub(in crate::emulator::mtproto) body: Vec<u8>,
    /// Indexes of the log's changes that the result tells, so that no push repeats them.
    pub(in crate::emulator::mtproto) told: Vec<usize>,
    /// Whether the session gets pushes from now on.
    pub(in crate::emulator::mtproto) listens: bool,
}

/// A request under way.
pub(super) struct Call {
    /// Who asks, and of whom.
    pub(super) caller: Caller,
    /// The logged-in user, if any.
    pub(super) user: Option<i64>,
    /// See [`Answer::told`].
    pub(super) told: Vec<usize>,
}

impl Call {
    /// The logged-in user, for methods that need one.
    pub(super) fn me(&self) -> Result<i64, RpcRefusal> {
        self.user.ok_or_else(RpcRefusal::unregistered)
    }
}

/// The rest of a request: what a wrapper wraps.
struct Rest(Vec<u8>);

impl Deserializable for Rest {
    fn deserialize(cursor: &mut Cursor<'_>) -> deserialize::Result<Self> {
        let mut rest = Vec::new();
        cursor.read_to_end(&mut rest)?;
        Ok(Self(rest))
    }
}

/// Answers a request.
pub(in crate::emulator::mtproto) async fn answer(caller: Caller, request: Vec<u8>) -> Answer {
    let (request, mut listens) = match unwrap(request) {
        Ok(unwrapped) => unwrapped,
        Err(refusal) => {
            return Answer {
                body: refusal.to_bytes(),
                told: Vec::new(),
                listens: false,
            };
        }
    };
    let constructor = request.first_chunk().copied().map_or(0, u32::from_le_bytes);
    let user = caller.place.keys.user(&caller.key);
    listens &= user.is_some();
    let name = name_for_id(constructor);
    caller.place.world.write(|state| {
        let methods = state.journal.methods.entry(user.unwrap_or(0)).or_default();
        *methods.entry(name.to_owned()).or_default() += 1;
    });
    if let Some(failure) = caller.place.faults.take_mtproto(name) {
        return Answer {
            body: RpcRefusal::from(failure).to_bytes(),
            told: Vec::new(),
            listens,
        };
    }
    let mut call = Call {
        caller,
        user,
        told: Vec::new(),
    };
    let work = move || {
        let body =
            dispatch(&mut call, constructor, &request).unwrap_or_else(|refusal| refusal.to_bytes());
        (body, call.told)
    };
    // Passwords take long enough to hold up everything else on this thread.
    let slow = matches!(
        constructor,
        functions::account::GetPassword::CONSTRUCTOR_ID
            | functions::auth::CheckPassword::CONSTRUCTOR_ID
    );
    let (body, told) = if slow {
        let failed = |_| (RpcRefusal::new(500, "RPC_CALL_FAIL").to_bytes(), Vec::new());
        tokio::task::spawn_blocking(work)
            .await
            .unwrap_or_else(failed)
    } else {
        work()
    };
    Answer {
        body,
        told,
        listens,
    }
}

/// Whether a request has more constructors than any real one. Types that contain themselves are
/// read by recursion, a constructor a level, so whatever passes cannot exhaust the stack.
fn crowded(request: &[u8]) -> bool {
    let words = request.as_chunks().0.iter().copied();
    let counted = words.filter(|word| counts(u32::from_le_bytes(*word)));
    counted.take(CONSTRUCTORS + 1).count() > CONSTRUCTORS
}

/// Whether a word is a constructor that others could be inside of.
fn counts(word: u32) -> bool {
    let name = name_for_id(word);
    // What is no constructor has the name that 0 has.
    name != name_for_id(0) && name != "inputMessageID" && !name.starts_with("messageEntity")
}

/// Takes wrappers off; tells whether the request wants pushes.
fn unwrap(mut request: Vec<u8>) -> Result<(Vec<u8>, bool), RpcRefusal> {
    if crowded(&request) {
        return Err(RpcRefusal::bad("INPUT_REQUEST_TOO_LONG"));
    }
    let mut listens = true;
    for _ in 0..DEEPEST {
        let cursor = &mut Cursor::from_slice(&request);
        let constructor = u32::deserialize(cursor).map_err(malformed)?;
        let rest = match constructor {
            functions::InvokeWithLayer::<Rest>::CONSTRUCTOR_ID => {
                functions::InvokeWithLayer::<Rest>::deserialize(cursor).map(|it| it.query)
            }
            functions::InitConnection::<Rest>::CONSTRUCTOR_ID => {
                let wrapper = functions::InitConnection::<Rest>::deserialize(cursor);
                if wrapper.as_ref().is_ok_and(|it| it.api_id <= 0) {
                    return Err(RpcRefusal::bad("API_ID_INVALID"));
                }
                wrapper.map(|it| it.query)
            }
            functions::InvokeWithoutUpdates::<Rest>::CONSTRUCTOR_ID => {
                listens = false;
                functions::InvokeWithoutUpdates::<Rest>::deserialize(cursor).map(|it| it.query)
            }
            functions::InvokeAfterMsg::<Rest>::CONSTRUCTOR_ID => {
                functions::InvokeAfterMsg::<Rest>::deserialize(cursor).map(|it| it.query)
            }
            functions::InvokeAfterMsgs::<Rest>::CONSTRUCTOR_ID => {
                functions::InvokeAfterMsgs::<Rest>::deserialize(cursor).map(|it| it.query)
            }
            _ => return Ok((request, listens)),
        };
        request = rest.map_err(malformed)?.0;
    }
    Err(RpcRefusal::bad("INPUT_REQUEST_TOO_LONG"))
}

fn malformed(_: deserialize::Error) -> RpcRefusal {
    RpcRefusal::bad("INPUT_FETCH_ERROR")
}

/// The table of methods: the request's type and who answers it.
macro_rules! methods {
    ($call:ident, $constructor:ident, $cursor:ident; $($request:path => $handler:path,)*) => {
        match $constructor {
            $(<$request>::CONSTRUCTOR_ID => {
                let request = <$request>::deserialize($cursor).map_err(malformed)?;
                Ok($handler($call, request)?.to_bytes())
            })*
            unknown => {
                tracing::warn!(
                    constructor = format_args!("{unknown:#010x}"),
                    name = name_for_id(unknown),
                    "a client called a method that the emulator does not have"
                );
                Err(RpcRefusal::bad("METHOD_UNSUPPORTED"))
            }
        }
    };
}

fn dispatch(call: &mut Call, constructor: u32, request: &[u8]) -> Result<Vec<u8>, RpcRefusal> {
    let cursor = &mut Cursor::from_slice(request.get(4..).unwrap_or_default());
    methods! { call, constructor, cursor;
        functions::help::GetConfig => help::get_config,
        functions::help::GetNearestDc => help::get_nearest_dc,
        functions::help::GetAppConfig => help::get_app_config,
        functions::auth::SendCode => auth::send_code,
        functions::auth::ResendCode => auth::resend_code,
        functions::auth::CancelCode => auth::cancel_code,
        functions::auth::SignIn => auth::sign_in,
        functions::account::GetPassword => auth::get_password,
        functions::auth::CheckPassword => auth::check_password,
        functions::auth::LogOut => auth::log_out,
        functions::account::UpdateStatus => users::update_status,
        functions::users::GetUsers => users::get_users,
        functions::users::GetFullUser => users::get_full_user,
        functions::messages::GetDialogs => dialogs::get_dialogs,
        functions::messages::GetPinnedDialogs => dialogs::get_pinned_dialogs,
        functions::messages::GetPeerDialogs => dialogs::get_peer_dialogs,
        functions::messages::GetHistory => history::get_history,
        functions::messages::GetReplies => history::get_replies,
        functions::messages::Search => history::search,
        functions::messages::GetMessages => history::get_messages,
        functions::channels::GetMessages => history::get_channel_messages,
        functions::messages::GetForumTopics => topics::get_forum_topics,
        functions::messages::GetForumTopicsById => topics::get_forum_topics_by_id,
        functions::messages::SendMessage => messages::send_message,
        functions::messages::EditMessage => messages::edit_message,
        functions::messages::DeleteMessages => messages::delete_messages,
        functions::channels::DeleteMessages => messages::delete_channel_messages,
        functions::channels::GetChannels => channels::get_channels,
        functions::channels::GetFullChannel => channels::get_full_channel,
        functions::channels::GetParticipant => channels::get_participant,
        functions::channels::GetParticipants => channels::get_participants,
        functions::updates::GetState => updates::get_state,
        functions::updates::GetDifference => updates::get_difference,
        functions::updates::GetChannelDifference => updates::get_channel_difference,
        functions::upload::GetFile => files::get_file,
    }
}
