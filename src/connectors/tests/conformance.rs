//! What every preset that keeps records must do, against a system that behaves as documented.

use std::time::Instant;

use super::super::{Cause, Live};
use super::presets::ALL;
use super::support::{Bench, Preset, Record, SOON, context, hang, link, run};
use crate::emulator::systems::Fault;

const ANNA: i64 = 987_654_321;
/// Contains the other's number: loose searches must not take one for the other.
const OTHER: i64 = 98_765_432;

/// Runs a check for every preset.
macro_rules! for_each_preset {
    ($($name:ident: $check:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            for preset in ALL {
                let checked = tokio::time::timeout(SOON, $check(preset)).await;
                assert!(checked.is_ok(), "{} took too long", preset.name);
            }
        }
    )*};
}

for_each_preset! {
    a_record_is_created_found_again_and_updated: create_find_update;
    tags_are_added_and_taken_away: tags;
    another_customer_s_record_is_left_alone: others;
    a_record_on_a_later_page_is_found: paging;
    being_asked_to_wait_is_waited_for: rate_limit;
    many_at_once_keep_the_system_s_pace: pace;
    two_at_once_make_one_record: at_once;
    an_expired_token_is_told_or_renewed: expired;
    whatever_goes_wrong_is_one_cause_and_nothing_is_changed: faults;
    a_lost_answer_is_said_to_be_uncertain_and_a_second_run_finds_the_record: lost;
    credentials_do_not_follow_a_redirect: redirect;
    info_shows_link_and_tags: info;
}

fn records(bench: &Bench, preset: &Preset, user: i64) -> Vec<Record> {
    (preset.records)(&bench.systems, user)
}

async fn create_find_update(preset: &Preset) {
    let bench = Bench::start(preset).await;
    let created = bench.record(ANNA, "vip").await.unwrap();
    assert!(link(&created).starts_with("https://"), "{created:?}");
    assert!(created.text.contains("Tags: vip"), "{created:?}");
    let first = records(&bench, preset, ANNA);
    assert_eq!(first.len(), 1, "{}", preset.name);
    // Whatever the name holds, it arrives as it is.
    assert!(first[0].0.contains("Anna <b>\"&'"), "{first:?}");

    let mut renamed = context(ANNA);
    if let Some(customer) = &mut renamed.customer {
        customer.first_name = Some("Анна".to_owned());
    }
    let updated = run(&bench.live, "record", &renamed, "").await.unwrap();
    assert!(updated.text.contains("updated"), "{updated:?}");
    assert_eq!(
        id_in(&link(&updated)),
        id_in(&link(&created)),
        "{}",
        preset.name
    );
    let second = records(&bench, preset, ANNA);
    assert_eq!(second.len(), 1, "{}", preset.name);
    assert!(second[0].0.contains("Анна"), "{second:?}");
    assert_eq!(second[0].1, ["vip"], "{}", preset.name);
}

/// The end of a link, which names the record; before it there may be its title.
fn id_in(link: &str) -> &str {
    link.trim_end_matches("/view")
        .rsplit(['-', '/', '='])
        .find(|part| !part.is_empty())
        .unwrap_or_default()
}

async fn tags(preset: &Preset) {
    let bench = Bench::start(preset).await;
    bench.record(ANNA, "vip trial").await.unwrap();
    let reply = bench.record(ANNA, "-trial +новый").await.unwrap();
    assert!(reply.text.contains("Tags: vip, новый"), "{reply:?}");
    assert_eq!(records(&bench, preset, ANNA)[0].1, ["vip", "новый"]);
    bench.record(ANNA, "-VIP -новый").await.unwrap();
    assert_eq!(records(&bench, preset, ANNA)[0].1, Vec::<String>::new());
}

async fn others(preset: &Preset) {
    let bench = Bench::start(preset).await;
    bench.record(OTHER, "other").await.unwrap();
    bench.record(ANNA, "vip").await.unwrap();
    bench.record(OTHER, "").await.unwrap();
    for (user, tag) in [(OTHER, "other"), (ANNA, "vip")] {
        let records = records(&bench, preset, user);
        assert_eq!(records.len(), 1, "{} {user}", preset.name);
        assert_eq!(records[0].1, [tag], "{}", preset.name);
    }
}

