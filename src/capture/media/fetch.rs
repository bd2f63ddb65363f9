//! Fetching one file, piece by piece.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use grammers_client::tl;
use grammers_mtsender::InvocationError;

use super::super::error::CaptureError;
use super::super::target::{Context, Target};
use super::remote::Remote;
use super::work::{Lead, Turn, ask, lead};
use super::{Busy, Media, Pauses, Stop, on_disk};
use crate::archive::{FileChange, Partial, WantedFile};
use crate::steps;

/// Bytes in a piece. Telegram takes up to 1 MiB that does not cross a boundary of one; half of it
/// holds up less of what comes over the same connection. Every offset is a multiple.
const PIECE: i32 = 512 * 1024;

/// How long a piece may take: 512 KiB over the slowest line that anybody still uses.
const PATIENCE: Duration = Duration::from_secs(120);

/// Fresh references and other datacentres in a row, without a piece between them.
const DETOURS: u32 = 4;

/// Failures of a file after which "there is no such file" is believed.
const BELIEVED: u32 = 2;

/// What a fetch needs.
pub(super) struct Fetch<'a> {
    pub(super) media: &'a Media,
    pub(super) busy: &'a Busy,
    pub(super) context: &'a Arc<Context>,
    pub(super) target: &'a Arc<Target>,
}

/// What came of a request for a piece.
enum Piece {
    Bytes(Vec<u8>),
    /// The file lies in this datacentre.
    Elsewhere(i32),
    /// The reference is too old.
    Stale,
    /// Nobody is logged in on this datacentre's key.
    Stranger,
    /// To be asked again later.
    Wait(u32),
    /// There is no such file, Telegram says.
    NoSuch(String),
    Failed(String),
}

/// Where a download is.
struct Way {
    remote: Remote,
    dc: i32,
    detours: u32,
    /// The login was carried to the datacentre.
    carried: bool,
}

