//! The state of the world and the operations that change it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use super::change::{Change, PressAnswer, What, Witness};
use super::content::Content;
use super::file::File;
use super::group::{Group, Index, Topic};
use super::journal::Journal;
use super::limits;
use super::message::{Draft, Message, PastVersion, Quote, Service};
use super::refusal::Refusal;
use super::standing::Standing;
use super::user::User;
use super::visibility::bot_sees;
use crate::emulator::faults::HOME_DC;
use crate::emulator::text;

/// Users, groups, files, the log and the journal.
#[derive(Debug)]
pub struct State {
    seed: u64,
    /// Seconds that the world's clock is ahead of the machine's.
    pub clock_offset: i64,
    /// The latest time from which the clock was turned back: the log's dates never go back, so that
    /// a client can ask for what came after a date.
    floor: i64,
    /// All bots.
    bots: Vec<i64>,
    users: BTreeMap<i64, User>,
    pub(super) groups: BTreeMap<i64, Group>,
    files: BTreeMap<i64, File>,
    log: Vec<Change>,
    /// What else happened that somebody may wait for.
    stirs: usize,
    /// Presses of buttons by number: the bot that has to answer, and its answer.
    pub(super) presses: BTreeMap<i64, (i64, Option<PressAnswer>)>,
    pub(super) presses_made: i64,
    made: i64,
    /// How far behind, in pts, a client may be and still get a group's difference; beyond it is
    /// told that it is too long.
    pub difference_limit: i32,
    /// The datacentre in which files lie, for MTProto clients.
    pub files_dc: i32,
    /// How often all file references were made worthless.
    references: u32,
    /// What was told to whom.
    pub journal: Journal,
}