async fn paging(preset: &Preset) {
    let bench = Bench::start(preset).await;
    (preset.crowd)(&bench.systems);
    for other in 1..=5 {
        bench.record(ANNA * 10 + other, "").await.unwrap();
    }
    bench.record(ANNA, "vip").await.unwrap();
    let again = bench.record(ANNA, "").await.unwrap();
    assert!(again.text.contains("updated"), "{}: {again:?}", preset.name);
    assert_eq!(records(&bench, preset, ANNA).len(), 1, "{}", preset.name);
}

async fn rate_limit(preset: &Preset) {
    let bench = Bench::start(preset).await;
    let faults = (preset.faults)(&bench.systems);
    // Where a token is fetched, it is there already.
    run(&bench.live, "info", &context(ANNA), "").await.unwrap();
    faults.push(Fault::TooMany {
        retry_after: Some(1),
    });
    faults.push_at(
        preset.changes_at,
        Fault::TooMany {
            retry_after: Some(1),
        },
    );
    let begun = Instant::now();
    bench.record(ANNA, "").await.unwrap();
    assert!(begun.elapsed().as_millis() >= 300, "{}", preset.name);
    assert_eq!(records(&bench, preset, ANNA).len(), 1);

    // Longer than anyone waits: said, with the time.
    faults.push(Fault::TooMany {
        retry_after: Some(600),
    });
    let failure = bench.record(ANNA, "").await.unwrap_err();
    assert!(matches!(failure.cause, Cause::Busy { .. }), "{failure}");
}

async fn pace(preset: &Preset) {
    let bench = Bench::start(preset).await;
    let journal = (preset.journal)(&bench.systems);
    let many = (0..4).map(|number| bench.record(ANNA + number, ""));
    for done in futures(many).await {
        done.unwrap();
    }
    let refused = journal
        .requests()
        .into_iter()
        .filter(|request| matches!(request.status, Some(429 | 503)));
    assert_eq!(refused.count(), 0, "{}", preset.name);
}

async fn at_once(preset: &Preset) {
    let bench = Bench::start(preset).await;
    let both = (0..2).map(|_| bench.record(ANNA, ""));
    for done in futures(both).await {
        done.unwrap();
    }
    assert_eq!(records(&bench, preset, ANNA).len(), 1, "{}", preset.name);
}

async fn expired(preset: &Preset) {
    let bench = Bench::start(preset).await;
    let faults = (preset.faults)(&bench.systems);
    bench.record(ANNA, "").await.unwrap();
    faults.push(Fault::ExpiredToken);
    let outcome = bench.record(ANNA, "again").await;
    // A fixed token cannot be renewed; a fetched one is, once.
    if renews(&bench.live) {
        outcome.unwrap();
        faults.push(Fault::ExpiredToken);
        faults.push(Fault::ExpiredToken);
        let failure = bench.record(ANNA, "").await.unwrap_err();
        assert_eq!(failure.cause, Cause::Unauthorised, "{}", preset.name);
    } else {
        let failure = outcome.unwrap_err();
        assert_eq!(failure.cause, Cause::Unauthorised, "{}", preset.name);
        assert!(failure.done.is_empty() && !failure.uncertain, "{failure:?}");
    }
}

fn renews(live: &Live) -> bool {
    let login = live.connector.login();
    login.starts_with("OAuth") || login.starts_with("Google")
}

