//! The billing preset: what costs money happens once, and is asked first.

use std::sync::Arc;

use super::super::{Cause, Context, Failure, Live, Outcome, Until};
use super::presets::BILLING;
use super::support::{Bench, context, run};
use crate::emulator::systems::Fault;

const ANNA: i64 = 987_654_321;

async fn bench() -> Bench {
    let bench = Bench::start(&BILLING).await;
    bench.systems.billing().give("N007", ANNA);
    bench.systems.billing().set_balance("N007", 100_000);
    bench
}

async fn activate(live: &Live, context: &Context, until: Until) -> Result<Outcome, Failure> {
    let action = Arc::clone(&live.connector.actions["activate"]);
    let mut context = context.clone();
    context.arguments = action.grammar.parse("t1 m6").unwrap();
    live.run(&action, &context, until).await
}

fn balance(bench: &Bench) -> String {
    let account = bench.systems.billing().account("N007").unwrap();
    account["balance"]["amount"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_question_changes_nothing_and_names_the_price() {
    let bench = bench().await;
    let outcome = activate(&bench.live, &context(ANNA), Until::Question).await;
    let Ok(Outcome::Ask { question }) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(question.contains("Price a month: 4.90 EUR"), "{question}");
    assert_eq!(balance(&bench), "1000.00");
}

#[tokio::test]
async fn a_lost_answer_does_not_charge_twice() {
    let bench = bench().await;
    let faults = &bench.systems.billing().faults;
    faults.push_at("subscription", Fault::DropAfter);
    let outcome = activate(&bench.live, &context(ANNA), Until::End).await;
    let Ok(Outcome::Done { reply, notice }) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(reply.contains("29.40"), "{reply}");
    // The customer is told in their own language.
    assert!(notice.unwrap().starts_with("Ihr Tarif Basic"), "{reply}");
    assert_eq!(balance(&bench), "970.60");
    // The same command once more, as after a kill: the same answer, no second charge.
    activate(&bench.live, &context(ANNA), Until::End)
        .await
        .unwrap();
    assert_eq!(balance(&bench), "970.60");
    // Another command is another order.
    let mut other = context(ANNA);
    other.key = "test-2".to_owned();
    activate(&bench.live, &other, Until::End).await.unwrap();
    assert_eq!(balance(&bench), "941.20");
}

#[tokio::test]
async fn a_doubt_is_not_forgotten_by_a_later_failure() {
    let bench = bench().await;
    let faults = &bench.systems.billing().faults;
    faults.push_at("subscription", Fault::DropAfter);
    faults.push_at("subscription", Fault::Forbidden);
    let failure = activate(&bench.live, &context(ANNA), Until::End)
        .await
        .unwrap_err();
    assert_eq!(failure.cause, Cause::Forbidden);
    assert_eq!(balance(&bench), "970.60");
    assert!(failure.uncertain, "{failure:?}");
}

#[tokio::test]
async fn what_the_service_refuses_is_said_in_its_words_and_nothing_is_done() {
    let bench = bench().await;
    let mut late = context(ANNA);
    late.accounts = vec!["N007".to_owned(), "N008".to_owned()];
    let outcome = activate(&bench.live, &late, Until::End).await.unwrap();
    assert!(
        matches!(&outcome, Outcome::Refused { reply } if reply.contains("N007, N008")),
        "{outcome:?}"
    );
    let faults = &bench.systems.billing().faults;
    faults.push_at("subscription", Fault::Forbidden);
    let failure = activate(&bench.live, &context(ANNA), Until::End)
        .await
        .unwrap_err();
    assert_eq!(failure.cause, Cause::Forbidden);
    assert_eq!(failure.step.as_deref(), Some("activated"));
    assert!(!failure.uncertain, "{failure:?}");
    assert_eq!(balance(&bench), "1000.00");
}

#[tokio::test]
async fn a_tariff_is_ended_once_and_rights_are_set() {
    let bench = bench().await;
    activate(&bench.live, &context(ANNA), Until::End)
        .await
        .unwrap();
    let faults = &bench.systems.billing().faults;
    faults.push_at("subscription", Fault::DropAfter);
    let ended = run(&bench.live, "deactivate", &context(ANNA), "")
        .await
        .unwrap();
    assert!(ended.text.contains("has ended"), "{ended:?}");
    let again = run(&bench.live, "deactivate", &context(ANNA), "")
        .await
        .unwrap();
    assert_eq!(again.text, "N007 has no tariff.");
    for (state, said) in [
        ("on", "N007: administrator."),
        ("OFF", "N007: no administrator."),
    ] {
        let reply = run(&bench.live, "admin", &context(ANNA), state)
            .await
            .unwrap();
        assert_eq!(reply.text, said);
    }
}

#[tokio::test]
async fn all_accounts_are_shown_however_many_pages_there_are() {
    let bench = bench().await;
    for account in ["N010", "N011", "N012"] {
        bench.systems.billing().give(account, ANNA);
    }
    bench.systems.billing().set_page_size(2);
    let mut linked = context(ANNA);
    // One of them is linked besides, and one that is gone.
    linked.accounts = vec!["N011".to_owned(), "N020".to_owned(), "N999".to_owned()];
    let info = run(&bench.live, "info", &linked, "").await.unwrap();
    for account in ["N007", "N010", "N011", "N012", "N020"] {
        assert_eq!(info.text.matches(account).count(), 1, "{account}: {info:?}");
    }
}
