//! `docs/emulator.md` promises what is there, and all of it.

use std::path::Path;

use topicvault::emulator::systems::Each;
use topicvault::emulator::{bot_api, mtproto};

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/emulator.md");
    std::fs::read_to_string(path).expect("the page is there")
}

#[test]
fn every_method_is_listed_and_no_other() {
    let page = page();
    let between = |start: &str, end: &str| {
        let (_, rest) = page.split_once(start).expect(start);
        rest.split_once(end).expect(end).0
    };
    for (section, methods) in [
        (
            between("<!-- mtproto methods -->", "<!-- end -->"),
            mtproto::methods().collect::<Vec<_>>(),
        ),
        (
            between("<!-- bot api methods -->", "<!-- end -->"),
            bot_api::methods().collect(),
        ),
    ] {
        let mut listed: Vec<&str> = section.split('`').skip(1).step_by(2).collect();
        let mut there = methods;
        listed.sort_unstable();
        there.sort_unstable();
        assert_eq!(listed, there);
    }
}

#[test]
fn every_outside_system_is_described_and_no_other() {
    let page = page();
    let (_, rest) = page.split_once("<!-- systems -->").expect("the section");
    let (section, _) = rest.split_once("<!-- end -->").expect("its end");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let described: Vec<&str> = rows.filter_map(|row| row.split('`').next()).collect();
    assert_eq!(described, Each::NAMES);
}

#[test]
fn the_layer_is_the_one_spoken() {
    let layer = format!("TL layer {}", grammers_tl_types::LAYER);
    assert!(page().contains(&layer), "{layer}");
}
