//! Finds the messages of a Telegram Desktop export without reading the whole file into memory.
//!
//! ```text
//! {"name": …, "type": …, "id": …, "messages": [{…}, {…}]}              one chat
//! {…, "chats": {"list": [{"name": …, …, "messages": […]}, …]}, …}      everything
//! ```
//! Only these ways lead to messages; everything else is passed over. A message is handed out as the
//! bytes it has in the file, with its place; whether they are a message is for the reader to judge.

use std::io::{self, Read};

use super::error::{ImportError, Place};

/// Bytes read at once.
const READ: usize = 256 * 1024;
/// A message in bytes, at most.
const LONGEST: usize = 16 * 1024 * 1024;
/// Values within values that are passed over, at most.
const DEEPEST: usize = 128;

/// What a chat says of itself before its messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Chat {
    pub(super) name: Option<String>,
    pub(super) kind: Option<String>,
    pub(super) id: Option<i64>,
    /// Our own extension: the title of the group where the chat is one of its topics.
    pub(super) group_name: Option<String>,
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Item<'a> {
    /// A chat's messages begin.
    Chat(Chat),
    /// One of its messages.
    Message { bytes: &'a [u8], place: Place },
}

/// Where the scanner stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Within {
    /// Before the first brace.
    Nothing,
    /// In the outermost object.
    Top,
    /// In the object that `chats` or `left_chats` is.
    Chats,
    /// In its list.
    List,
    /// In a chat of the list.
    Chat,
    /// In the messages of the outermost object, or of a chat of the list.
    Messages { listed: bool },
    /// Behind the last brace.
    End,
}

/// Walks through an export.
pub(super) struct Scanner<R> {
    reader: R,
    buffer: Vec<u8>,
    /// What of the buffer was consumed.
    at: usize,
    /// Where the buffer begins in the file.
    offset: u64,
    /// Lines before `counted`, a place in the buffer.
    lines: u64,
    counted: usize,
    is_at_end: bool,
    within: Within,
    chat: Chat,
    /// A message was handed out and is consumed with the next call.
    handed_out: usize,
}

