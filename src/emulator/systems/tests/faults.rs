//! Faults and the journal, which all systems share.

use std::time::{Duration, Instant};

use serde_json::json;

use super::super::Fault;
use super::{client, request, sent, start};

#[tokio::test]
async fn answers_that_are_none() {
    let systems = start().await;
    let billing = systems.billing();
    let facts = systems.facts().billing;
    let url = format!("{}/v1/accounts/N001/admin", facts.url);
    let put = || {
        request("PUT", &url)
            .bearer_auth(&facts.token)
            .json(&json!({ "admin": true }))
    };
    let admin = || billing.account("N001").unwrap()["admin"] == true;
    let kind = |answer: &reqwest::Response| {
        let kind = answer.headers().get("content-type");
        kind.map(|kind| kind.to_str().unwrap().to_owned())
    };

    billing.faults.push(Fault::Html);
    let answer = put().send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(kind(&answer).unwrap().starts_with("text/html"));

    billing.faults.push(Fault::Empty);
    let answer = put().send().await.unwrap();
    assert_eq!((answer.status().as_u16(), kind(&answer)), (200, None));
    assert_eq!(answer.text().await.unwrap(), "");

    billing.faults.push(Fault::Huge { bytes: 5_000_000 });
    let answer = put().send().await.unwrap().bytes().await.unwrap();
    assert_eq!(answer.len(), 5_000_000);
    assert!(serde_json::from_slice::<serde_json::Value>(&answer).is_ok());

    billing.faults.push(Fault::DropBefore);
    assert!(put().send().await.is_err());
    assert!(!admin(), "nothing was done so far");

    billing.faults.push(Fault::DropAfter);
    assert!(put().send().await.is_err());
    assert!(admin(), "only the answer was lost");

    billing.faults.push(Fault::Malformed);
    let answer = put().send().await.unwrap();
    assert_eq!(kind(&answer).as_deref(), Some("application/json"));
    let half = answer.text().await.unwrap();
    assert!(
        half.starts_with("{\"id\":\"N001\"") && !half.ends_with('}'),
        "{half}"
    );

    let statuses: Vec<Option<u16>> = billing
        .journal
        .requests()
        .iter()
        .map(|request| request.status)
        .collect();
    let ok = Some(200);
    assert_eq!(statuses, [ok, ok, ok, None, None, ok]);
}

#[tokio::test]
async fn whoever_hangs_up_was_not_served() {
    let systems = start().await;
    let billing = systems.billing();
    let facts = systems.facts().billing;
    let url = format!("{}/v1/accounts/N001/admin", facts.url);
    billing
        .faults
        .push_at("admin", Fault::Hang { seconds: 3_600 });
    let hasty = request("PUT", &url)
        .bearer_auth(&facts.token)
        .json(&json!({ "admin": true }))
        .timeout(Duration::from_millis(200));
    assert!(hasty.send().await.unwrap_err().is_timeout());
    assert_eq!(billing.account("N001").unwrap()["admin"], false);
    assert_eq!(billing.journal.requests()[0].status, None);
    let begun = Instant::now();
    systems.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn the_journal_has_everything_as_it_came() {
    let systems = start().await;
    let facts = systems.facts();
    let elsewhere = format!("{}/v1/caught", facts.notion.url);
    systems.billing().faults.push(Fault::Redirect {
        to: elsewhere.clone(),
    });
    let url = format!("{}/v1/accounts?telegram_id=7", facts.billing.url);
    let answer = client()
        .get(&url)
        .bearer_auth(&facts.billing.token)
        .header("X-Request", "a b")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 302);
    assert_eq!(answer.headers()["location"], elsewhere.as_str());
    let requests = systems.billing().journal.requests();
    let [one] = requests.as_slice() else {
        panic!("{requests:?}");
    };
    assert_eq!(
        (one.method.as_str(), one.path.as_str()),
        ("GET", "/v1/accounts")
    );
    assert_eq!(one.query, "telegram_id=7");
    assert_eq!(one.status, Some(302));
    assert_eq!(one.header("x-request"), Some("a b"));
    let bearer = format!("Bearer {}", facts.billing.token);
    assert_eq!(one.header("authorization"), Some(bearer.as_str()));
    assert!(systems.notion().journal.requests().is_empty());
    systems.billing().journal.clear();
    assert!(systems.billing().journal.requests().is_empty());
}

#[tokio::test]
async fn there_is_nothing_beside_the_systems() {
    let systems = start().await;
    let base = systems.facts().notion.url.replace("/notion", "/elsewhere");
    let (status, words) = sent(request("GET", &base)).await;
    assert_eq!(status, 404);
    assert!(
        words.as_str().unwrap().contains("notion, google"),
        "{words}"
    );
}
