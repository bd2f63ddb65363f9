//! Frames on the wire. The client's first bytes tell which transport it speaks.

use flate2::Crc;

use super::obfuscation::{self, Obfuscation};

/// Longest frame accepted: Telegram closes the connection at about a mebibyte.
const LONGEST: usize = 1024 * 1024 + 64 * 1024;

/// What a client did wrong on the wire; the connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TransportError {
    /// Longer than any client may send, or not a length at all.
    #[error("a frame of {0} bytes is out of bounds")]
    Length(usize),
    /// Full transport: a frame is missing or repeated.
    #[error("frame {got} came where {expected} was due")]
    Sequence {
        /// The next number.
        expected: u32,
        /// The number it had.
        got: u32,
    },
    /// None of the transports, such as an HTTP request.
    #[error("the first bytes belong to no known transport")]
    Unknown,
    /// Full transport: damaged in transit.
    #[error("a frame's checksum is wrong")]
    Checksum,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Full { received: u32, sent: u32 },
    Abridged,
    Intermediate,
    Padded,
}

/// Cuts a byte stream into frames, and wraps answers likewise.
#[derive(Debug, Default)]
pub(super) struct Transport {
    kind: Option<Kind>,
    obfuscation: Option<Obfuscation>,
    buffer: Vec<u8>,
}

