//! A process that dies at any durable step loses nothing and doubles nothing.
//!
//! The test starts its own binary again, with only [`victim`] to run and the step at which to die.

use std::path::PathBuf;
use std::process::Command;

use super::*;

const VAULT: &str = "TOPICVAULT_TEST_VAULT";

/// One round: ten messages, an edit, a deletion and a reaction of the round before, then perhaps a
/// sealing and a compaction.
fn round(number: i32) -> Vec<Observed> {
    let first = number * 10 + 1;
    let mut events: Vec<_> = (first..first + 10)
        .map(|id| live(text(id, id % 3 + 1, &format!("message {id}"))))
        .collect();
    if number > 0 {
        events.push(live(edited(first - 10, (first - 10) % 3 + 1, "edited", 5)));
        events.push(deleted(first - 9));
        events.push(reaction(first - 8, "👍"));
    }
    events
}

const ROUNDS: i32 = 6;

/// A file with the messages of the round and two of its own.
fn load(vault: &Vault, writer: &mut Writer, number: i32) {
    let first = number * 10 + 1;
    let ids = (first..first + 10).chain([1001 + number * 2, 1002 + number * 2]);
    let messages = ids.map(|id| Snapshot {
        message: text(id, id % 3 + 1, &format!("message {id}")),
        versions: Vec::new(),
        deleted_at: None,
        by: Some(Source::Import),
        marks: crate::model::Marks::default(),
    });
    let mut loader = Loader::new(vault.reader(group()).unwrap(), 3, 5).unwrap();
    let load = loader.pack(messages.collect(), Vec::new()).unwrap();
    writer.load(load, 5).unwrap();
}

fn write(vault: &Vault, from: i32) {
    let mut writer = vault.writer(group()).unwrap();
    for number in from..ROUNDS {
        let position = Position {
            name: "round".to_owned(),
            value: i64::from(number) + 1,
        };
        writer.append(&round(number), &[position]).unwrap();
        if number % 2 == 1 {
            writer.seal(&SEAL).unwrap();
            compact(vault, &mut writer);
            writer.vacuum().unwrap();
            load(vault, &mut writer, number);
        }
    }
}

/// Not a test of its own: what the child process runs.
#[test]
fn victim() {
    if let Some(dir) = std::env::var_os(VAULT) {
        write(&Vault::create(&PathBuf::from(dir)).unwrap(), 0);
    }
}

fn everything(reader: &Reader) -> Vec<Snapshot> {
    all(reader, &Selection::default(), Order::Id)
}

#[cfg(feature = "emulator")]
#[test]
fn a_crash_at_any_step_loses_and_doubles_nothing() {
    let whole = Place::new();
    write(&whole.vault, 0);
    let expected = everything(&whole.reader());
    assert_eq!(expected.len(), 66);

    let steps = crate::steps::ALL.iter().filter(|step| {
        let of = |part| step.starts_with(part);
        of("archive.") || of("seal.") || of("compact.") || of("load.") || of("facts.")
    });
    for step in steps {
        for passage in 1..=3 {
            let place = Place::new();
            let status = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "archive::tests::crash::victim", "-q"])
                .env(VAULT, place.vault.dir())
                .env("TOPICVAULT_KILL_AT", format!("{step}#{passage}"))
                .output()
                .unwrap()
                .status;
            assert!(!status.success(), "{step}#{passage} was never passed");

            // What was committed is there, as one with its position, and nothing else.
            let mut writer = place.writer();
            let reader = place.reader();
            let rounds = reader.position("round").unwrap().unwrap_or(0);
            let rounds = i32::try_from(rounds).unwrap();
            let found = everything(&reader);
            let live = found.iter().filter(|it| it.message.id.0 <= 1000).count();
            assert_eq!(live as i32, rounds * 10, "{step}#{passage}");
            let stats = reader.stats().unwrap();
            assert_eq!((stats.messages + stats.deleted) as usize, found.len());
            assert!(reader.unknown(1..=rounds * 10).unwrap().is_empty());

            // The source delivers the last round again and goes on.
            if rounds > 0 {
                let again = writer.append(&round(rounds - 1), &[]).unwrap();
                assert_eq!((again.new, again.edited, again.deleted), (0, 0, 0));
            }
            // So does whoever imports.
            if rounds > 0 && rounds % 2 == 0 {
                load(&place.vault, &mut writer, rounds - 1);
            }
            drop(writer);
            write(&place.vault, rounds);
            assert!(everything(&place.reader()) == expected, "{step}#{passage}");
        }
    }
}