async fn faults(preset: &Preset) {
    let bench = Bench::start(preset).await;
    let queue = (preset.faults)(&bench.systems);
    bench.record(ANNA, "vip").await.unwrap();
    let before = records(&bench, preset, ANNA);
    let quick = bench.changed("budget = 12.0", "budget = 2.5\nattempts = 1");
    // Where a token is fetched, it is there already.
    run(&quick, "info", &context(ANNA), "").await.unwrap();
    type Wanted = fn(&Cause) -> bool;
    let cases: [(Fault, Wanted); 9] = [
        (Fault::Forbidden, |cause| *cause == Cause::Forbidden),
        (Fault::NotFound, |cause| *cause == Cause::NotFound),
        (Fault::ServerError, |cause| {
            matches!(cause, Cause::Failed { .. })
        }),
        (Fault::Overloaded, |cause| {
            matches!(cause, Cause::Failed { .. } | Cause::Busy { .. })
        }),
        (Fault::Html, |cause| *cause == Cause::NotJson),
        (Fault::Malformed, |cause| *cause == Cause::Malformed),
        (Fault::DropBefore, |cause| *cause == Cause::Unreachable),
        (Fault::Huge { bytes: 10_000_000 }, |cause| {
            *cause == Cause::TooLarge
        }),
        (hang(), |cause| *cause == Cause::TimedOut),
    ];
    for (fault, wanted) in cases {
        // Where a record is asked for by its key, 404 is the answer that there is none.
        if fault == Fault::NotFound && preset.name == "salesforce" {
            continue;
        }
        queue.clear();
        queue.push(fault.clone());
        let outcome = run(&quick, "record", &context(ANNA), "gone").await;
        let failure = outcome.expect_err(preset.name);
        assert!(
            wanted(&failure.cause),
            "{} {fault:?}: {failure:?}",
            preset.name
        );
        assert!(failure.done.is_empty() && !failure.uncertain, "{failure:?}");
        // The log is told nothing about the customer.
        let said = failure.to_string();
        for secret in ["Anna", "987654321", "+49301234567"] {
            assert!(!said.contains(secret), "{said}");
        }
    }
    assert_eq!(records(&bench, preset, ANNA), before, "{}", preset.name);
    // The next attempt is as if nothing had been.
    queue.clear();
    bench.record(ANNA, "").await.unwrap();
}

async fn lost(preset: &Preset) {
    let bench = Bench::start(preset).await;
    let queue = (preset.faults)(&bench.systems);
    queue.push_at(preset.changes_at, Fault::DropAfter);
    match bench.record(ANNA, "vip").await {
        // Done twice it is as if done once.
        Ok(_) => {}
        Err(failure) => {
            assert_eq!(failure.cause, Cause::Unreachable, "{}", preset.name);
            assert!(failure.uncertain, "{failure:?}");
        }
    }
    let again = bench.record(ANNA, "").await.unwrap();
    assert!(again.text.contains("updated"), "{}: {again:?}", preset.name);
    assert_eq!(records(&bench, preset, ANNA).len(), 1, "{}", preset.name);
}

async fn redirect(preset: &Preset) {
    let bench = Bench::start(preset).await;
    let other = Bench::start(preset).await;
    let elsewhere = (other.systems).facts().notion.url;
    let queue = (preset.faults)(&bench.systems);
    for at in ["", preset.changes_at] {
        let to = format!("{elsewhere}/v1/anywhere");
        queue.push_at(at, Fault::Redirect { to });
        let failure = bench.record(ANNA, "").await.unwrap_err();
        assert_eq!(failure.cause, Cause::Redirected, "{}", preset.name);
    }
    assert_eq!(other.systems.notion().journal.requests().len(), 0);
}

async fn info(preset: &Preset) {
    let bench = Bench::start(preset).await;
    let none = run(&bench.live, "info", &context(ANNA), "").await.unwrap();
    assert!(none.text.starts_with("no "), "{}: {none:?}", preset.name);
    let made = bench.record(ANNA, "vip trial").await.unwrap();
    let shown = run(&bench.live, "info", &context(ANNA), "").await.unwrap();
    assert_eq!(link(&shown), link(&made), "{}", preset.name);
    assert!(
        shown.text.contains("vip, trial"),
        "{}: {shown:?}",
        preset.name
    );
}

/// Waits for all.
async fn futures<T>(all: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut waiting: Vec<_> = all.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        waiting.retain_mut(|one| match one.as_mut().poll(context) {
            std::task::Poll::Ready(value) => {
                done.push(value);
                false
            }
            std::task::Poll::Pending => true,
        });
        if waiting.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done
}