impl State {
    /// An empty world. `seed` decides every secret and hash in it.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            clock_offset: 0,
            floor: 0,
            bots: Vec::new(),
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            files: BTreeMap::new(),
            log: Vec::new(),
            stirs: 0,
            presses: BTreeMap::new(),
            presses_made: 0,
            made: 0,
            difference_limit: 2_000,
            files_dc: HOME_DC,
            references: 0,
            journal: Journal::default(),
        }
    }

    /// What makes this world reproducible.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The application id that clients of this world are registered with.
    #[must_use]
    pub fn api_id(&self) -> i32 {
        let number = self.hash(-1).unsigned_abs() % 9_000_000;
        1_000_000 + i32::try_from(number).unwrap_or_default()
    }

    /// The application hash that goes with [`State::api_id`].
    #[must_use]
    pub fn api_hash(&self) -> String {
        format!("{:016x}{:016x}", self.hash(-2), self.hash(-3))
    }

    /// The world's clock, Unix seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        let machine = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs();
        i64::try_from(machine).unwrap_or(i64::MAX) + self.clock_offset
    }

    /// Moves the world's clock to a time, Unix seconds.
    pub fn set_clock(&mut self, then: i64) {
        let now = self.now();
        self.floor = self.floor.max(now);
        self.clock_offset += then - now;
    }

    /// The latest time from which the clock was moved, Unix seconds; 0 if it never was.
    #[must_use]
    pub const fn turned_back_from(&self) -> i64 {
        self.floor
    }

    /// Makes every file reference given out so far worthless: clients have to fetch the messages
    /// again.
    pub fn expire_references(&mut self) {
        self.references = self.references.saturating_add(1);
    }

    /// What a client must present beside a file's access hash: good until references expire.
    #[must_use]
    pub fn file_reference(&self, file: i64) -> Vec<u8> {
        let mut reference = file.to_be_bytes().to_vec();
        reference.extend(self.references.to_be_bytes());
        reference
    }

    /// Everything that happened.
    #[must_use]
    pub fn log(&self) -> &[Change] {
        &self.log
    }

    /// A number that grows with everything that somebody may wait for, the log and answers to
    /// presses among it.
    #[must_use]
    pub fn revision(&self) -> usize {
        self.log.len() + self.stirs
    }

    /// Wakes whoever waits, without an entry in the log.
    pub(in crate::emulator) fn stir(&mut self) {
        self.stirs += 1;
    }

    /// A number for something new (an album, a poll): follows from the seed and the order.
    pub fn make_number(&mut self) -> i64 {
        self.made += 1;
        self.hash(0x6e65_7700).wrapping_add(self.made) & i64::MAX
    }

    /// An account.
    #[must_use]
    pub fn user(&self, id: i64) -> Option<&User> {
        self.users.get(&id)
    }

    /// All accounts, ascending by id.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    /// An account to change.
    pub fn user_mut(&mut self, id: i64) -> Option<&mut User> {
        self.users.get_mut(&id)
    }

    /// A group by its bare id.
    #[must_use]
    pub fn group(&self, id: i64) -> Option<&Group> {
        self.groups.get(&id)
    }

    /// All groups, ascending by id.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// A file.
    #[must_use]
    pub fn file(&self, id: i64) -> Option<&File> {
        self.files.get(&id)
    }

    /// Adds an account. An access hash of 0 is replaced by one that follows from the seed.
    pub fn add_user(&mut self, mut user: User) {
        if user.access_hash == 0 {
            user.access_hash = self.hash(user.id);
        }
        if user.is_bot() && !self.bots.contains(&user.id) {
            self.bots.push(user.id);
        }
        self.users.insert(user.id, user);
    }

    /// Stores a file and returns its id.
    pub fn add_file(&mut self, mut file: File) -> i64 {
        file.id = 5_000_000_000 + i64::try_from(self.files.len()).unwrap_or_default();
        let id = file.id;
        self.files.insert(id, file);
        id
    }

    /// Drops a file again that no message took; only the newest one, as ids count up.
    pub(in crate::emulator) fn drop_newest_file(&mut self, id: i64) {
        if self
            .files
            .last_key_value()
            .is_some_and(|(last, _)| *last == id)
        {
            self.files.remove(&id);
        }
    }

    /// Creates a group with its first service message (id 1) and the owner as member.
    pub fn add_group(&mut self, id: i64, title: &str, forum: bool, owner: i64, created: i64) {
        let general = Topic {
            id: 1,
            title: "General".to_owned(),
            creator: owner,
            created,
            ..Topic::default()
        };
        let group = Group {
            id,
            title: title.to_owned(),
            access_hash: self.hash(id),
            forum,
            created,
            promoters: BTreeMap::new(),
            restricted: BTreeSet::new(),
            banned: BTreeSet::new(),
            protected: false,
            first_shown: BTreeMap::new(),
            about: String::new(),
            members: [owner].into(),
            administrators: [owner].into(),
            owner,
            topics: if forum {
                [(1, general)].into()
            } else {
                BTreeMap::new()
            },
            messages: BTreeMap::new(),
            index: Index::default(),
            pts: 1,
            next_id: 1,
        };
        self.groups.insert(id, group);
        let message = Message {
            topic: 1,
            from: owner,
            date: created,
            service: Some(Service::GroupTitle {
                title: title.to_owned(),
            }),
            ..Message::default()
        };
        self.append(id, message);
    }

    /// Adds a member without a service message.
    pub fn add_member(&mut self, group: i64, user: i64, administrator: bool) {
        if let Some(group) = self.groups.get_mut(&group) {
            group.members.insert(user);
            if administrator {
                group.administrators.insert(user);
            }
        }
    }

    /// Shows a member the group from a message on only.
    pub fn hide_history(&mut self, group: i64, member: i64, first_shown: i32) {
        if let Some(group) = self.groups.get_mut(&group) {
            group.first_shown.insert(member, first_shown);
        }
    }

    /// Removes a member without a service message.
    pub fn remove_member(&mut self, group: i64, user: i64) {
        if let Some(group) = self.groups.get_mut(&group) {
            group.members.remove(&user);
            group.administrators.remove(&user);
            group.restricted.remove(&user);
        }
    }

    /// Whether a message can be posted; `carries`: it will have a file or the like.
    pub fn may_post(
        &self,
        group: i64,
        from: i64,
        draft: &Draft,
        carries: bool,
    ) -> Result<(), Refusal> {
        let place = self.member(group, from)?;
        if place.forum {
            let topic = draft.topic.max(1);
            let entry = place.topics.get(&topic).ok_or(Refusal::NoSuchTopic)?;
            if entry.closed && !place.administrators.contains(&from) {
                return Err(Refusal::TopicClosed);
            }
        }
        if place.standing(from) == Standing::Restricted {
            return Err(Refusal::MayNotWrite);
        }
        if draft.reply_to.is_some_and(|id| place.visible(id).is_none()) {
            return Err(Refusal::NoSuchReply);
        }
        self.check(place, draft, carries)
    }

    /// Posts a message and returns its id.
    pub fn post(&mut self, group: i64, from: i64, draft: Draft) -> Result<i32, Refusal> {
        let carries = draft.file.is_some() || draft.content.is_some();
        self.may_post(group, from, &draft, carries)?;
        let place = self.member(group, from)?;
        let topic = if place.forum { draft.topic.max(1) } else { 1 };
        let mut content = draft.content;
        if let Some(Content::Poll(poll)) = &mut content
            && poll.id == 0
        {
            poll.id = self.make_number();
        }
        let message = Message {
            topic,
            from,
            date: draft.date.unwrap_or_else(|| self.now()),
            entities: text::entities(&draft.text, draft.entities),
            text: draft.text,
            reply_to: draft.reply_to,
            file: draft.file,
            content,
            album: draft.album,
            quote: draft
                .quote
                .filter(|_| draft.reply_to.is_some())
                .map(|quote| Quote {
                    entities: text::given(&quote.text, quote.entities),
                    ..quote
                }),
            silent: draft.silent,
            protected: draft.protected,
            buttons: draft.buttons,
            forward: draft.forward,
            ..Message::default()
        };
        Ok(self.append(group, message))
    }

    /// Edits one's own message's text or caption, and its file where one is given.
    pub fn edit(&mut self, group: i64, by: i64, id: i32, draft: Draft) -> Result<(), Refusal> {
        let place = self.member(group, by)?;
        let message = place.visible(id).ok_or(Refusal::NoSuchMessage)?;
        let fixed = message.service.is_some() || message.forward.is_some();
        if message.from != by || fixed {
            return Err(Refusal::NotTheAuthor);
        }
        let file = draft.file.or(message.file);
        if message.content.is_some() && (!draft.text.is_empty() || draft.file.is_some()) {
            return Err(Refusal::WrongMedia);
        }
        limits::text(&draft.text, file.is_some() || message.content.is_some())?;
        limits::buttons(&draft.buttons)?;
        let entities = text::entities(&draft.text, draft.entities);
        if message.text == draft.text
            && message.entities == entities
            && message.file == file
            && message.buttons == draft.buttons
        {
            return Err(Refusal::NotModified);
        }
        let date = draft.date.unwrap_or_else(|| self.now());
        let Some(place) = self.groups.get_mut(&group) else {
            return Err(Refusal::NoSuchGroup);
        };
        let Some(message) = place.messages.get_mut(&id) else {
            return Err(Refusal::NoSuchMessage);
        };
        message.versions.push(PastVersion {
            text: std::mem::replace(&mut message.text, draft.text),
            entities: std::mem::replace(&mut message.entities, entities),
            file: std::mem::replace(&mut message.file, file),
            edit_date: message.edit_date.replace(date),
        });
        message.buttons = draft.buttons;
        let edited = message.without_past();
        self.record(group, 1, What::Edited(edited));
        Ok(())
    }

    /// Deletes messages: one's own, or any as an administrator. Ids that are gone already, and
    /// service messages that began a topic, are passed over.
    pub fn delete(&mut self, group: i64, by: i64, ids: &[i32]) -> Result<Vec<i32>, Refusal> {
        self.delete_at(group, by, ids, None)
    }

    /// [`State::delete`] at a given date, for a past that is made up.
    pub fn delete_at(
        &mut self,
        group: i64,
        by: i64,
        ids: &[i32],
        date: Option<i64>,
    ) -> Result<Vec<i32>, Refusal> {
        let now = date.unwrap_or_else(|| self.now());
        let place = self.member(group, by)?;
        let administrator = place.administrators.contains(&by);
        let mut once = BTreeSet::new();
        let existing: Vec<i32> = ids
            .iter()
            .copied()
            .filter(|id| once.insert(*id))
            .filter(|id| place.visible(*id).is_some() && !place.topics.contains_key(id))
            .collect();
        if !administrator
            && existing
                .iter()
                .any(|id| place.visible(*id).is_some_and(|message| message.from != by))
        {
            return Err(Refusal::AdministratorRequired);
        }
        if let Some(place) = self.groups.get_mut(&group) {
            for id in &existing {
                if let Some(message) = place.messages.get_mut(id) {
                    place.index.hide(*id, message.topic);
                    message.deleted_at = Some(now);
                }
            }
        }
        if !existing.is_empty() {
            let count = i32::try_from(existing.len()).unwrap_or(i32::MAX);
            self.record(group, count, What::Deleted(existing.clone()));
        }
        Ok(existing)
    }

    /// A group that `user` is in.
    pub fn member(&self, group: i64, user: i64) -> Result<&Group, Refusal> {
        self.groups
            .get(&group)
            .filter(|group| group.members.contains(&user))
            .ok_or(Refusal::NoSuchGroup)
    }

    /// A group in which `user` is an administrator.
    pub(super) fn administered(&self, group: i64, user: i64) -> Result<&Group, Refusal> {
        let place = self.member(group, user)?;
        if place.administrators.contains(&user) {
            Ok(place)
        } else {
            Err(Refusal::AdministratorRequired)
        }
    }

    /// A message to change.
    pub(super) fn message_mut(&mut self, group: i64, id: i32) -> Option<&mut Message> {
        self.groups.get_mut(&group)?.messages.get_mut(&id)
    }

    /// A topic to change.
    pub(super) fn topic_mut(&mut self, group: i64, topic: i32) -> Option<&mut Topic> {
        self.groups.get_mut(&group)?.topics.get_mut(&topic)
    }

    /// Adds a message to a group and the log, under the next id.
    pub(super) fn append(&mut self, group: i64, mut message: Message) -> i32 {
        let Some(place) = self.groups.get_mut(&group) else {
            return 0;
        };
        message.group = group;
        message.id = place.next_id;
        place.next_id += 1;
        place.index.show(message.id, message.topic);
        place.messages.insert(message.id, message.clone());
        let id = message.id;
        self.record(group, 1, What::Posted(message));
        id
    }

    pub(super) fn record(&mut self, group: i64, pts_count: i32, what: What) {
        let at = self.now().max(self.floor);
        let (witnesses, customer) = (self.witnesses(group, &what), self.customer(group, &what));
        let Some(place) = self.groups.get_mut(&group) else {
            return;
        };
        place.pts += pts_count;
        let pts = place.pts;
        self.log.push(Change {
            group,
            pts,
            pts_count,
            at,
            what,
            witnesses,
            customer,
        });
    }

    /// The bots that something in a group concerns.
    fn witnesses(&self, group: i64, what: &What) -> Vec<Witness> {
        let Some(place) = self.groups.get(&group) else {
            return Vec::new();
        };
        let message = match what {
            What::Posted(message) | What::Edited(message) => Some(message),
            _ => None,
        };
        let witness = |bot: &i64| Witness {
            bot: *bot,
            reads: message.is_some_and(|message| bot_sees(self, *bot, message)),
            administers: place.administrators.contains(bot),
        };
        let concerned = |witness: &Witness| witness.reads || witness.administers;
        self.bots.iter().map(witness).filter(concerned).collect()
    }

    /// The customer of the topic in which something was posted.
    fn customer(&self, group: i64, what: &What) -> Option<i64> {
        let What::Posted(message) = what else {
            return None;
        };
        let topics = &self.groups.get(&group)?.topics;
        topics.get(&message.topic)?.customer
    }

    /// Thirty-two hexadecimal digits that follow from the seed and `of`, and that nobody guesses
    /// who knows those for something else.
    #[must_use]
    pub fn secret(&self, of: &str) -> String {
        let digest = blake3::hash(format!("{}:secret:{of}", self.seed).as_bytes());
        digest.to_hex().chars().take(32).collect()
    }

    /// A number that follows from the seed and `of`, never 0.
    #[must_use]
    pub fn hash(&self, of: i64) -> i64 {
        let digest = blake3::hash(format!("{}:{of}", self.seed).as_bytes());
        let mut bytes = [0; 8];
        bytes.copy_from_slice(digest.as_bytes().get(..8).unwrap_or(&[1; 8]));
        i64::from_le_bytes(bytes) | 1
    }
}
