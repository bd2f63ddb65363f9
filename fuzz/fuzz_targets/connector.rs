//! Whatever a connector's file holds it is an error or a connector that can be rehearsed; whatever
//! an operator types after its commands is arguments or a misfit; and whatever a reply is, its
//! formatting lies within its text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use topicvault::connectors::{Connector, Markup};

fuzz_target!(|input: (&str, &str, &str)| {
    let (file, typed, reply) = input;
    if let Ok(connector) = Connector::parse("fuzzed", "fuzzed.toml", file) {
        let _ = connector.rehearse();
        for action in connector.actions.values() {
            let _ = action.grammar.parse(typed);
            let _ = action.grammar.usage();
        }
    }
    let markup = Markup::read_or_plain(reply);
    let units = markup.text.encode_utf16().count();
    for entity in &markup.entities {
        let end = u64::from(entity.offset) + u64::from(entity.length);
        assert!(entity.length > 0 && end <= units as u64);
    }
});
