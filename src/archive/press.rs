//! Records into packed frames, ready to be written.

use super::codec::{Dictionary, Encoded, Encoder, Packer, Record};
use super::error::Fault;
use super::search::{Words, searched};

/// Bytes of text in a frame. With a dictionary small frames compress like large ones,
/// and opening a topic means unpacking little; without one, larger frames have to make up for it.
const TARGET: usize = 96 * 1024;
const TARGET_ALONE: usize = 256 * 1024;

/// A frame that is ready to be written.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) encoded: Encoded,
    /// The words of each run.
    pub(super) words: Vec<String>,
    /// The number of its dictionary.
    pub(super) dictionary: Option<i64>,
    /// The level it was compacted with, 0 where it was sealed quickly.
    pub(super) compacted: i32,
}

/// Packs records at one level and with one dictionary.
#[derive(Debug)]
pub(super) struct Press {
    packer: Packer,
    level: i32,
    dictionary: Option<i64>,
    compacted: i32,
    encoder: Encoder,
    words: Words,
    /// Of the runs that are complete.
    all_words: Vec<String>,
}

impl Press {
    /// For sealing quickly.
    pub(super) fn new(level: i32, dictionary: Option<(i64, &Dictionary)>) -> Result<Self, Fault> {
        let packer = Packer::new(level, dictionary.map(|(_, dictionary)| dictionary))
            .map_err(|_| Fault::Damaged("a level that zstd does not know"))?;
        Ok(Self {
            packer,
            level,
            dictionary: dictionary.map(|(number, _)| number),
            compacted: 0,
            encoder: Encoder::default(),
            words: Words::default(),
            all_words: Vec::new(),
        })
    }

    /// The same for compaction, whose frames are not packed again with this dictionary and level.
    pub(super) fn compacting(mut self) -> Self {
        self.compacted = self.level;
        self
    }

    /// Whether it packs so.
    pub(super) fn is(&self, level: i32, dictionary: Option<i64>) -> bool {
        (self.level, self.dictionary) == (level, dictionary)
    }

    /// Packs records, sorted by topic and id, into frames that begin and end with whole runs.
    pub(super) fn pack(&mut self, records: &[(i32, Record)]) -> Result<Vec<Packed>, Fault> {
        let mut frames = Vec::new();
        for (topic, record) in records {
            if self.is_full() && self.encoder.begins_run(*topic, record) {
                frames.push(self.finish()?);
            }
            self.push(*topic, record)?;
        }
        if !self.encoder.is_empty() {
            frames.push(self.finish()?);
        }
        Ok(frames)
    }

    pub(super) fn push(&mut self, topic: i32, record: &Record) -> Result<(), Fault> {
        if !self.encoder.is_empty() && self.encoder.begins_run(topic, record) {
            self.all_words.push(self.words.take());
        }
        let body = &record.latest;
        let media = body.rest.as_ref().and_then(|rest| rest.media.as_ref());
        self.words.add(&searched(&body.text, media));
        self.encoder
            .push(topic, record)
            .map_err(|_| Fault::Damaged("a message that cannot be encoded"))
    }

    /// Whether the frame is as large as frames should be.
    pub(super) fn is_full(&self) -> bool {
        self.encoder.is_full(self.target())
    }

    /// Whether the frame is much larger.
    pub(super) fn is_overfull(&self) -> bool {
        self.encoder.is_full(self.target() * 2)
    }

    pub(super) fn begins_run(&self, topic: i32, record: &Record) -> bool {
        self.encoder.begins_run(topic, record)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.encoder.is_empty()
    }

    fn target(&self) -> usize {
        match self.packer.has_dictionary() {
            true => TARGET,
            false => TARGET_ALONE,
        }
    }

    /// Packs what was pushed and begins the next frame.
    pub(super) fn finish(&mut self) -> Result<Packed, Fault> {
        let encoded = self
            .encoder
            .finish(&mut self.packer)
            .map_err(|_| Fault::Damaged("messages that cannot be encoded"))?;
        self.all_words.push(self.words.take());
        Ok(Packed {
            encoded,
            words: std::mem::take(&mut self.all_words),
            dictionary: self.dictionary,
            compacted: self.compacted,
        })
    }
}
