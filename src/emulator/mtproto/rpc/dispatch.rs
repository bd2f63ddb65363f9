//! From a request's bytes to its answer's.

use grammers_tl_types::{
    Cursor, Deserializable, Identifiable, Serializable, deserialize, functions, name_for_id, types,
};

use super::nesting::too_deep;
use super::refusal::RpcRefusal;
use super::{
    auth, buttons, changes, channels, contacts, dialogs, files, help, history, marks, messages,
    participants, reactions, search, sessions, tokens, topics, updates, uploads, users,
};
use crate::emulator::mtproto::place::Caller;
use crate::emulator::world::User;

/// Wrappers (`invokeWithLayer`, `initConnection`, …) inside each other.
const DEEPEST: usize = 8;

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

/// Whether a request is one that takes so long that others must not wait for its answer.
pub(in crate::emulator::mtproto) fn takes_long(request: &[u8]) -> bool {
    let constructor = request.first_chunk().copied().map_or(0, u32::from_le_bytes);
    computes_long(constructor) || waits(constructor)
}

/// Passwords: long enough to hold up everything else on a thread.
fn computes_long(constructor: u32) -> bool {
    matches!(
        constructor,
        functions::account::GetPassword::CONSTRUCTOR_ID
            | functions::auth::CheckPassword::CONSTRUCTOR_ID
    )
}

