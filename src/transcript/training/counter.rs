//! Counts tokens beside the work: that takes as long as everything else.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use super::options::Split;
use super::sample::Sample;

/// The tokenizer whose tokens are counted: it is built in and asks nobody.
pub(super) const TOKENIZER: &str = "o200k_base";

/// Conversations that are handed over together.
const LOT: usize = 64;
/// How many lots may wait.
const WAITING: usize = 4;

/// A conversation with where it goes and a number for its customer.
pub(super) type Placed = (Split, u64, Sample);

/// A thread that counts; conversations come back in the order in which they were given.
pub(super) struct Counter {
    lot: Vec<Placed>,
    orders: Option<SyncSender<Vec<Placed>>>,
    counted: Receiver<Vec<Placed>>,
    thread: Option<JoinHandle<()>>,
}

impl Counter {
    pub(super) fn new() -> std::io::Result<Self> {
        let (orders, receiver) = sync_channel::<Vec<Placed>>(WAITING);
        let (sender, counted) = channel();
        let thread = thread::Builder::new()
            .name("tokens".to_owned())
            .spawn(move || {
                for mut lot in receiver {
                    for (_, _, sample) in &mut lot {
                        sample.tokens = tokens(sample);
                    }
                    // Nobody waits for it where the work has failed.
                    if sender.send(lot).is_err() {
                        return;
                    }
                }
            })?;
        Ok(Self {
            lot: Vec::with_capacity(LOT),
            orders: Some(orders),
            counted,
            thread: Some(thread),
        })
    }

    /// Takes a conversation; gives back what was counted meanwhile.
    pub(super) fn push(&mut self, placed: Placed) -> Vec<Placed> {
        self.lot.push(placed);
        if self.lot.len() == LOT {
            self.hand_over();
        }
        self.counted.try_recv().unwrap_or_default()
    }

    /// What is left, once it is counted.
    pub(super) fn finish(&mut self) -> Vec<Placed> {
        self.hand_over();
        self.orders = None;
        let left = self.counted.iter().flatten().collect();
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            std::panic::resume_unwind(panic);
        }
        left
    }

    fn hand_over(&mut self) {
        let lot = std::mem::replace(&mut self.lot, Vec::with_capacity(LOT));
        if let Some(orders) = &self.orders {
            // The thread ends only when it panicked, which `finish` passes on.
            let _ = orders.send(lot);
        }
    }
}

/// Tokens of all that is said, the system prompt included.
fn tokens(sample: &Sample) -> u32 {
    let tokenizer = bpe_openai::o200k_base();
    let count = sample.messages().map(|(_, text)| tokenizer.count(text));
    u32::try_from(count.sum::<usize>()).unwrap_or(u32::MAX)
}
