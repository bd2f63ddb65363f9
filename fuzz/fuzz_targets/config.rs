//! Whatever the file and the environment say, a configuration loads or says what is wrong.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use topicvault::config::load_with;

fuzz_target!(|input: (&str, BTreeMap<String, String>)| {
    let (text, variables) = input;
    let variables = variables
        .into_iter()
        .map(|(key, value)| (format!("TOPICVAULT_{key}"), value))
        .collect();
    let path = std::env::temp_dir().join(format!("topicvault-fuzz-{}.toml", std::process::id()));
    std::fs::write(&path, text).expect("the temporary directory can be written");
    if let Err(error) = load_with(Some(&path), &variables) {
        assert!(!error.to_string().is_empty());
    }
});