impl Transport {
    /// Takes in what came over the wire.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let known = self.buffer.len();
        self.buffer.extend_from_slice(bytes);
        if let (Some(obfuscation), Some(new)) =
            (&mut self.obfuscation, self.buffer.get_mut(known..))
        {
            obfuscation.open(new);
        }
    }

    /// The next whole frame's payload.
    pub(super) fn next_frame(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        if self.kind.is_none() && !self.recognise()? {
            return Ok(None);
        }
        match self.kind {
            Some(Kind::Full { received, sent }) => {
                let frame = self.full(received)?;
                if frame.is_some() {
                    let received = received.wrapping_add(1);
                    self.kind = Some(Kind::Full { received, sent });
                }
                Ok(frame)
            }
            Some(Kind::Abridged) => match *self.buffer.as_slice() {
                [0x7f | 0xff, a, b, c, ..] => {
                    let words = u32::from_le_bytes([a, b, c, 0]);
                    self.cut(4, words as usize * 4, 0)
                }
                [0x7f | 0xff, ..] | [] => Ok(None),
                [words, ..] => self.cut(1, usize::from(words & 0x7f) * 4, 0),
            },
            Some(Kind::Intermediate) => self.cut_after_length(),
            Some(Kind::Padded) => {
                let mut frame = self.cut_after_length()?;
                if let Some(frame) = frame.as_mut().filter(|frame| !is_plain(frame)) {
                    // Key id and message key are 24 bytes, the cipher's blocks 16 each.
                    let padding = frame.len().saturating_sub(24) % 16;
                    frame.truncate(frame.len() - padding);
                }
                Ok(frame)
            }
            None => Ok(None),
        }
    }

    /// Finds out which transport it is; `false` while too few bytes have come.
    fn recognise(&mut self) -> Result<bool, TransportError> {
        let (kind, preamble) = match self.buffer.as_slice() {
            [0xef, ..] => (Kind::Abridged, 1),
            [0xee, 0xee, 0xee, 0xee, ..] => (Kind::Intermediate, 4),
            [0xdd, 0xdd, 0xdd, 0xdd, ..] => (Kind::Padded, 4),
            // What else begins so is a request to another kind of server.
            [b'G', b'E', b'T', b' ', ..]
            | [b'H', b'E', b'A', b'D', ..]
            | [b'P', b'O', b'S', b'T', ..]
            | [b'P', b'U', b'T', b' ', ..]
            | [b'O', b'P', b'T', b'I', ..]
            | [0x16, 0x03, 0x01, 0x02, ..] => return Err(TransportError::Unknown),
            // Full begins with a length and the number 0, which nothing obfuscated has there.
            [_, _, _, _, 0, 0, 0, 0, ..] => {
                let kind = Kind::Full {
                    received: 0,
                    sent: 0,
                };
                (kind, 0)
            }
            bytes => match bytes.first_chunk() {
                Some(first) => (self.reveal(&first.clone())?, obfuscation::LENGTH),
                None => return Ok(false),
            },
        };
        self.buffer.drain(..preamble);
        self.kind = Some(kind);
        Ok(true)
    }

    /// Sets the ciphers up and opens what came after the first bytes already.
    fn reveal(&mut self, first: &[u8; obfuscation::LENGTH]) -> Result<Kind, TransportError> {
        let (mut obfuscation, tag) = Obfuscation::begin(first);
        let kind = match tag {
            [0xef, 0xef, 0xef, 0xef] => Kind::Abridged,
            [0xee, 0xee, 0xee, 0xee] => Kind::Intermediate,
            [0xdd, 0xdd, 0xdd, 0xdd] => Kind::Padded,
            _ => return Err(TransportError::Unknown),
        };
        if let Some(rest) = self.buffer.get_mut(obfuscation::LENGTH..) {
            obfuscation.open(rest);
        }
        self.obfuscation = Some(obfuscation);
        Ok(kind)
    }

    fn full(&mut self, expected: u32) -> Result<Option<Vec<u8>>, TransportError> {
        let Some(length) = self.word(0) else {
            return Ok(None);
        };
        let length = length as usize;
        if !(12..=LONGEST).contains(&length) || !length.is_multiple_of(4) {
            return Err(TransportError::Length(length));
        }
        // Read before the whole frame is there, so that noise is refused at once.
        if let Some(got) = self.word(4)
            && got != expected
        {
            return Err(TransportError::Sequence { expected, got });
        }
        let Some(frame) = self.buffer.get(..length - 4) else {
            return Ok(None);
        };
        let Some(checksum) = self.word(length - 4) else {
            return Ok(None);
        };
        let mut crc = Crc::new();
        crc.update(frame);
        if crc.sum() != checksum {
            return Err(TransportError::Checksum);
        }
        self.cut(8, length - 12, 4)
    }

    fn cut_after_length(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        match self.word(0) {
            // The highest bit asks for a quick acknowledgement, which is optional.
            Some(length) => self.cut(4, (length & 0x7fff_ffff) as usize, 0),
            None => Ok(None),
        }
    }

    /// Takes one frame out of the buffer.
    fn cut(
        &mut self,
        header: usize,
        length: usize,
        trailer: usize,
    ) -> Result<Option<Vec<u8>>, TransportError> {
        if length > LONGEST {
            return Err(TransportError::Length(length));
        }
        let Some(payload) = self.buffer.get(header..header + length) else {
            return Ok(None);
        };
        let payload = payload.to_vec();
        self.buffer.drain(..header + length + trailer);
        Ok(Some(payload))
    }

    fn word(&self, at: usize) -> Option<u32> {
        let bytes = self.buffer.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }

    /// Wraps an answer.
    pub(super) fn pack(&mut self, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        let mut out = Vec::with_capacity(payload.len() + 12);
        match &mut self.kind {
            Some(Kind::Full { sent, .. }) => {
                out.extend((length + 12).to_le_bytes());
                out.extend(sent.to_le_bytes());
                *sent = sent.wrapping_add(1);
                out.extend(payload);
                let mut crc = Crc::new();
                crc.update(&out);
                out.extend(crc.sum().to_le_bytes());
            }
            Some(Kind::Abridged) => {
                let [a, b, c, _] = (length / 4).to_le_bytes();
                if length / 4 < 0x7f {
                    out.push(a);
                } else {
                    out.extend([0x7f, a, b, c]);
                }
                out.extend(payload);
            }
            Some(Kind::Intermediate | Kind::Padded) | None => {
                out.extend(length.to_le_bytes());
                out.extend(payload);
            }
        }
        if let Some(obfuscation) = &mut self.obfuscation {
            obfuscation.hide(&mut out);
        }
        out
    }

    /// A transport error such as 404 (unknown key): in Full a bare negative number, elsewhere a
    /// frame that holds it.
    pub(super) fn pack_error(&mut self, code: i32) -> Vec<u8> {
        let number = (-code).to_le_bytes();
        match self.kind {
            Some(Kind::Full { .. }) | None => number.to_vec(),
            Some(_) => self.pack(&number),
        }
    }
}

