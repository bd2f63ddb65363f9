//! One message that says how far a long command is.

use tokio::task::JoinHandle;

use super::queue::Dropped;
use super::request::Request;
use crate::i18n::Phrase;
use crate::model::MessageId;

/// The message, once there is one.
#[derive(Debug)]
pub(super) struct ProgressNote<'a> {
    request: &'a Request,
    shown: Shown,
}

#[derive(Debug)]
enum Shown {
    /// Nothing was said yet.
    Not,
    /// The first words are on their way.
    Sending(JoinHandle<Result<MessageId, Dropped>>),
    /// It is there and says this.
    There(MessageId, Phrase),
    /// It could not be posted.
    Gone,
}

impl<'a> ProgressNote<'a> {
    pub(super) fn new(request: &'a Request) -> Self {
        Self {
            request,
            shown: Shown::Not,
        }
    }

    /// Says how far it is: posts the message, or changes it. Never waits for the network.
    pub(super) async fn show(&mut self, phrase: Phrase) {
        self.settle(false).await;
        match &mut self.shown {
            Shown::Not => {
                let post = self.request.post(self.request.note(&[phrase]));
                let queue = self.request.group.queue.clone();
                self.shown = Shown::Sending(tokio::spawn(async move { queue.post(post).await }));
            }
            Shown::There(message, said) if *said != phrase => {
                let note = self.request.note(std::slice::from_ref(&phrase));
                self.request.group.queue.edit(*message, note);
                *said = phrase;
            }
            Shown::There(..) | Shown::Sending(_) | Shown::Gone => {}
        }
    }

    /// Changes the message to its final word; `false` where there is no message to change.
    pub(super) async fn finish(mut self, phrase: Phrase) -> bool {
        self.settle(true).await;
        if let Shown::There(message, _) = self.shown {
            let note = self.request.note(&[phrase]);
            self.request.group.queue.edit(message, note);
            true
        } else {
            false
        }
    }

    /// Finds out what became of a message on its way.
    async fn settle(&mut self, wait: bool) {
        if let Shown::Sending(sending) = &mut self.shown
            && (wait || sending.is_finished())
        {
            self.shown = match sending.await {
                Ok(Ok(message)) => Shown::There(message, Phrase::ExportQueued),
                Ok(Err(_)) | Err(_) => Shown::Gone,
            };
        }
    }
}
