//! One client's connection: requests in, answers and pushes out.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use grammers_tl_types::Serializable;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::envelope::{self, Message};
use super::handshake::{Handshake, HandshakeError};
use super::keys::Key;
use super::place::{Caller, Place, milliseconds};
use super::session::{self, Session, Verdict};
use super::transport::Transport;
use super::{payload, push, rpc, service};
use crate::emulator::faults::Latency;
use crate::emulator::world::Opened;

/// Bytes and messages in one envelope to a client; Telegram's limit is about a mebibyte.
const ENVELOPE_BYTES: usize = 512 * 1024;
const ENVELOPE_MESSAGES: usize = 50;
/// How long a client may keep the server waiting: for a first message, and to take an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a client that promises no pings may stay silent.
const IDLE: Duration = Duration::from_secs(15 * 60);
/// How often a delayed answer looks whether it is still to be delayed.
const LOOK: Duration = Duration::from_millis(50);
/// Requests of one connection that may take long at the same time; more hold the rest up.
const LATE: usize = 16;

/// Why a connection ends.
#[derive(Debug, thiserror::Error)]
enum End {
    #[error("the client went away")]
    Closed,
    #[error("the server stops")]
    Stopped,
    #[error("a fault ended it")]
    Dropped,
    #[error("the client stayed silent longer than it had promised")]
    Silent,
    #[error("the key is unknown")]
    UnknownKey,
    #[error(transparent)]
    Transport(#[from] super::transport::TransportError),
    #[error(transparent)]
    Envelope(#[from] envelope::EnvelopeError),
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

struct Connection {
    stream: TcpStream,
    transport: Transport,
    handshake: Handshake,
    place: Place,
    number: u64,
    address: SocketAddr,
    /// Known from the first readable frame on.
    peer: Option<Peer>,
    /// Up to where the log has been pushed.
    pushed: usize,
    /// Changes that an answer told already.
    told: BTreeSet<usize>,
    /// Requests whose answers take long; by message id.
    late: JoinSet<(i64, rpc::Answer)>,
    /// A push that a fault lets come after the next one.
    held: Option<(Option<usize>, Vec<u8>)>,
    /// When pushes that a fault delays are due.
    due: Option<Instant>,
    /// When to give the client up: soon if it never says anything, later if it falls silent, or as
    /// it asks for with `ping_delay_disconnect`.
    deadline: Option<Instant>,
    /// Whether it has asked for that.
    promised: bool,
}

struct Peer {
    key: Arc<Key>,
    session: Session,
    /// The user as last written into the journal.
    user: Option<i64>,
    /// Whether this session wants pushes: it has sent a request as a logged-in user.
    listening: bool,
}

/// Serves a client until either side ends it.
pub(super) async fn run(stream: TcpStream, place: Place) {
    let Ok(address) = stream.local_addr() else {
        return;
    };
    if place.faults.refuses_connections() {
        return;
    }
    // Answers are small and awaited.
    let _ = stream.set_nodelay(true);
    let world = place.world.clone();
    let (number, pushed) = world.write(|state| {
        let number = state.journal.connections.len() as u64 + 1;
        state.journal.connections.push(Opened {
            connection: number,
            user: None,
            opened_ms: milliseconds(),
            closed_ms: None,
        });
        (number, state.log().len())
    });
    let mut connection = Connection {
        stream,
        transport: Transport::default(),
        handshake: Handshake::default(),
        place,
        number,
        address,
        peer: None,
        pushed,
        told: BTreeSet::new(),
        late: JoinSet::new(),
        held: None,
        due: None,
        deadline: Some(Instant::now() + PATIENCE),
        promised: false,
    };
    if let Err(end) = connection.serve().await {
        tracing::debug!(connection = number, %end, "an MTProto connection ended");
    }
    world.write(|state| {
        let opened = state.journal.connections.get_mut(number as usize - 1);
        if let Some(opened) = opened {
            opened.closed_ms = Some(milliseconds());
        }
    });
}

impl Connection {
    async fn serve(&mut self) -> Result<(), End> {
        let stop = self.place.stop.clone();
        let mut dropped = self.place.faults.dropped();
        let mut stalled = self.place.faults.stalled();
        let mut changes = self.place.world.changes();
        let mut bytes = vec![0; 32 * 1024];
        loop {
            let (silent, due) = (until(self.deadline), until(self.due));
            tokio::select! {
                // In this order, so that nothing is pushed into a connection that has to end.
                biased;
                () = stop.cancelled() => return Err(End::Stopped),
                Ok(()) = dropped.changed() => return Err(End::Dropped),
                Ok(()) = stalled.changed() => return self.go_silent().await,
                () = silent => return Err(End::Silent),
                read = self.stream.read(&mut bytes) => {
                    let read = read?;
                    if read == 0 {
                        return Err(End::Closed);
                    }
                    self.transport.feed(bytes.get(..read).unwrap_or_default());
                    while let Some(frame) = self.transport.next_frame()? {
                        self.frame(&frame).await?;
                    }
                    self.push().await?;
                }
                Some(late) = self.late.join_next() => {
                    // A panic in there is answered by silence, as a broken server would.
                    if let Ok((request, answer)) = late {
                        let news = self.finish(request, answer);
                        self.note_user();
                        self.send(vec![news]).await?;
                    }
                    self.push().await?;
                }
                Ok(()) = changes.changed() => self.push().await?,
                () = due => self.push().await?,
            }
        }
    }

    /// Keeps the connection open without reading or writing until it may end.
    async fn go_silent(&self) -> Result<(), End> {
        tokio::select! {
            () = self.place.stop.cancelled() => Err(End::Stopped),
            () = self.place.faults.released() => Err(End::Dropped),
        }
    }

    async fn frame(&mut self, frame: &[u8]) -> Result<(), End> {
        let key = envelope::key_id(frame)
            .and_then(|id| self.place.keys.key(id, self.place.dc_at(self.address)));
        let account = key.as_ref().and_then(|key| self.place.keys.user(key));
        let account = account.unwrap_or(0);
        if self.place.faults.drops_frame(account) {
            return Err(End::Dropped);
        }
        if envelope::key_id(frame) == Some([0; 8]) {
            return self.shake_hands(frame).await;
        }
        let Some(key) = key else {
            let error = self.transport.pack_error(404);
            self.write(&error).await?;
            return Err(End::UnknownKey);
        };
        let opened = envelope::open(&key, frame)?;
        if !self.promised {
            self.deadline = Some(Instant::now() + IDLE);
        }
        let known = self
            .peer
            .as_ref()
            .is_some_and(|peer| peer.key.id == key.id && peer.session.id == opened.session);
        if !known {
            self.meet(&key, opened.session);
        }
        if !session::salt_is_valid(&key, opened.salt) {
            let notice = service::new_salt(&key, &opened.message);
            return self.send(vec![(notice, Kind::Notice)]).await;
        }
        let mut news = Vec::new();
        let Some(peer) = &mut self.peer else {
            return Ok(());
        };
        if let Verdict::Bad(error_code) = peer.session.check_outer(opened.message.id) {
            let notice = service::refusal(&opened.message, error_code);
            return self.send(vec![(notice, Kind::Notice)]).await;
        }
        if !peer.session.greeted {
            peer.session.greeted = true;
            let greeting = service::greeting(&key, opened.session, &opened.message);
            news.push((greeting, Kind::Content));
        }
        self.pause(self.place.faults.latency_ms(account)).await?;
        let mut acknowledged = Vec::new();
        for message in payload::unpack(opened.message)? {
            let Some(peer) = &mut self.peer else { break };
            match peer.session.check(message.id) {
                Verdict::Fine => {
                    if message.seq % 2 == 1 {
                        acknowledged.push(message.id);
                    }
                    news.extend(self.handle(&key, message).await);
                }
                Verdict::Repeated => acknowledged.push(message.id),
                Verdict::Bad(error_code) => {
                    let notice = service::refusal(&message, error_code);
                    news.push((notice, Kind::Notice));
                }
            }
        }
        if !acknowledged.is_empty() {
            news.push((service::acknowledgement(acknowledged), Kind::Notice));
        }
        self.note_user();
        self.send(news).await
    }

    /// Lets a delay pass, unless the connection has to end meanwhile or nothing is to be delayed any
    /// more.
    async fn pause(&self, milliseconds: u64) -> Result<(), End> {
        let faults = &self.place.faults;
        let mut dropped = faults.dropped();
        let end = Instant::now() + Duration::from_millis(milliseconds);
        while Instant::now() < end && faults.latency() != Latency::default() {
            let next = end.min(Instant::now() + LOOK);
            tokio::select! {
                () = self.place.stop.cancelled() => return Err(End::Stopped),
                Ok(()) = dropped.changed() => return Err(End::Dropped),
                () = tokio::time::sleep_until(next) => {}
            }
        }
        Ok(())
    }

    /// A message of a client that has no key yet.
    async fn shake_hands(&mut self, frame: &[u8]) -> Result<(), End> {
        let dc = self.place.dc_at(self.address);
        let answer = self
            .handshake
            .answer(frame, session::plain_id(), &self.place.keys, dc);
        match answer {
            Ok(answer) if answer.is_empty() => Ok(()),
            Ok(answer) => {
                let wire = self.transport.pack(&answer);
                self.write(&wire).await
            }
            Err(error) => {
                let wire = self.transport.pack_error(404);
                self.write(&wire).await?;
                Err(error.into())
            }
        }
    }

    /// A client's session on this connection begins.
    fn meet(&mut self, key: &Arc<Key>, session: i64) {
        self.peer = Some(Peer {
            key: Arc::clone(key),
            session: Session::new(session),
            user: None,
            listening: false,
        });
    }

    /// One request or service message; what it is answered with.
    async fn handle(&mut self, key: &Arc<Key>, message: Message) -> Vec<(Vec<u8>, Kind)> {
        match service::answer(key, &message) {
            Some(service::Reply { body, patience }) => {
                if let Some(patience) = patience {
                    self.promised = true;
                    self.deadline = Some(Instant::now() + patience);
                }
                body.into_iter().map(|body| (body, Kind::Notice)).collect()
            }
            None => {
                let caller = Caller {
                    place: self.place.clone(),
                    key: Arc::clone(key),
                    number: self.number,
                    address: self.address,
                };
                if rpc::takes_long(&message.body) && self.late.len() < LATE {
                    let answer = rpc::answer(caller, message.body);
                    self.late.spawn(async move { (message.id, answer.await) });
                    return Vec::new();
                }
                let answer = rpc::answer(caller, message.body).await;
                vec![self.finish(message.id, answer)]
            }
        }
    }

    /// A request's answer as a message.
    fn finish(&mut self, request: i64, answer: rpc::Answer) -> (Vec<u8>, Kind) {
        self.told.extend(answer.told);
        if let Some(peer) = &mut self.peer {
            peer.listening |= answer.listens;
        }
        (payload::rpc_result(request, answer.body), Kind::Content)
    }

    /// Writes into the journal who is behind the connection, once that changes.
    fn note_user(&mut self) {
        let Some(peer) = &mut self.peer else { return };
        let user = self.place.keys.user(&peer.key);
        if user.is_some() && user != peer.user {
            peer.user = user;
            let number = self.number;
            self.place.world.write(|state| {
                let opened = state.journal.connections.get_mut(number as usize - 1);
                if let Some(opened) = opened {
                    opened.user = user;
                }
            });
        }
    }

    /// Tells the client what happened since last time.
    async fn push(&mut self) -> Result<(), End> {
        let Some(peer) = &self.peer else {
            self.pushed = self.place.world.read(|state| state.log().len());
            return Ok(());
        };
        let user = self.place.keys.user(&peer.key).filter(|_| peer.listening);
        if self.place.keys.take_scanned(&peer.key) {
            let news = push::scanned();
            self.send(vec![(news, Kind::Push)]).await?;
        }
        if self.is_too_early() {
            return Ok(());
        }
        loop {
            let from = self.pushed;
            let mute = self.place.faults.mute();
            let (faults, told) = (&self.place.faults, &self.told);
            let number = self.number;
            let (end, updates) = self.place.world.read(|state| {
                let end = state.log().len().min(from + ENVELOPE_MESSAGES);
                let mut updates = Vec::new();
                if let Some(user) = user.filter(|_| !mute) {
                    for index in (from..end).filter(|index| !told.contains(index)) {
                        let (note, update) = if faults.take_too_long_push() {
                            (None, push::too_long(state, user, index))
                        } else {
                            (Some(index), push::updates(state, user, index))
                        };
                        updates.extend(update.map(|update| (index, (note, update.to_bytes()))));
                    }
                }
                (end, updates)
            });
            if end == from {
                return Ok(());
            }
            self.pushed = end;
            self.told = self.told.split_off(&end);
            let account = user.unwrap_or(0);
            let faults = &self.place.faults;
            let updates = faults.pass_pushes(account, updates, &mut self.held);
            let (notes, bodies): (Vec<_>, Vec<_>) = updates
                .into_iter()
                .map(|(note, body)| (note, (body, Kind::Push)))
                .unzip();
            self.send(bodies).await?;
            let indexes: Vec<usize> = notes.into_iter().flatten().collect();
            // Afterwards, so that the journal never claims what could not be written.
            if !indexes.is_empty() {
                self.place
                    .world
                    .write(|state| push::note(state, &indexes, number, milliseconds()));
            }
        }
    }

    /// Whether a fault delays what there is to push; it is due in a while then.
    fn is_too_early(&mut self) -> bool {
        let delay = self.place.faults.pushes().delay_ms;
        let news = self.place.world.read(|state| state.log().len()) > self.pushed;
        if delay == 0 || !news {
            self.due = None;
            return false;
        }
        let now = Instant::now();
        match self.due {
            Some(due) if due <= now => self.due = None,
            Some(_) => return true,
            None => self.due = now.checked_add(Duration::from_millis(delay)),
        }
        self.due.is_some()
    }

    /// Sends messages in as few envelopes as the limits allow.
    async fn send(&mut self, messages: Vec<(Vec<u8>, Kind)>) -> Result<(), End> {
        let mut batch: Vec<Message> = Vec::new();
        let mut size = 0;
        for (body, kind) in messages {
            if !batch.is_empty()
                && (size + body.len() > ENVELOPE_BYTES || batch.len() >= ENVELOPE_MESSAGES)
            {
                self.seal(std::mem::take(&mut batch)).await?;
                size = 0;
            }
            size += body.len();
            let Some(peer) = &mut self.peer else {
                return Ok(());
            };
            let content = matches!(kind, Kind::Content | Kind::Push);
            batch.push(peer.session.message(body, kind != Kind::Push, content));
        }
        if batch.is_empty() {
            return Ok(());
        }
        self.seal(batch).await
    }

    async fn seal(&mut self, mut batch: Vec<Message>) -> Result<(), End> {
        let Some(peer) = &mut self.peer else {
            return Ok(());
        };
        let message = if batch.len() > 1 {
            let body = payload::container(&batch);
            peer.session.message(body, true, false)
        } else if let Some(message) = batch.pop() {
            message
        } else {
            return Ok(());
        };
        let mut padding = [0; 32];
        // Predictable padding would do no harm on a loopback connection.
        let _ = getrandom::fill(&mut padding);
        let salt = session::salt(&peer.key);
        let frame = envelope::seal(&peer.key, salt, peer.session.id, &message, padding);
        let wire = self.transport.pack(&frame);
        self.write(&wire).await
    }

    async fn write(&mut self, wire: &[u8]) -> Result<(), End> {
        let stop = self.place.stop.clone();
        tokio::select! {
            () = stop.cancelled() => Err(End::Stopped),
            () = tokio::time::sleep(PATIENCE) => Err(End::Silent),
            written = self.stream.write_all(wire) => Ok(written?),
        }
    }
}

/// Waits until a moment, or for ever.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// How a message to the client is numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Answers something and has to be acknowledged.
    Content,
    /// About the protocol; needs no acknowledgement.
    Notice,
    /// Comes unasked and has to be acknowledged.
    Push,
}