/// Whether a frame has no key: such a message says its length itself.
fn is_plain(frame: &[u8]) -> bool {
    frame.first_chunk() == Some(&[0; 8])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrap(preamble: &[u8], payload: &[u8]) -> Vec<u8> {
        let kind = match preamble {
            [0xef] => Kind::Abridged,
            [0xee, ..] => Kind::Intermediate,
            [0xdd, ..] => Kind::Padded,
            _ => Kind::Full {
                received: 0,
                sent: 0,
            },
        };
        let mut client = Transport {
            kind: Some(kind),
            ..Transport::default()
        };
        let mut wire = preamble.to_vec();
        wire.extend(client.pack(payload));
        wire.extend(client.pack(payload));
        wire
    }

    #[test]
    fn every_transport_is_recognised_byte_by_byte() {
        let payload: Vec<u8> = (0..=255).cycle().take(24 + 16 * 40).collect();
        for preamble in [&[0xef][..], &[0xee; 4], &[0xdd; 4], &[]] {
            let mut server = Transport::default();
            let mut frames = Vec::new();
            for byte in wrap(preamble, &payload) {
                server.feed(&[byte]);
                frames.extend(server.next_frame().unwrap_or_default());
            }
            assert_eq!(frames, [payload.clone(), payload.clone()]);
        }
    }

    #[test]
    fn an_http_request_is_refused_at_once() {
        let mut server = Transport::default();
        server.feed(b"GET / HTTP/1.1\r\n");
        assert!(matches!(server.next_frame(), Err(TransportError::Unknown)));
    }

    #[test]
    fn obfuscation_hides_any_transport_but_full() {
        let payload: Vec<u8> = (1..=255).cycle().take(24 + 16 * 40).collect();
        for tag in [0xef_u8, 0xee, 0xdd] {
            let mut first = [0x5a; obfuscation::LENGTH];
            for (at, byte) in first.iter_mut().enumerate() {
                *byte ^= at.to_le_bytes()[0];
            }
            // As a client does: the tag is encrypted, the key before it is not.
            let mut cipher = grammers_crypto::ObfuscatedCipher::new(&first);
            let mut hidden = first;
            for byte in hidden.iter_mut().skip(56).take(4) {
                *byte = tag;
            }
            cipher.encrypt(&mut hidden);
            let mut wire = first.to_vec();
            wire.splice(56.., hidden.iter().skip(56).copied());
            let plain = wrap(&[tag; 4][..if tag == 0xef { 1 } else { 4 }], &payload);
            let mut frames = plain[if tag == 0xef { 1 } else { 4 }..].to_vec();
            cipher.encrypt(&mut frames);
            wire.extend(frames);
            let mut server = Transport::default();
            let mut got = Vec::new();
            for byte in wire {
                server.feed(&[byte]);
                got.extend(server.next_frame().unwrap_or_default());
            }
            assert_eq!(got, [payload.clone(), payload.clone()], "{tag:x}");
            let mut answer = server.pack(&payload);
            cipher.decrypt(&mut answer);
            assert_eq!(answer, plain[plain.len() - answer.len()..]);
        }
    }

    #[test]
    fn damage_is_noticed() {
        let mut wire = wrap(&[], &[1; 40]);
        if let Some(byte) = wire.get_mut(20) {
            *byte ^= 1;
        }
        let mut server = Transport::default();
        server.feed(&wire);
        assert_eq!(server.next_frame(), Err(TransportError::Checksum));
    }

    proptest! {
        #[test]
        fn noise_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut server = Transport::default();
            server.feed(&noise);
            while let Ok(Some(_)) = server.next_frame() {}
        }
    }
}