impl Fetch<'_> {
    /// A file's turn.
    pub(super) async fn file(&mut self, file: &WantedFile, remote: Remote) -> Result<Turn, Stop> {
        if !self.media.policy.wants(file.kind, remote.size) {
            return Ok(self.told_failed(file, "it is larger than was said, and than is wanted"));
        }
        let store = self.target.archive.media();
        let mut partial = self.begin(file, &remote).await?;
        let missing = remote.size.unwrap_or(0).saturating_sub(partial.length());
        let room = self.media.room(self.busy, &store).await?;
        if let Some(room) = room.filter(|room| room.left < missing) {
            return Ok(Turn::NoRoom(room.limit));
        }
        let mut way = Way {
            dc: self.dc_of(&remote)?,
            remote,
            detours: 0,
            carried: false,
        };
        loop {
            let length = partial.length();
            if way.remote.size == Some(length) {
                return self.end(file, partial).await;
            }
            if length % u64::from(PIECE.unsigned_abs()) != 0 || past(way.remote.size, length) {
                partial = self.restart(partial).await?;
                continue;
            }
            match self.piece(&way, length).await? {
                Piece::Bytes(bytes) => {
                    let last = bytes.len() < usize::try_from(PIECE).unwrap_or(usize::MAX);
                    let got = bytes.len() as u64;
                    partial = self.write(partial, bytes).await?;
                    self.media.took(got);
                    (way.detours, way.carried) = (0, false);
                    let length = partial.length();
                    if past(way.remote.size, length)
                        || (last && way.remote.size.is_some_and(|size| size != length))
                    {
                        self.restart(partial).await?;
                        return Ok(self.told_failed(file, "it is of another length than was said"));
                    }
                    if last {
                        return self.end(file, partial).await;
                    }
                }
                Piece::Wait(seconds) => {
                    self.media.ask_to_wait(seconds);
                    self.media.wait().await;
                }
                Piece::Stale => {
                    way.detours += 1;
                    if way.detours > DETOURS {
                        return Ok(self.told_failed(file, "every reference to it is refused"));
                    }
                    let messages = ask(self.context, self.target, &[file.message]).await?;
                    match lead(&messages, file) {
                        Lead::To(fresh) => {
                            let same =
                                fresh.size == way.remote.size && fresh.form == way.remote.form;
                            if !same {
                                partial = self.begin(file, &fresh).await?;
                            }
                            way.remote = fresh;
                        }
                        Lead::Nowhere(reason) => return Ok(gone(file, reason)),
                        Lead::Unsaid => {
                            return Ok(self.told_failed(file, "Telegram does not show the message"));
                        }
                    }
                }
                Piece::Elsewhere(dc) => {
                    way.detours += 1;
                    if way.detours > DETOURS {
                        return Ok(self.told_failed(file, "no datacentre has it"));
                    }
                    (way.dc, way.carried) = (dc, false);
                }
                Piece::Stranger if way.carried => {
                    return Ok(self.told_failed(file, "its datacentre does not take the login"));
                }
                Piece::Stranger => {
                    let carried = self.context.telegram.carry_login(way.dc).await;
                    match carried.map_err(CaptureError::from) {
                        Ok(()) => way.carried = true,
                        Err(CaptureError::FloodWait { seconds }) => {
                            self.media.ask_to_wait(seconds);
                            self.media.wait().await;
                        }
                        Err(error) => return Ok(self.told_failed(file, &error.to_string())),
                    }
                }
                Piece::NoSuch(name) if file.tries >= BELIEVED => return Ok(gone(file, &name)),
                Piece::NoSuch(reason) | Piece::Failed(reason) => {
                    return Ok(self.told_failed(file, &reason));
                }
            }
        }
    }

    /// Asks for the piece at an offset.
    async fn piece(&self, way: &Way, offset: u64) -> Result<Piece, Stop> {
        let request = tl::functions::upload::GetFile {
            precise: false,
            cdn_supported: false,
            location: way.remote.location.clone(),
            offset: i64::try_from(offset).unwrap_or(i64::MAX),
            limit: PIECE,
        };
        let home = self.context.telegram.home_dc()? == way.dc;
        let asked = self.context.telegram.read_in(way.dc, &request);
        let Ok(answer) = tokio::time::timeout(PATIENCE, asked).await else {
            return self.broken(home, "no answer".to_owned());
        };
        match answer {
            Ok(tl::enums::upload::File::File(file)) => Ok(Piece::Bytes(file.bytes)),
            Ok(tl::enums::upload::File::CdnRedirect(_)) => {
                Ok(Piece::Failed("it is kept elsewhere (CDN)".to_owned()))
            }
            Err(InvocationError::Rpc(rpc)) => match rpc.name.as_str() {
                name if name.starts_with("FILE_REFERENCE_") => Ok(Piece::Stale),
                "FILE_MIGRATE" => Ok(match rpc.value.and_then(|dc| i32::try_from(dc).ok()) {
                    Some(dc) => Piece::Elsewhere(dc),
                    None => Piece::Failed(rpc.name),
                }),
                "AUTH_KEY_UNREGISTERED" if !home => Ok(Piece::Stranger),
                "FILE_ID_INVALID" | "LOCATION_INVALID" | "LOCATION_NOT_AVAILABLE" => {
                    Ok(Piece::NoSuch(rpc.name))
                }
                _ if rpc.code == 420 => Ok(Piece::Wait(rpc.value.unwrap_or(30).max(1))),
                // The login, for one: the connection's other parts deal with it.
                _ if rpc.code == 401 && home => {
                    Err(CaptureError::from(InvocationError::Rpc(rpc)).into())
                }
                _ => Ok(Piece::Failed(rpc.name)),
            },
            Err(error @ InvocationError::Session(_)) => Err(CaptureError::from(error).into()),
            Err(error) => self.broken(home, error.to_string()),
        }
    }

    /// The line broke. At home that is everybody's trouble; elsewhere only these files'.
    fn broken(&self, home: bool, reason: String) -> Result<Piece, Stop> {
        if home {
            return Err(CaptureError::Unreachable { reason }.into());
        }
        Ok(Piece::Failed(format!("its datacentre: {reason}")))
    }

    fn dc_of(&self, remote: &Remote) -> Result<i32, Stop> {
        if remote.dc > 0 {
            return Ok(remote.dc);
        }
        Ok(self.context.telegram.home_dc()?)
    }

    async fn begin(&self, file: &WantedFile, remote: &Remote) -> Result<Partial, Stop> {
        let (store, group, id) = (self.target.archive.media(), self.target.group, file.id);
        let (form, size) = (remote.form.clone(), remote.size);
        let begun = on_disk(self.busy, move || store.begin(group, id, &form, size));
        Ok(begun.await??)
    }

    async fn write(&self, mut partial: Partial, bytes: Vec<u8>) -> Result<Partial, Stop> {
        let written = on_disk(self.busy, move || -> io::Result<Partial> {
            partial.write(&bytes)?;
            Ok(partial)
        });
        Ok(written.await??)
    }

    async fn restart(&self, mut partial: Partial) -> Result<Partial, Stop> {
        let restarted = on_disk(self.busy, move || -> io::Result<Partial> {
            partial.restart()?;
            Ok(partial)
        });
        Ok(restarted.await??)
    }

    /// Everything is here.
    async fn end(&self, file: &WantedFile, partial: Partial) -> Result<Turn, Stop> {
        let (hash, length) = on_disk(self.busy, move || partial.finish()).await??;
        Ok(Turn::Told(FileChange::Stored {
            id: file.id,
            hash,
            length,
        }))
    }

    pub(super) fn failed(&self, file: &WantedFile, reason: &str) -> FileChange {
        tracing::info!(
            group = %self.target.group,
            file = file.id,
            message = file.message.0,
            tries = file.tries + 1,
            reason,
            "a file could not be fetched"
        );
        FileChange::Failed {
            id: file.id,
            reason: reason.chars().take(200).collect(),
            next_at: Pauses::of(self.context).again(file.tries),
        }
    }

    fn told_failed(&self, file: &WantedFile, reason: &str) -> Turn {
        Turn::Told(self.failed(file, reason))
    }

    /// Tells the archive what became of a file, and removes what is no longer needed.
    pub(super) async fn note(&self, change: FileChange) -> Result<(), Stop> {
        let done = match change {
            FileChange::Stored { id, .. } => Some(id),
            _ => None,
        };
        let failed = matches!(change, FileChange::Failed { .. });
        self.target
            .archive
            .note_files(vec![change])
            .await
            .map_err(CaptureError::from)?;
        if failed {
            self.media.state.send_modify(|state| state.failures += 1);
        }
        if let Some(id) = done {
            steps::passed("media.after_row");
            self.media.state.send_modify(|state| state.fetched += 1);
            let (store, group) = (self.target.archive.media(), self.target.group);
            on_disk(self.busy, move || store.forget_file(group, id)).await??;
        }
        Ok(())
    }
}

/// Whether there is more than was announced.
fn past(size: Option<u64>, length: u64) -> bool {
    size.is_some_and(|size| length > size)
}

fn gone(file: &WantedFile, reason: &str) -> Turn {
    Turn::Told(FileChange::Gone {
        id: file.id,
        message: file.message,
        reason: reason.to_owned(),
    })
}
