//! `/search` in a topic.

use super::Rig;
use crate::emulator::world::Message;

/// What of a post is bold.
fn bold(message: &Message) -> Vec<String> {
    let units: Vec<u16> = message.text.encode_utf16().collect();
    let bold = message.entities.iter().filter(|it| it.kind == "bold");
    bold.map(|it| {
        let range = it.offset as usize..(it.offset + it.length) as usize;
        String::from_utf16(&units[range]).unwrap()
    })
    .collect()
}

#[tokio::test]
async fn what_is_found_is_shown_with_its_link_and_only_to_operators() {
    let rig = Rig::start(|_| {}).await;
    let customer = rig.emulator.cast.relay_user;
    let other = rig.emulator.world.read(|state| {
        let group = state.group(rig.emulator.cast.group).unwrap();
        let mut topics = group.topics.values();
        topics
            .find(|topic| topic.customer.is_some() && topic.id != rig.topic)
            .unwrap()
            .id
    });
    let here = rig.says(customer, "😀 Мой ВОЗВРАТ по заказу zq-17, где он?");
    let there = rig.says_in(other, customer, "возврата zq всё ещё нет");
    rig.archive();

    rig.says(rig.operator(), "/search возвраты zq");
    let posted = rig.answers(1).await;
    let text = &posted[0].text;
    assert!(text.starts_with("/ Found 2\u{a0}messages:\n\n"), "{text}");
    for (topic, id) in [(rig.topic, here), (other, there)] {
        let link = format!("https://t.me/c/{}/{topic}/{id}", rig.emulator.cast.group);
        assert!(text.contains(&link), "{text}");
    }
    let mut marked = bold(&posted[0]);
    marked.sort_unstable();
    assert_eq!(marked, ["zq", "zq", "ВОЗВРАТ", "возврата"]);

    // Neither the command nor its answer is found by the next one.
    rig.archive();
    rig.says(rig.operator(), "/search возврат topic:here");
    let posted = rig.answers(2).await;
    assert!(posted[1].text.starts_with("/ Found 1\u{a0}message:"));
    assert_eq!(bold(&posted[1]), ["ВОЗВРАТ"]);

    // One after the other: none waits for another.
    rig.says(customer, "/search возврат");
    for (count, command, answer) in [
        (3, "/search возврат role:operator", "/ Nothing found."),
        (4, "/search", "/ /search WORDS\n"),
        (
            5,
            "/search has:photos",
            "/ “has:photos” is unknown; there is: photo, video,",
        ),
    ] {
        rig.says(rig.operator(), command);
        let posted = rig.answers(count).await;
        let text = &posted[count - 1].text;
        assert!(text.starts_with(answer), "{text}");
    }
    assert_eq!(rig.posted().len(), 5);
    rig.end().await;
}

#[tokio::test]
async fn many_hits_are_cut_to_the_best_and_fit_a_message() {
    let rig = Rig::start(|_| {}).await;
    rig.says(rig.operator(), "/search zq");
    let posted = rig.answers(1).await;
    assert!(posted[0].text.starts_with("/ Nothing of this group"));
    let long = "слово ".repeat(60);
    for number in 0..30 {
        rig.says(rig.operator(), &format!("{long} zq {number} {long}"));
    }
    rig.archive();
    rig.says(rig.operator(), "/search zq");
    let posted = rig.answers(2).await;
    let text = &posted[1].text;
    assert!(text.starts_with("/ The 10 best matches:"), "{text}");
    assert_eq!(text.matches("https://t.me/c/").count(), 10);
    assert_eq!(bold(&posted[1]), ["zq"; 10]);
    assert!(text.contains(" zq 29 "), "{text}");
    rig.end().await;
}
