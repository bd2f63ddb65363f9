//! What we may ask of Telegram: reading, logging in, and logging out; and posting what lies in the
//! vault's outbox for the userbot, where a group is configured so. Nothing else.
//!
//! No marking as read, no typing, no presence. The compiler holds us to it: the client
//! is private to this file, and [`Telegram::read`] takes only the requests listed here. A test
//! looks for ways around it, and another one compares the lists with what the built-in Telegram
//! was really asked.

use std::future::Future;
use std::time::Duration;

use grammers_client::client::{Client, PasswordToken};
use grammers_client::{SignInError, tl};
use grammers_mtsender::{InvocationError, SenderPoolFatHandle};

use super::error::CaptureError;
use super::flood::wait_of;
use super::pacer::{Lane, Pacer};

/// A wait from which on it is worth a warning.
const LONG_WAIT: Duration = Duration::from_secs(60);

mod sealed {
    /// Keeps other files from widening the lists.
    pub(in crate::capture) trait Listed {
        /// The method's name in Telegram's schema.
        const METHOD: &'static str;
    }
}

/// A request that only reads.
pub(super) trait Reads: tl::RemoteCall + sealed::Listed {}
/// A request that carries a login to another datacentre.
pub(super) trait Carries: tl::RemoteCall + sealed::Listed {}
/// A request that belongs to logging in.
pub(super) trait LogsIn: tl::RemoteCall + sealed::Listed {}

/// A request that posts what lies in the outbox.
pub(super) trait Sends: tl::RemoteCall + sealed::Listed {}

/// A request that ends a login, at its owner's command.
pub(super) trait Leaves: tl::RemoteCall + sealed::Listed {}

