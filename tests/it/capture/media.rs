//! Files: fetched whole or not at all, once, and gone on with where they stopped.

mod elsewhere;
mod limits;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use topicvault::archive::{Handle, MediaTotals, Reader, SealPolicy};
use topicvault::capture::{CONNECTION, ELSEWHERE, LOGIN, MediaState, READING};
use topicvault::config::MediaConfig;
use topicvault::emulator::faults::{FloodLimit, FloodModel};
use topicvault::emulator::world::{Draft, File, FileKind};

use self::elsewhere::prepare_other_dc;
use super::{Desk, Running, failure, soon};

/// What the downloader asks for at once.
const PIECE: usize = 512 * 1024;

/// Everything, and whatever the disk of the machine that tests.
fn everything() -> MediaConfig {
    MediaConfig {
        max_size: 100_000_000,
        keep_free: 0,
        ..MediaConfig::default()
    }
}

/// Bytes that no two seeds share.
fn content(seed: u8, length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| (at.wrapping_mul(31) ^ (at >> 8)) as u8 ^ seed)
        .collect()
}

/// A userbot that fetches files.
struct Fetching {
    running: Running,
    media: watch::Receiver<MediaState>,
}

impl Fetching {
    async fn until(&mut self, reached: impl FnMut(&MediaState) -> bool) -> MediaState {
        soon(self.media.wait_for(reached)).await.unwrap().clone()
    }

    async fn stop(self) {
        self.running.stop().await;
    }
}

impl Desk {
    async fn fetch(&self, config: &MediaConfig) -> Fetching {
        let policy = SealPolicy {
            hot_messages: 100,
            level: 3,
        };
        let archive = Handle::spawn(&self.vault(), self.group, policy).unwrap();
        let userbot = self.connect().await.unwrap().with_media(config);
        let media = userbot.media().unwrap();
        let (sender, progress) = watch::channel(std::collections::HashMap::new());
        let stop = CancellationToken::new();
        let task =
            tokio::spawn(userbot.run(vec![(self.group, archive.clone())], sender, stop.clone()));
        Fetching {
            running: Running {
                group: self.group,
                archive,
                progress,
                stop,
                task,
            },
            media,
        }
    }

    fn file(&self, kind: FileKind, bytes: Vec<u8>) -> i64 {
        let file = File {
            kind,
            name: format!("{}.bin", bytes.len()),
            mime_type: "application/octet-stream".to_owned(),
            width: 64,
            height: 48,
            duration: 3,
            bytes: Arc::from(bytes),
            ..File::default()
        };
        self.emulator.world.write(|state| state.add_file(file))
    }

    /// Posts a message with a file.
    fn carry(&self, file: i64) -> i32 {
        let draft = Draft {
            topic: self.topics().first().copied().unwrap_or(1),
            file: Some(file),
            ..Draft::default()
        };
        let (group, author) = (self.emulator.cast.group, self.emulator.cast.author);
        let posted = self
            .emulator
            .world
            .write(|state| state.post(group, author, draft));
        posted.unwrap()
    }

    fn send(&self, kind: FileKind, bytes: Vec<u8>) -> i64 {
        let file = self.file(kind, bytes);
        self.carry(file);
        file
    }

    fn document(&self, seed: u8, length: usize) -> i64 {
        self.send(FileKind::Document, content(seed, length))
    }

    fn reader(&self) -> Reader {
        self.vault().reader(self.group).unwrap()
    }

    fn totals(&self, config: &MediaConfig) -> MediaTotals {
        self.reader().media_totals(&config.policy()).unwrap()
    }

    /// What the vault holds of a file.
    fn held(&self, file: i64) -> Option<Vec<u8>> {
        let hash = self.reader().stored(file).unwrap()?;
        Some(std::fs::read(self.vault().media().path(&hash)).unwrap())
    }

    async fn wait_held(&self, file: i64) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.held(file).is_none() {
            assert!(Instant::now() < deadline, "file {file} was never stored");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let real = self.emulator.world.read(|state| {
            let file = state.file(file).unwrap();
            file.bytes.to_vec()
        });
        assert!(self.held(file).unwrap() == real, "file {file} differs");
    }

