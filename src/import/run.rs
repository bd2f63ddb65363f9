//! One import, whatever the form of its file: group after group, each into its archive.

use std::io::Read;
use std::ops::ControlFlow;

use super::error::{ImportError, Place};
use super::load::{self, Target};
use super::scan::{Item, Scanner};
use super::{GoOn, Options, Progress, Report};
use crate::archive::Vault;
use crate::model::GroupId;

/// One import while its file is read.
pub(super) struct Import<'a, 'b> {
    vault: &'a Vault,
    pub(super) options: &'a Options,
    go_on: &'a mut GoOn<'b>,
    pub(super) report: Report,
    pub(super) progress: Progress,
    /// The group whose messages are being read.
    pub(super) target: Option<Target>,
}

impl<'a, 'b> Import<'a, 'b> {
    pub(super) fn new(vault: &'a Vault, options: &'a Options, go_on: &'a mut GoOn<'b>) -> Self {
        Self {
            vault,
            options,
            go_on,
            report: Report::default(),
            progress: Progress::default(),
            target: None,
        }
    }

    /// Reads a Telegram Desktop export.
    pub(super) fn telegram(&mut self, input: impl Read) -> Result<(), ImportError> {
        let mut scanner = Scanner::new(input);
        loop {
            let consumed = scanner.consumed();
            match scanner.next()? {
                None => return Ok(()),
                Some(Item::Chat(chat)) => match load::group_of(&chat, self.options) {
                    Some(group) => self.enter(group, chat.group_name.or(chat.name))?,
                    None => {
                        self.leave()?;
                        self.report.passed_over += 1;
                    }
                },
                Some(Item::Message { bytes, place }) => {
                    self.progress.bytes = consumed;
                    let Some(target) = &mut self.target else {
                        continue;
                    };
                    self.progress.messages += 1;
                    target.telegram(bytes, place)?;
                    if self.hand_over()?.is_break() {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// What follows is of this group.
    pub(super) fn enter(
        &mut self,
        group: GroupId,
        title: Option<String>,
    ) -> Result<(), ImportError> {
        self.leave()?;
        self.target = Some(Target::open(self.vault, group, title, self.options)?);
        Ok(())
    }

    /// What follows is of no group that is imported.
    pub(super) fn leave(&mut self) -> Result<(), ImportError> {
        if let Some(done) = self.target.take() {
            self.report.groups.push(done.finish()?);
        }
        Ok(())
    }

    /// A record that cannot be read.
    pub(super) fn bad(&mut self, place: Place, what: String) -> Result<(), ImportError> {
        match &mut self.target {
            Some(target) => target.bad(place, what),
            None => self.report.left_out.add(self.options, place, what),
        }
    }

    /// Hands over what was read so far, where that is enough, and asks whether to go on.
    pub(super) fn hand_over(&mut self) -> Result<ControlFlow<()>, ImportError> {
        match &mut self.target {
            Some(target) if target.is_full() => {
                target.flush()?;
                Ok((self.go_on)(self.progress))
            }
            _ => Ok(ControlFlow::Continue(())),
        }
    }

    /// Waits until what was read is written, however reading ended.
    pub(super) fn end(mut self, ended: Result<(), ImportError>) -> Result<Report, ImportError> {
        self.leave()?;
        ended.map(|()| self.report)
    }
}