/// Buttons: a bot has to answer first.
fn waits(constructor: u32) -> bool {
    constructor == functions::messages::GetBotCallbackAnswer::CONSTRUCTOR_ID
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
    let request = lenient(request);
    let name = name_for_id(constructor);
    caller.place.world.write(|state| {
        let methods = state.journal.methods.entry(user.unwrap_or(0)).or_default();
        *methods.entry(name.to_owned()).or_default() += 1;
    });
    if let Some(failure) = caller.place.faults.refusal_mtproto(user.unwrap_or(0), name) {
        return Answer {
            body: RpcRefusal::from(failure).to_bytes(),
            told: Vec::new(),
            listens,
        };
    }
    if let Some(home) = elsewhere(&caller, user, name) {
        let refusal = RpcRefusal::new(303, &format!("USER_MIGRATE_{home}"));
        return Answer {
            body: refusal.to_bytes(),
            told: Vec::new(),
            listens: false,
        };
    }
    let is_bot = |id| {
        let world = &caller.place.world;
        world.read(|state| state.user(id).is_some_and(User::is_bot))
    };
    if for_people(name) && user.is_some_and(is_bot) {
        return Answer {
            body: RpcRefusal::bad("BOT_METHOD_INVALID").to_bytes(),
            told: Vec::new(),
            listens,
        };
    }
    let mut call = Call {
        caller,
        user,
        told: Vec::new(),
    };
    if waits(constructor) {
        let cursor = &mut Cursor::from_slice(request.get(4..).unwrap_or_default());
        let answer = match functions::messages::GetBotCallbackAnswer::deserialize(cursor) {
            Ok(request) => buttons::get_bot_callback_answer(&call, request)
                .await
                .map(|answer| answer.to_bytes()),
            Err(error) => Err(malformed(error)),
        };
        return Answer {
            body: answer.unwrap_or_else(|refusal| refusal.to_bytes()),
            told: Vec::new(),
            listens,
        };
    }
    let work = move || {
        let body =
            dispatch(&mut call, constructor, &request).unwrap_or_else(|refusal| refusal.to_bytes());
        (body, call.told)
    };
    let (body, told) = if computes_long(constructor) {
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

/// The datacentre that a request must go to instead. In a foreign one an account may only come and
/// go, and fetch files.
fn elsewhere(caller: &Caller, user: Option<i64>, method: &str) -> Option<i32> {
    let anywhere = ["auth.", "help.", "upload."];
    let home = caller.place.faults.home_dc(user?);
    let bound = !anywhere.iter().any(|family| method.starts_with(family));
    (bound && home != caller.dc()).then_some(home)
}

/// Telethon mentions people by a peer where the schema has a user. Both have the same fields, and
/// the real server takes either, so the one is read as the other.
fn lenient(mut request: Vec<u8>) -> Vec<u8> {
    let mention = types::InputMessageEntityMentionName::CONSTRUCTOR_ID.to_le_bytes();
    let peer = types::InputPeerUser::CONSTRUCTOR_ID.to_le_bytes();
    let user = types::InputUser::CONSTRUCTOR_ID.to_le_bytes();
    let words = request.as_chunks_mut::<4>().0;
    for at in 0..words.len() {
        // Behind the constructor stand offset and length.
        if words.get(at) == Some(&mention)
            && let Some(whom) = words.get_mut(at + 3)
            && *whom == peer
        {
            *whom = user;
        }
    }
    request
}

/// Whether bots may not call a method. They hear what is said from when they are there on: history,
/// search and lists of chats are for people, and so is whatever only an app needs.
fn for_people(method: &str) -> bool {
    const METHODS: [&str; 17] = [
        "messages.getHistory",
        "messages.getReplies",
        "messages.search",
        "messages.searchGlobal",
        "messages.getSearchCounters",
        "messages.getDialogs",
        "messages.getPinnedDialogs",
        "messages.getPeerDialogs",
        "messages.getForumTopics",
        "messages.getMessagesReactions",
        "messages.getMessageReactionsList",
        "messages.sendVote",
        "messages.getPollResults",
        "messages.getBotCallbackAnswer",
        "channels.inviteToChannel",
        "channels.joinChannel",
        "channels.exportMessageLink",
    ];
    let family = |name: &str| name.starts_with("account.") || name.starts_with("contacts.");
    let named = method == "contacts.resolveUsername";
    METHODS.contains(&method) || (family(method) && !named)
}

/// Takes wrappers off; tells whether the request wants pushes.
fn unwrap(mut request: Vec<u8>) -> Result<(Vec<u8>, bool), RpcRefusal> {
    // The bytes of a file may be anything, and nothing in such a request can nest.
    let constructor = request.first_chunk().copied().map_or(0, u32::from_le_bytes);
    let part = matches!(
        constructor,
        functions::upload::SaveFilePart::CONSTRUCTOR_ID
            | functions::upload::SaveBigFilePart::CONSTRUCTOR_ID
    );
    if !part && too_deep(&request) {
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

/// The table of methods: the request's type and who answers it. A new method is a line here and a
/// function in the file of its family. What waits for somebody else is not in it: see [`waits`].
macro_rules! table {
    ($with:ident) => {
        $with! {
            functions::help::GetConfig => help::get_config,
            functions::help::GetNearestDc => help::get_nearest_dc,
            functions::help::GetAppConfig => help::get_app_config,
            functions::help::GetTermsOfServiceUpdate => help::get_terms_of_service_update,
            functions::help::GetPromoData => help::get_promo_data,
            functions::help::GetAppUpdate => help::get_app_update,
            functions::auth::SendCode => auth::send_code,
            functions::auth::ResendCode => auth::resend_code,
            functions::auth::CancelCode => auth::cancel_code,
            functions::auth::SignIn => auth::sign_in,
            functions::auth::ImportBotAuthorization => auth::import_bot_authorization,
            functions::auth::ExportLoginToken => tokens::export_login_token,
            functions::auth::ImportLoginToken => tokens::import_login_token,
            functions::auth::AcceptLoginToken => tokens::accept_login_token,
            functions::auth::ExportAuthorization => tokens::export_authorization,
            functions::auth::ImportAuthorization => tokens::import_authorization,
            functions::account::GetPassword => auth::get_password,
            functions::auth::CheckPassword => auth::check_password,
            functions::auth::LogOut => auth::log_out,
            functions::auth::ResetAuthorizations => sessions::reset_authorizations,
            functions::account::GetAuthorizations => sessions::get_authorizations,
            functions::account::ResetAuthorization => sessions::reset_authorization,
            functions::account::UpdateProfile => sessions::update_profile,
            functions::account::UpdateUsername => sessions::update_username,
            functions::account::GetNotifySettings => sessions::get_notify_settings,
            functions::account::UpdateStatus => marks::update_status,
            functions::users::GetUsers => users::get_users,
            functions::users::GetFullUser => users::get_full_user,
            functions::photos::GetUserPhotos => users::get_user_photos,
            functions::contacts::ResolveUsername => contacts::resolve_username,
            functions::contacts::ResolvePhone => contacts::resolve_phone,
            functions::contacts::Search => contacts::search,
            functions::contacts::GetContacts => contacts::get_contacts,
            functions::contacts::GetBlocked => contacts::get_blocked,
            functions::messages::GetDialogs => dialogs::get_dialogs,
            functions::messages::GetPinnedDialogs => dialogs::get_pinned_dialogs,
            functions::messages::GetPeerDialogs => dialogs::get_peer_dialogs,
            functions::messages::GetHistory => history::get_history,
            functions::messages::GetReplies => history::get_replies,
            functions::messages::Search => search::search,
            functions::messages::SetBotCallbackAnswer => buttons::set_bot_callback_answer,
            functions::messages::GetSearchCounters => search::get_search_counters,
            functions::messages::SearchGlobal => search::search_global,
            functions::messages::GetMessages => history::get_messages,
            functions::channels::GetMessages => history::get_channel_messages,
            functions::messages::GetForumTopics => topics::get_forum_topics,
            functions::messages::GetForumTopicsById => topics::get_forum_topics_by_id,
            functions::messages::CreateForumTopic => topics::create_forum_topic,
            functions::messages::EditForumTopic => topics::edit_forum_topic,
            functions::messages::UpdatePinnedForumTopic => topics::update_pinned_forum_topic,
            functions::messages::DeleteTopicHistory => changes::delete_topic_history,
            functions::messages::SendMessage => messages::send_message,
            functions::messages::SendMedia => messages::send_media,
            functions::messages::SendMultiMedia => messages::send_multi_media,
            functions::messages::UploadMedia => messages::upload_media,
            functions::messages::ForwardMessages => messages::forward_messages,
            functions::messages::EditMessage => changes::edit_message,
            functions::messages::DeleteMessages => changes::delete_messages,
            functions::channels::DeleteMessages => changes::delete_channel_messages,
            functions::messages::UpdatePinnedMessage => changes::update_pinned_message,
            functions::messages::UnpinAllMessages => changes::unpin_all_messages,
            functions::messages::SendReaction => reactions::send_reaction,
            functions::messages::GetMessagesReactions => reactions::get_messages_reactions,
            functions::messages::GetMessageReactionsList => reactions::get_message_reactions_list,
            functions::messages::SendVote => reactions::send_vote,
            functions::messages::GetPollResults => reactions::get_poll_results,
            functions::messages::SetTyping => marks::set_typing,
            functions::messages::ReadDiscussion => marks::read_discussion,
            functions::messages::ReadMentions => marks::read_mentions,
            functions::messages::ReadReactions => marks::read_reactions,
            functions::channels::ReadHistory => marks::read_channel,
            functions::channels::ReadMessageContents => marks::read_message_contents,
            functions::channels::GetChannels => channels::get_channels,
            functions::channels::GetFullChannel => channels::get_full_channel,
            functions::channels::EditTitle => channels::edit_title,
            functions::messages::EditChatAbout => channels::edit_about,
            functions::channels::ExportMessageLink => channels::export_message_link,
            functions::channels::GetParticipant => participants::get_participant,
            functions::channels::GetParticipants => participants::get_participants,
            functions::channels::EditAdmin => participants::edit_admin,
            functions::channels::EditBanned => participants::edit_banned,
            functions::channels::InviteToChannel => participants::invite_to_channel,
            functions::channels::JoinChannel => participants::join_channel,
            functions::channels::LeaveChannel => participants::leave_channel,
            functions::messages::CheckChatInvite => participants::check_chat_invite,
            functions::messages::ImportChatInvite => participants::import_chat_invite,
            functions::updates::GetState => updates::get_state,
            functions::updates::GetDifference => updates::get_difference,
            functions::updates::GetChannelDifference => updates::get_channel_difference,
            functions::upload::GetFile => files::get_file,
            functions::upload::SaveFilePart => uploads::save_file_part,
            functions::upload::SaveBigFilePart => uploads::save_big_file_part,
        }
    };
}

/// Answers a request whose wrappers have been taken off.
fn dispatch(call: &mut Call, constructor: u32, request: &[u8]) -> Result<Vec<u8>, RpcRefusal> {
    let cursor = &mut Cursor::from_slice(request.get(4..).unwrap_or_default());
    macro_rules! find {
        ($($request:path => $handler:path,)*) => {
            match constructor {
                $(<$request>::CONSTRUCTOR_ID => {
                    let request = <$request>::deserialize(cursor).map_err(malformed)?;
                    Ok($handler(call, request)?.to_bytes())
                })*
                unknown => {
                    tracing::warn!(
                        constructor = format_args!("{unknown:#010x}"),
                        name = name_for_id(unknown),
                        "a client called a method that the emulator does not have"
                    );
                    Err(RpcRefusal::bad("INPUT_METHOD_INVALID"))
                }
            }
        };
    }
    table!(find)
}

/// The constructors of all methods.
pub(in crate::emulator::mtproto) fn constructors() -> Vec<u32> {
    macro_rules! list {
        ($($request:path => $handler:path,)*) => {
            vec![$(<$request>::CONSTRUCTOR_ID,)*]
        };
    }
    let mut all = table!(list);
    all.push(functions::messages::GetBotCallbackAnswer::CONSTRUCTOR_ID);
    all
}