    /// Waits until nothing is wanted any more.
    async fn wait_done(&self, config: &MediaConfig) -> MediaTotals {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let totals = self.totals(config);
            if totals.wanted == 0 && totals.stored > 0 {
                return totals;
            }
            assert!(Instant::now() < deadline, "still wanted: {totals:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The files of all messages that exist.
    fn files(&self) -> BTreeMap<i64, Vec<u8>> {
        let ids = self.existing().into_values();
        let ids: Vec<i64> = ids.filter_map(|message| message.file).collect();
        self.emulator.world.read(|state| {
            let bytes = |id: &i64| state.file(*id).unwrap().bytes.to_vec();
            ids.iter().map(|id| (*id, bytes(id))).collect()
        })
    }

    /// Calls of a method by the userbot.
    fn calls(&self, method: &str) -> u64 {
        self.emulator.world.read(|state| {
            let of_user = state.journal.methods.get(&self.user.id);
            let calls = of_user.and_then(|methods| methods.get(method));
            calls.copied().unwrap_or(0)
        })
    }

    /// Files that lie under a final name.
    fn contents(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let Ok(folders) = std::fs::read_dir(self.vault().media().dir()) else {
            return found;
        };
        for folder in folders.map(|entry| entry.unwrap().path()) {
            if !folder.ends_with("partial") {
                let files = std::fs::read_dir(folder).unwrap();
                found.extend(files.map(|entry| entry.unwrap().path()));
            }
        }
        found
    }

    fn leftovers(&self) -> Vec<PathBuf> {
        let dir = std::fs::read_dir(self.vault().media().dir().join("partial")).unwrap();
        dir.map(|entry| entry.unwrap().path()).collect()
    }

    /// Lets so many pieces pass at once, then one every so many seconds.
    fn limit_pieces(&self, burst: u32, rate: f64) {
        let model = FloodModel {
            every: None,
            families: [("files".to_owned(), FloodLimit { rate, burst })].into(),
            cap: 3_600,
        };
        self.emulator.faults.set_flood(Some(model));
    }
}

/// Contents that are not what their names say: what nobody may ever see.
fn halves(contents: &[PathBuf]) -> Vec<PathBuf> {
    let is_half = |path: &&PathBuf| {
        let Ok(bytes) = std::fs::read(path) else {
            return false; // gone between listing and reading
        };
        let name = path.file_name().and_then(|name| name.to_str());
        name != Some(blake3::hash(&bytes).to_hex().as_str())
    };
    contents.iter().filter(is_half).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_and_size_is_fetched_live_and_from_history() {
    let desk = Desk::logged_in(60).await;
    let config = everything();
    let sizes = [1, 4_095, 100_000, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE];
    for (at, kind) in FileKind::ALL.into_iter().enumerate() {
        let size = sizes[at % sizes.len()];
        desk.send(kind, content(at as u8, size));
    }
    let large = desk.document(77, 25_000_000);
    let fetching = desk.fetch(&config).await;
    for (at, kind) in FileKind::ALL.into_iter().enumerate() {
        let size = sizes[(at + 3) % sizes.len()];
        desk.send(kind, content(100 + at as u8, size));
    }
    desk.wait_held(large).await;
    let files = desk.files();
    for file in files.keys() {
        desk.wait_held(*file).await;
    }
    let totals = desk.wait_done(&config).await;
    assert_eq!(totals.stored, files.len() as u64);
    assert_eq!((totals.gone, totals.missing, totals.left_out), (0, 0, 0));
    let mut distinct: Vec<_> = files.values().collect();
    distinct.sort();
    distinct.dedup();
    let bytes: usize = distinct.iter().map(|bytes| bytes.len()).sum();
    assert_eq!(totals.stored_bytes, bytes as u64);
    assert_eq!(desk.contents().len(), distinct.len());
    assert_eq!(halves(&desk.contents()), Vec::<PathBuf>::new());
    fetching.stop().await;
    assert_eq!(desk.leftovers(), Vec::<PathBuf>::new());
    assert_eq!(desk.vault().media().used().unwrap(), bytes as u64);
    // Nothing is fetched twice.
    let asked = desk.calls("upload.getFile");
    let fetching = desk.fetch(&config).await;
    let id = desk.document(78, 10);
    desk.wait_held(id).await;
    fetching.stop().await;
    assert_eq!(desk.calls("upload.getFile"), asked + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_content_is_kept_once() {
    let desk = Desk::logged_in(1).await;
    let fetching = desk.fetch(&everything()).await;
    let first = desk.document(1, 700_000);
    let second = desk.send(FileKind::Video, content(1, 700_000));
    desk.wait_held(first).await;
    desk.wait_held(second).await;
    fetching.stop().await;
    let reader = desk.reader();
    assert_eq!(
        reader.stored(first).unwrap(),
        reader.stored(second).unwrap()
    );
    let of_both = desk
        .vault()
        .media()
        .path(&blake3::hash(&content(1, 700_000)));
    let same = desk.contents().into_iter().filter(|path| *path == of_both);
    assert_eq!(same.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_goes_on_at_the_byte_where_it_stopped() {
    let desk = Desk::logged_in(1).await;
    let (config, size) = (everything(), 5 * PIECE - 100);
    desk.limit_pieces(2, 0.001);
    let file = desk.document(2, size);
    let mut fetching = desk.fetch(&config).await;
    let state = fetching.until(|state| state.flood_until.is_some()).await;
    assert_eq!(state.received, 2 * PIECE as u64);
    fetching.stop().await;
    assert!(desk.held(file).is_none());
    assert_eq!(desk.contents(), Vec::<PathBuf>::new());
    assert_eq!(desk.calls("upload.getFile"), 3, "two pieces, one refused");

    desk.emulator.faults.clear();
    let mut fetching = desk.fetch(&config).await;
    desk.wait_held(file).await;
    let state = fetching.until(|state| state.fetched > 0).await;
    assert_eq!(state.received, (size - 2 * PIECE) as u64);
    fetching.stop().await;
    assert_eq!(desk.calls("upload.getFile"), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_costs_no_piece() {
    let desk = Desk::logged_in(1).await;
    desk.limit_pieces(3, 1.0);
    let size = 6 * PIECE;
    let file = desk.document(3, size);
    let mut fetching = desk.fetch(&everything()).await;
    fetching.until(|state| state.flood_until.is_some()).await;
    desk.emulator.faults.drop_connections();
    desk.wait_held(file).await;
    let state = fetching.until(|state| state.fetched > 0).await;
    assert_eq!(state.received, size as u64);
    fetching.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_are_kept_in_full_and_hold_no_message_up() {
    let desk = Desk::logged_in(1).await;
    desk.limit_pieces(1, 1.0);
    let file = desk.document(4, 3 * PIECE);
    let mut fetching = desk.fetch(&everything()).await;
    fetching.until(|state| state.flood_until.is_some()).await;
    fetching.running.wait(|progress| progress.caught_up).await;
    desk.wait_held(file).await;
    let state = fetching.until(|state| state.fetched > 0).await;
    assert!(state.flood_seconds >= 2 && state.flood_until.is_none());
    let view = desk.emulator.faults.view();
    let records = view["flood_record"].as_array().unwrap().clone();
    let files = records.iter().find(|record| record["family"] == "files");
    assert_eq!(files.unwrap()["impatient"], 0, "{records:?}");

    // A long one: messages come as ever, and nobody says that capture waits.
    desk.emulator.faults.clear();
    let faults = &desk.emulator.faults;
    faults.fail_mtproto(failure("upload.getFile", 420, "FLOOD_PREMIUM_WAIT_600", 1));
    desk.document(5, 10);
    fetching.until(|state| state.flood_until.is_some()).await;
    desk.post("meanwhile");
    desk.wait_equal().await;
    fetching
        .running
        .wait(|progress| progress.flood_until.is_none())
        .await;
    let asked = desk.calls("upload.getFile");
    // Not even over a new connection is it asked again.
    faults.drop_connections();
    desk.post("after a new connection");
    desk.wait_equal().await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(desk.calls("upload.getFile"), asked);
    fetching.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_reference_is_renewed_on_the_way() {
    let desk = Desk::logged_in(1).await;
    desk.limit_pieces(2, 1.0);
    let size = 4 * PIECE + 5;
    let file = desk.document(6, size);
    let mut fetching = desk.fetch(&everything()).await;
    fetching.until(|state| state.flood_until.is_some()).await;
    let asked = desk.calls("channels.getMessages");
    desk.emulator.faults.clear();
    desk.emulator.world.write(|state| state.expire_references());
    desk.wait_held(file).await;
    let state = fetching.until(|state| state.fetched > 0).await;
    assert_eq!((state.received, state.failures), (size as u64, 0));
    assert_eq!(desk.calls("channels.getMessages"), asked + 1);
    fetching.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn references_that_are_always_refused_are_a_failure_and_not_a_loop() {
    let desk = Desk::logged_in(1).await;
    let faults = &desk.emulator.faults;
    faults.fail_mtproto(failure("upload.getFile", 400, "FILE_REFERENCE_EXPIRED", 5));
    let file = desk.document(7, 100);
    let mut fetching = desk.fetch(&everything()).await;
    fetching.until(|state| state.failures == 1).await;
    assert_eq!(desk.calls("upload.getFile"), 5);
    let missing = desk
        .reader()
        .missing_files(&everything().policy(), 9)
        .unwrap();
    assert_eq!((missing.len(), missing[0].id), (1, file));
    desk.wait_held(file).await;
    fetching.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_or_replaced_before_it_is_fetched_is_gone() {
    let desk = Desk::logged_in(1).await;
    let none = MediaConfig {
        download: Vec::new(),
        ..everything()
    };
    let fetching = desk.fetch(&none).await;
    let (lost, twice, replaced) = (
        desk.file(FileKind::Document, content(12, 50)),
        desk.file(FileKind::Document, content(13, 50)),
        desk.file(FileKind::Document, content(14, 50)),
    );
    let carried = [lost, twice, twice, replaced].map(|file| desk.carry(file));
    let other = desk.file(FileKind::Document, content(15, 50));
    desk.wait_equal().await;
    let left_out = desk.totals(&none).left_out;
    assert!(left_out >= 3);
    desk.delete(&[carried[0], carried[2]]);
    let (group, author) = (desk.emulator.cast.group, desk.emulator.cast.author);
    let draft = Draft {
        text: "replaced".to_owned(),
        file: Some(other),
        ..Draft::default()
    };
    desk.emulator
        .world
        .write(|state| state.edit(group, author, carried[3], draft))
        .unwrap();
    desk.wait_equal().await;
    assert_eq!(desk.calls("upload.getFile"), 0);
    fetching.stop().await;

    let fetching = desk.fetch(&everything()).await;
    let totals = desk.wait_done(&everything()).await;
    assert_eq!((totals.gone, totals.left_out), (2, 0));
    desk.wait_held(twice).await;
    desk.wait_held(other).await;
    assert!(desk.held(lost).is_none() && desk.held(replaced).is_none());
    fetching.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_tried_again_and_listed_meanwhile() {
    let desk = Desk::logged_in(1).await;
    let faults = &desk.emulator.faults;
    faults.fail_mtproto(failure("upload.getFile", 500, "RPC_CALL_FAIL", 1));
    faults.fail_mtproto(failure("upload.getFile", 400, "LOCATION_INVALID", 1));
    let file = desk.document(25, 2 * PIECE);
    let mut fetching = desk.fetch(&everything()).await;
    fetching.until(|state| state.failures == 1).await;
    desk.wait_held(file).await;
    assert_eq!(fetching.media.borrow().failures, 2);
    assert_eq!(desk.totals(&everything()).missing, 0);
    // What Telegram goes on denying is believed in the end.
    faults.fail_mtproto(failure("upload.getFile", 400, "FILE_ID_INVALID", 100));
    let denied = desk.document(26, 10);
    let deadline = Instant::now() + Duration::from_secs(30);
    while desk.totals(&everything()).gone == 0 {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(desk.held(denied).is_none());
    fetching.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_length_begins_anew() {
    let desk = Desk::logged_in(1).await;
    desk.emulator.faults.set_short_pieces(1);
    let file = desk.document(27, 2 * PIECE + 500);
    let mut fetching = desk.fetch(&everything()).await;
    fetching.until(|state| state.failures == 1).await;
    desk.wait_held(file).await;
    assert_eq!(halves(&desk.contents()), Vec::<PathBuf>::new());
    fetching.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_an_archive_written_before_are_listed_and_fetched() {
    let desk = Desk::logged_in(60).await;
    let none = MediaConfig {
        download: Vec::new(),
        ..everything()
    };
    let file = desk.document(28, 5_000);
    let running = desk.caught_up().await;
    desk.wait_equal().await;
    running.stop().await;
    // As version 1.0 left it: no rows, nothing listed.
    let path = desk.reader().path().to_owned();
    let db = rusqlite::Connection::open(path).unwrap();
    db.execute_batch("DELETE FROM file; DELETE FROM position WHERE name = 'media_listed';")
        .unwrap();
    drop(db);
    assert_eq!(desk.totals(&everything()), MediaTotals::default());
    let fetching = desk.fetch(&none).await;
    let all = desk.files().len() as u64;
    let deadline = Instant::now() + Duration::from_secs(30);
    while !desk.reader().files_are_listed().unwrap() {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(desk.totals(&none).left_out, all);
    fetching.stop().await;
    let fetching = desk.fetch(&everything()).await;
    desk.wait_held(file).await;
    assert_eq!(desk.wait_done(&everything()).await.stored, all);
    fetching.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_listed_methods_are_called_for_files() {
    let desk = Desk::logged_in(60).await;
    prepare_other_dc(&desk);
    let fetching = desk.fetch(&everything()).await;
    let here = desk.document(29, 100);
    desk.wait_held(here).await;
    desk.emulator.world.write(|state| state.files_dc = 4);
    let there = desk.document(30, 100);
    desk.wait_held(there).await;
    fetching.stop().await;
    let methods = desk
        .emulator
        .world
        .read(|state| state.journal.methods.clone());
    let lists = [READING, LOGIN, CONNECTION, ELSEWHERE];
    for method in methods.values().flat_map(|methods| methods.keys()) {
        let listed = lists.iter().any(|list| list.contains(&method.as_str()));
        assert!(listed, "{method}");
    }
}

/// Whoever looks while files are written sees whole contents only. A download straight to the final
/// name would be seen here: with the rename replaced by a copy this fails.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_ever_sees_half_a_content() {
    let desk = Desk::logged_in(1).await;
    let naive = desk
        .dir
        .path()
        .join(blake3::hash(b"whole").to_hex().as_str());
    std::fs::write(&naive, b"wh").unwrap();
    assert_eq!(halves(std::slice::from_ref(&naive)), [naive]);

    let files: Vec<i64> = (0..30)
        .map(|number| desk.document(100 + number, 80_000 * usize::from(number) + 1))
        .collect();
    let sizes: BTreeMap<PathBuf, u64> = desk
        .files()
        .values()
        .map(|bytes| {
            (
                desk.vault().media().path(&blake3::hash(bytes)),
                bytes.len() as u64,
            )
        })
        .collect();
    let done = Arc::new(AtomicBool::new(false));
    let looking = std::thread::spawn({
        let done = Arc::clone(&done);
        move || {
            let (mut looks, mut half) = (0_u64, Vec::new());
            while !done.load(Ordering::Relaxed) {
                for (path, size) in &sizes {
                    let there = std::fs::metadata(path).map(|there| there.len());
                    if there.is_ok_and(|there| there != *size) {
                        half.push(path.clone());
                    }
                }
                looks += 1;
            }
            (looks, half)
        }
    });
    let fetching = desk.fetch(&everything()).await;
    for file in files {
        desk.wait_held(file).await;
    }
    done.store(true, Ordering::Relaxed);
    let (looks, half) = looking.join().unwrap();
    assert!(looks > 100, "{looks}");
    assert_eq!(half, Vec::<PathBuf>::new());
    assert_eq!(halves(&desk.contents()), Vec::<PathBuf>::new());
    fetching.stop().await;
}
