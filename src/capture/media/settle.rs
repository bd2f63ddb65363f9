//! What was left at the last end, and what an older version did not note.

use std::ops::ControlFlow;

use tokio::sync::mpsc;

use super::super::target::Target;
use super::{Busy, Media, Stop, on_disk};
use crate::archive::{FileChange, OpenError, Order, SeenFile, Selection};

/// Files noted in one transaction.
const TOGETHER: usize = 1_000;

impl Media {
    /// Once a group: uses or removes what earlier downloads left, and lists the files of messages
    /// that an older version archived. May be cut off at any moment, then it begins anew.
    pub(super) async fn settle(&self, busy: &Busy, target: &Target) -> Result<(), Stop> {
        if self.memory().settled.contains(&target.group) {
            return Ok(());
        }
        self.take_up(busy, target).await?;
        list(target).await?;
        self.memory().settled.insert(target.group);
        Ok(())
    }

    async fn take_up(&self, busy: &Busy, target: &Target) -> Result<(), Stop> {
        let (store, group) = (target.archive.media(), target.group);
        let disk = store.clone();
        let left = on_disk(busy, move || disk.unfinished(group)).await??;
        for unfinished in left {
            let file = unfinished.file;
            let awaited = target.look(move |reader| Ok(reader.awaits(file)?)).await?;
            match (awaited, unfinished.whole) {
                // Killed between the rename and the row.
                (true, Some((hash, length))) => {
                    let stored = FileChange::Stored {
                        id: file,
                        hash,
                        length,
                    };
                    target
                        .archive
                        .note_files(vec![stored])
                        .await
                        .map_err(super::super::error::CaptureError::from)?;
                }
                (true, None) => continue, // gone on with when its turn comes
                (false, _) => {}
            }
            let disk = store.clone();
            on_disk(busy, move || disk.forget(&unfinished)).await??;
        }
        Ok(())
    }
}

/// Lists the files of all messages that the archive holds, unless that was done.
async fn list(target: &Target) -> Result<(), Stop> {
    use super::super::error::CaptureError;

    let listed = target.look(|reader| Ok(reader.files_are_listed()?)).await?;
    if listed {
        return Ok(());
    }
    let (found, mut batches) = mpsc::channel(2);
    let archive = target.archive.clone();
    let walk = tokio::task::spawn_blocking(move || -> Result<(), CaptureError> {
        let reader = archive
            .reader()
            .map_err(|error: OpenError| CaptureError::Open(error))?;
        let mut batch = Vec::new();
        reader.read(&Selection::default(), Order::Id, &mut |snapshot| {
            batch.extend(SeenFile::of(&snapshot.message).map(FileChange::Seen));
            if batch.len() < TOGETHER {
                return ControlFlow::Continue(());
            }
            match found.blocking_send(std::mem::take(&mut batch)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()), // nobody listens any more
            }
        })?;
        let _ = found.blocking_send(batch);
        Ok(())
    });
    let mut files = 0;
    while let Some(batch) = batches.recv().await {
        files += batch.len();
        target
            .archive
            .note_files(batch)
            .await
            .map_err(CaptureError::from)?;
    }
    walk.await
        .map_err(|_| std::io::Error::other("the list of files was cut off"))??;
    target
        .archive
        .note_files(vec![FileChange::Listed])
        .await
        .map_err(CaptureError::from)?;
    if files > 0 {
        tracing::info!(group = %target.group, files, "listed the files of older messages");
    }
    Ok(())
}
