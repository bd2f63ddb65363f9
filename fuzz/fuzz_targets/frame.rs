//! Whatever the bytes, a frame is an error or messages, however it is read: whole, run by run, or
//! all runs side by side; in both layouts, with a dictionary and without.
#![no_main]

use libfuzzer_sys::fuzz_target;
use topicvault::archive::codec::{Dictionary, Encoder, Frame, Packer};

fuzz_target!(|input: (bool, Option<&[u8]>, &[u8])| {
    let (first, dictionary, bytes) = input;
    let mut body = b"TVF".to_vec();
    body.push(if first { 1 } else { 2 });
    body.extend_from_slice(bytes);
    let dictionary = dictionary.map(Dictionary::new);
    let Ok(frame) = Frame::read(body, dictionary) else {
        return;
    };
    let Ok(runs) = frame.runs() else {
        return;
    };
    let mut cursors: Vec<_> = (0..runs.len())
        .filter_map(|slot| frame.cursor(slot).ok())
        .collect();
    assert_eq!(cursors.len(), runs.len());
    let longest = runs.iter().map(|run| run.records.len()).max().unwrap_or(0);
    for place in 0..longest {
        for (cursor, run) in cursors.iter_mut().zip(&runs) {
            let next = cursor.next(&frame).expect("what was read once is read again");
            assert_eq!(next.as_ref(), run.records.get(place));
        }
    }
    // What was read can be written, and says the same.
    let mut encoder = Encoder::default();
    for run in &runs {
        for record in &run.records {
            if encoder.push(run.topic, record).is_err() {
                return;
            }
        }
    }
    let mut packer = Packer::new(1, None).expect("a level that there is");
    let Ok(again) = encoder.finish(&mut packer) else {
        return;
    };
    let again = Frame::read(again.body, None).expect("our own");
    let said = |runs: Vec<topicvault::archive::codec::Run>| -> Vec<_> {
        let each = |run: topicvault::archive::codec::Run| {
            run.records.into_iter().map(move |record| (run.topic, record))
        };
        runs.into_iter().flat_map(each).collect()
    };
    assert_eq!(said(again.runs().expect("our own")), said(runs));
});