impl<R: Read> Scanner<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: Vec::new(),
            at: 0,
            offset: 0,
            lines: 1,
            counted: 0,
            is_at_end: false,
            within: Within::Nothing,
            chat: Chat::default(),
            handed_out: 0,
        }
    }

    /// Bytes of the file that were consumed.
    pub(super) fn consumed(&self) -> u64 {
        self.offset + self.at as u64
    }

    fn place(&mut self) -> Place {
        self.count();
        Place {
            offset: self.consumed(),
            line: self.lines,
        }
    }

    /// Counts the lines of what was consumed.
    fn count(&mut self) {
        let passed = self.buffer.get(self.counted..self.at).unwrap_or_default();
        self.lines += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.counted = self.at;
    }

    fn wrong(&mut self, what: &'static str) -> ImportError {
        ImportError::NotAnExport {
            place: self.place(),
            what,
        }
    }

    /// The next chat or message; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Item<'_>>, ImportError> {
        self.at += std::mem::take(&mut self.handed_out);
        loop {
            match self.within {
                Within::Nothing => {
                    self.skip_mark()?;
                    self.expect(b'{', "it does not begin with an object")?;
                    self.within = Within::Top;
                }
                Within::Top | Within::Chats | Within::Chat => {
                    if let Some(chat) = self.member()? {
                        return Ok(Some(Item::Chat(chat)));
                    }
                }
                Within::List => match self.element()? {
                    None => self.within = Within::Chats,
                    Some(b'{') => {
                        self.at += 1;
                        self.chat = Chat::default();
                        self.within = Within::Chat;
                    }
                    Some(_) => return Err(self.wrong("the list of chats holds something else")),
                },
                Within::Messages { listed } => match self.element()? {
                    None => {
                        self.within = match listed {
                            true => Within::Chat,
                            false => Within::Top,
                        };
                    }
                    Some(_) => {
                        let place = self.place();
                        let length = self.value()?;
                        self.handed_out = length;
                        let bytes = self.buffer.get(self.at..self.at + length);
                        let bytes = bytes.unwrap_or_default();
                        return Ok(Some(Item::Message { bytes, place }));
                    }
                },
                Within::End => {
                    return match self.peek()? {
                        None => Ok(None),
                        Some(_) => Err(self.wrong("something follows its end")),
                    };
                }
            }
        }
    }

    /// Reads a member of an object, or its end; tells when a chat's messages begin.
    fn member(&mut self) -> Result<Option<Chat>, ImportError> {
        let Some(mut first) = self.peek()? else {
            return Err(self.wrong("it ends too soon"));
        };
        if first == b',' {
            self.at += 1;
            first = self.peek()?.unwrap_or(0);
        }
        match first {
            b'}' => {
                self.at += 1;
                self.within = match self.within {
                    Within::Chat => Within::List,
                    Within::Chats => Within::Top,
                    _ => Within::End,
                };
                return Ok(None);
            }
            b'"' => {}
            _ => return Err(self.wrong("an object goes on with something else than a name")),
        }
        let key = self.string()?;
        self.expect(b':', "a name is not followed by a colon")?;
        let next = self.peek()?.ok_or_else(|| self.wrong("it ends too soon"))?;
        match (self.within, key.as_str(), next) {
            (Within::Top, "chats" | "left_chats", b'{') => {
                self.at += 1;
                self.within = Within::Chats;
            }
            (Within::Chats, "list", b'[') => {
                self.at += 1;
                self.within = Within::List;
            }
            (Within::Top | Within::Chat, "messages", b'[') => {
                self.at += 1;
                let listed = self.within == Within::Chat;
                self.within = Within::Messages { listed };
                return Ok(Some(std::mem::take(&mut self.chat)));
            }
            (Within::Top | Within::Chat, "name", b'"') => self.chat.name = Some(self.string()?),
            (Within::Top | Within::Chat, "type", b'"') => self.chat.kind = Some(self.string()?),
            (Within::Top | Within::Chat, "group_name", b'"') => {
                self.chat.group_name = Some(self.string()?);
            }
            (Within::Top | Within::Chat, "id", b'-' | b'0'..=b'9') => {
                let length = self.value()?;
                let digits = self
                    .buffer
                    .get(self.at..self.at + length)
                    .unwrap_or_default();
                self.chat.id = std::str::from_utf8(digits)
                    .ok()
                    .and_then(|it| it.parse().ok());
                self.at += length;
            }
            _ => self.skip(0)?,
        }
        Ok(None)
    }

    /// The first byte of an array's next element; `None` at its end, which is consumed.
    fn element(&mut self) -> Result<Option<u8>, ImportError> {
        loop {
            match self.peek()? {
                None => return Err(self.wrong("it ends too soon")),
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(None);
                }
                Some(other) => return Ok(Some(other)),
            }
        }
    }

    /// A file may begin with a byte order mark.
    fn skip_mark(&mut self) -> Result<(), ImportError> {
        if self.ahead(3)? && self.buffer.starts_with(b"\xEF\xBB\xBF") {
            self.at = 3;
        }
        Ok(())
    }

    fn expect(&mut self, byte: u8, what: &'static str) -> Result<(), ImportError> {
        if self.peek()? == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(self.wrong(what))
    }

    /// The next byte that is no white space; it stays.
    fn peek(&mut self) -> Result<Option<u8>, ImportError> {
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
            match rest.iter().position(|byte| !byte.is_ascii_whitespace()) {
                Some(place) => {
                    self.at += place;
                    return Ok(self.buffer.get(self.at).copied());
                }
                None => {
                    self.at = self.buffer.len();
                    if !self.ahead(1)? {
                        return Ok(None);
                    }
                }
            }
        }
    }

    /// Reads on until so many bytes lie ahead; `false`: the file ends before.
    fn ahead(&mut self, bytes: usize) -> Result<bool, ImportError> {
        while self.buffer.len() - self.at < bytes {
            if self.is_at_end {
                return Ok(false);
            }
            if self.at > 0 && self.at >= self.buffer.len() / 2 {
                self.count();
                self.offset += self.at as u64;
                self.buffer.drain(..self.at);
                self.at = 0;
                self.counted = 0;
            }
            let before = self.buffer.len();
            self.buffer.resize(before + READ, 0);
            let read = loop {
                let room = self.buffer.get_mut(before..).unwrap_or_default();
                match self.reader.read(room) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other,
                }
            };
            self.buffer.truncate(before + *read.as_ref().unwrap_or(&0));
            self.is_at_end = read.map_err(ImportError::Read)? == 0;
        }
        Ok(true)
    }

    /// Reads a short string; its escapes are resolved.
    fn string(&mut self) -> Result<String, ImportError> {
        let length = self.value()?;
        let bytes = self
            .buffer
            .get(self.at..self.at + length)
            .unwrap_or_default();
        let text = serde_json::from_slice(bytes).map_err(|_| self.wrong("a string is damaged"))?;
        self.at += length;
        Ok(text)
    }

    /// The length of the value that begins here, which then lies in the buffer as a whole.
    fn value(&mut self) -> Result<usize, ImportError> {
        let mut depth = 0_usize;
        let mut length = 0;
        loop {
            if length > LONGEST {
                return Err(self.wrong("a message of more than 16 MB"));
            }
            if !self.ahead(length + 1)? {
                let is_number = depth == 0 && length > 0;
                return match is_number {
                    true => Ok(length),
                    false => Err(self.wrong("it ends in the middle of this")),
                };
            }
            let rest = self.buffer.get(self.at + length..).unwrap_or_default();
            let ends = |byte: &u8| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']' | b',');
            let Some(place) = rest.iter().position(ends) else {
                length += rest.len();
                continue;
            };
            match rest.get(place).copied().unwrap_or(0) {
                b'"' => {
                    length = self.string_end(length + place + 1)?;
                    if depth == 0 {
                        return Ok(length);
                    }
                }
                b'{' | b'[' => {
                    depth += 1;
                    length += place + 1;
                }
                b',' if depth > 0 => length += place + 1,
                // A number or word ends before what follows it.
                _ if depth == 0 => {
                    let word = self.buffer.get(self.at..self.at + length + place);
                    let word = word.unwrap_or_default().trim_ascii_end().len();
                    // Nothing would be consumed, for ever.
                    return match word {
                        0 => Err(self.wrong("a bracket that does not fit")),
                        word => Ok(word),
                    };
                }
                _ => {
                    depth -= 1;
                    length += place + 1;
                    if depth == 0 {
                        return Ok(length);
                    }
                }
            }
        }
    }

    /// Where a string ends, its quote included; `from` lies behind its first quote.
    fn string_end(&mut self, mut from: usize) -> Result<usize, ImportError> {
        loop {
            if from > LONGEST {
                return Err(self.wrong("a message of more than 16 MB"));
            }
            if !self.ahead(from + 1)? {
                return Err(self.wrong("it ends in the middle of this"));
            }
            let rest = self.buffer.get(self.at + from..).unwrap_or_default();
            match memchr::memchr2(b'"', b'\\', rest) {
                None => from += rest.len(),
                Some(place) if rest.get(place) == Some(&b'"') => return Ok(from + place + 1),
                Some(place) => from += place + 2,
            }
        }
    }

    /// Passes over a value, however long.
    fn skip(&mut self, depth: usize) -> Result<(), ImportError> {
        if depth > DEEPEST {
            return Err(self.wrong("it is nested too deeply"));
        }
        let first = self.peek()?.ok_or_else(|| self.wrong("it ends too soon"))?;
        let end = match first {
            b'{' => b'}',
            b'[' => b']',
            _ => {
                self.at += self.value()?;
                return Ok(());
            }
        };
        self.at += 1;
        loop {
            match self.peek()? {
                None => return Err(self.wrong("it ends too soon")),
                Some(byte) if byte == end => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b',' | b':') => self.at += 1,
                Some(_) => {
                    let before = self.consumed();
                    self.skip(depth + 1)?;
                    // A bracket that does not fit.
                    if self.consumed() == before {
                        return Err(self.wrong("a bracket that does not fit"));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "scan/tests.rs"]
mod tests;