macro_rules! list {
    ($(#[$doc:meta])* $name:ident, $names:ident, $marker:ident: $($path:ident::$function:ident => $method:literal,)*) => {
        $(
            impl sealed::Listed for tl::functions::$path::$function {
                const METHOD: &'static str = $method;
            }
            impl $marker for tl::functions::$path::$function {}
        )*
        $(#[$doc])*
        pub const $name: &[&str] = &[$($method),*];

        #[cfg(test)]
        fn $names() -> Vec<&'static str> {
            use tl::Identifiable as _;
            vec![$(tl::name_for_id(tl::functions::$path::$function::CONSTRUCTOR_ID)),*]
        }
    };
}

list! {
    /// The methods that capture calls.
    READING, names_of_reading, Reads:
    updates::GetState => "updates.getState",
    updates::GetChannelDifference => "updates.getChannelDifference",
    users::GetUsers => "users.getUsers",
    channels::GetChannels => "channels.getChannels",
    channels::GetFullChannel => "channels.getFullChannel",
    channels::GetMessages => "channels.getMessages",
    messages::GetDialogs => "messages.getDialogs",
    messages::GetHistory => "messages.getHistory",
    messages::GetReplies => "messages.getReplies",
    messages::GetForumTopics => "messages.getForumTopics",
    messages::GetMessageReactionsList => "messages.getMessageReactionsList",
    channels::GetParticipants => "channels.getParticipants",
    upload::GetFile => "upload.getFile",
}

list! {
    /// The methods that a login calls besides.
    LOGIN, names_of_login, LogsIn:
    auth::SendCode => "auth.sendCode",
    auth::SignIn => "auth.signIn",
    auth::CheckPassword => "auth.checkPassword",
    account::GetPassword => "account.getPassword",
    auth::ExportLoginToken => "auth.exportLoginToken",
    auth::ImportLoginToken => "auth.importLoginToken",
}

list! {
    /// The methods that post what lies in the outbox.
    SENDING, names_of_sending, Sends:
    messages::SendMessage => "messages.sendMessage",
}

list! {
    /// The methods that `logout` calls.
    LEAVING, names_of_leaving, Leaves:
    auth::LogOut => "auth.logOut",
}

list! {
    /// The methods that carry a login to another datacentre, where a file lies.
    ELSEWHERE, names_of_elsewhere, Carries:
    auth::ExportAuthorization => "auth.exportAuthorization",
    auth::ImportAuthorization => "auth.importAuthorization",
}

/// The methods that grammers calls by itself to hold the connection and to fill gaps.
pub const CONNECTION: &[&str] = &[
    "invokeWithLayer",
    "initConnection",
    "help.getConfig",
    "ping",
    "ping_delay_disconnect",
    "updates.getDifference",
    "updates.getChannelDifference",
];

/// The only way to Telegram.
#[derive(Clone)]
pub(super) struct Telegram {
    client: Client,
    pool: SenderPoolFatHandle,
    /// Connections to other datacentres than the account's, for files.
    elsewhere: SenderPoolFatHandle,
    pacer: Pacer,
    pressing: bool,
}

impl Telegram {
    pub(super) fn new(
        pool: SenderPoolFatHandle,
        elsewhere: SenderPoolFatHandle,
        pacer: Pacer,
    ) -> Self {
        Self {
            client: Client::new(pool.clone()),
            pool,
            elsewhere,
            pacer,
            pressing: true,
        }
    }

    /// The same for what can wait: whatever else is asked goes first.
    pub(super) fn patient(&self) -> Self {
        Self {
            pressing: false,
            ..self.clone()
        }
    }

    /// Reads something, at the pace that Telegram permits; keeps every wait that it asks for in
    /// full, and then asks again.
    pub(super) async fn read<R: Reads>(&self, request: &R) -> Result<R::Return, CaptureError> {
        let lane = Lane::of(R::METHOD);
        loop {
            self.pacer.turn(lane, self.pressing).await;
            let answer = self.client.invoke(request).await;
            match answer.as_ref().err().and_then(wait_of) {
                Some(wait) => {
                    let (method, seconds) = (R::METHOD, wait.as_secs());
                    // Short ones are how the pace is learnt; metrics and progress show them all.
                    if wait >= LONG_WAIT {
                        tracing::warn!(method, seconds, "Telegram asks to wait");
                    } else {
                        tracing::info!(method, seconds, "Telegram asks to wait");
                    }
                    self.pacer.wait(lane, wait);
                }
                None => {
                    self.pacer.answered(lane);
                    return Ok(answer?);
                }
            }
        }
    }

    /// Reads something in a datacentre, once: whoever asks has a patience of its own, and a wait
    /// that is asked of it is nobody else's.
    pub(super) async fn read_in<R: Reads>(
        &self,
        dc: i32,
        request: &R,
    ) -> Result<R::Return, InvocationError> {
        self.once(dc, request, Lane::of(R::METHOD)).await
    }

    /// Posts something, once: what became of it, the outbox keeps.
    pub(super) async fn send<R: Sends>(&self, request: &R) -> Result<R::Return, InvocationError> {
        let lane = Lane::of(R::METHOD);
        self.pacer.turn(lane, false).await;
        let answer = self.client.invoke(request).await;
        match answer.as_ref().err().and_then(wait_of) {
            Some(wait) => self.pacer.wait(lane, wait),
            None => self.pacer.answered(lane),
        }
        answer
    }

    /// Lets a datacentre know the login that the account's own one vouches for.
    pub(super) async fn carry_login(&self, dc: i32) -> Result<(), InvocationError> {
        let home = self.pool.session.home_dc_id()?;
        let word = tl::functions::auth::ExportAuthorization { dc_id: dc };
        let tl::enums::auth::ExportedAuthorization::Authorization(word) =
            self.carry(home, &word).await?;
        let import = tl::functions::auth::ImportAuthorization {
            id: word.id,
            bytes: word.bytes,
        };
        self.carry(dc, &import).await.map(drop)
    }

    async fn carry<R: Carries>(&self, dc: i32, request: &R) -> Result<R::Return, InvocationError> {
        self.once(dc, request, Lane::Other).await
    }

    /// Where the account lives.
    pub(super) fn home_dc(&self) -> Result<i32, CaptureError> {
        let home = self.pool.session.home_dc_id();
        Ok(home.map_err(InvocationError::from)?)
    }

    async fn once<R: tl::RemoteCall>(
        &self,
        dc: i32,
        request: &R,
        lane: Lane,
    ) -> Result<R::Return, InvocationError> {
        self.pacer.turn(lane, false).await;
        let home = self.pool.session.home_dc_id()?;
        let pool = if dc == home {
            &self.pool
        } else {
            &self.elsewhere
        };
        let answer = pool.thin.raw_invoke_in_dc(dc, request.to_bytes()).await;
        match answer.as_ref().err().and_then(wait_of) {
            Some(wait) => self.pacer.wait(lane, wait),
            None => self.pacer.answered(lane),
        }
        let answer = answer?;
        Ok(<R::Return as tl::Deserializable>::from_bytes(&answer)?)
    }

    /// A step of a login. The error stays grammers', because a migration to another datacentre is
    /// told through it.
    pub(super) fn log_in<R: LogsIn>(
        &self,
        request: &R,
    ) -> impl Future<Output = Result<R::Return, InvocationError>> {
        self.client.invoke(request)
    }

    /// Ends the login.
    pub(super) async fn leave<R: Leaves>(&self, request: &R) -> Result<R::Return, CaptureError> {
        Ok(self.client.invoke(request).await?)
    }

    /// Answers the two-step password's challenge; on success grammers remembers who we are.
    pub(super) async fn check_password(
        &self,
        challenge: tl::types::account::Password,
        password: &str,
    ) -> Result<(), SignInError> {
        self.client
            .check_password(PasswordToken::new(challenge), password)
            .await
            .map(drop)
    }

    /// Moves to the datacentre where the account lives.
    pub(super) async fn migrate(&self, dc_id: i32) -> Result<(), InvocationError> {
        let old = self.pool.session.home_dc_id()?;
        self.pool.thin.disconnect_from_dc(old);
        self.pool.session.set_home_dc_id(dc_id).await?;
        Ok(())
    }

    /// What the update stream is made from.
    pub(super) fn pool(&self) -> &SenderPoolFatHandle {
        &self.pool
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_lists_name_what_they_allow() {
        assert_eq!(names_of_reading(), READING);
        assert_eq!(names_of_login(), LOGIN);
        assert_eq!(names_of_leaving(), LEAVING);
        assert_eq!(names_of_sending(), SENDING);
        assert_eq!(names_of_elsewhere(), ELSEWHERE);
    }

    #[test]
    fn only_logging_out_ends_a_login() {
        for method in READING.iter().chain(LOGIN).chain(CONNECTION) {
            assert!(!LEAVING.contains(method), "{method}");
        }
    }

    #[test]
    fn nothing_that_others_could_notice_is_on_a_list() {
        for method in READING.iter().chain(CONNECTION) {
            let method = method.to_lowercase();
            for verb in ["send", "read", "typing", "online", "edit", "delete", "join"] {
                assert!(!method.contains(verb), "{method}");
            }
        }
    }

    /// The client is private to this file; this finds whoever takes another way.
    #[test]
    fn no_other_file_talks_to_telegram() {
        fn visit(dir: &std::path::Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    visit(&path, found);
                    continue;
                }
                if path.extension().is_none_or(|extension| extension != "rs")
                    || path.ends_with("allow.rs")
                {
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for way in [
                    ".invoke(",
                    "invoke_in_dc",
                    "grammers_client::Client",
                    "client::Client",
                    "Sender::connect",
                    "connect_with_auth",
                ] {
                    if text.contains(way) {
                        found.push(format!("{}: {way}", path.display()));
                    }
                }
            }
        }
        let mut found = Vec::new();
        let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/capture");
        visit(&dir, &mut found);
        assert_eq!(found, Vec::<String>::new());
    }
}
