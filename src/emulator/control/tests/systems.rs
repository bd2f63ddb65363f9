use serde_json::{Value, json};

use super::{get, post, start};

#[tokio::test]
async fn customers_have_accounts_and_one_account_has_nobody() {
    let emulator = start().await;
    let records: Value =
        serde_json::from_str(&get(&emulator, "/systems/billing/records").await).unwrap();
    let of = |place: usize| &records[place]["telegram_ids"];
    let customers = &emulator.cast.customers;
    assert_eq!(of(0), &json!([customers[0]]));
    assert_eq!(of(3), &json!([customers[3]]));
    assert_eq!((&records[4]["id"], of(4)), (&json!("N005"), &json!([])));
    if let Some(fifth) = customers.get(4) {
        assert_eq!(of(5), &json!([fifth]));
    }
    let facts = emulator.facts().systems;
    assert_eq!(facts.billing.token, emulator.systems.billing().token());
}

#[tokio::test]
async fn faults_are_ordered_from_outside() {
    let emulator = start().await;
    let facts = emulator.facts().systems.notion;
    let ask = || async {
        let answer = reqwest::get(format!("{}/v1/pages/x", facts.url)).await;
        answer.unwrap().status().as_u16()
    };
    let order = |body: Value| post(&emulator, "/systems/notion/fault", body);
    let (status, answer) = order(json!({ "fault": "overloaded", "at": "pages", "times": 2 })).await;
    assert_eq!((status, &answer["waiting"]), (200, &json!(2)));
    assert_eq!((ask().await, ask().await, ask().await), (529, 529, 401));
    order(json!({ "fault": "server_error" })).await;
    let url = format!("{}/faults", emulator.control);
    reqwest::Client::new().delete(url).send().await.unwrap();
    assert_eq!(ask().await, 401, "nothing goes wrong any more");
    for (path, body, words) in [
        (
            "/systems/notio/fault",
            json!({ "fault": "html" }),
            "did you mean notion?",
        ),
        (
            "/systems/notion/fault",
            json!({ "fault": "htm" }),
            "did you mean `html`?",
        ),
        (
            "/systems/notion/fault",
            json!({ "fault": "hang" }),
            "`seconds`",
        ),
        (
            "/systems/notion/fault",
            json!({ "fault": "hang", "seconds": 9_999 }),
            "3,600",
        ),
        (
            "/systems/notion/fault",
            json!({ "fault": "html", "bytes": 5 }),
            "does not belong",
        ),
        (
            "/systems/notion/fault",
            json!({ "fault": "html", "times": 0 }),
            "`times`",
        ),
        (
            "/systems/notion/fault",
            json!({ "fault": "html", "when": 0 }),
            "unknown field",
        ),
    ] {
        let (status, answer) = post(&emulator, path, body).await;
        let said = answer["description"].as_str().unwrap();
        assert!(status == 400 && said.contains(words), "{said}");
    }
    let lost = get(&emulator, "/systems/elsewhere/records").await;
    assert!(lost.contains("there is no system"), "{lost}");
}
