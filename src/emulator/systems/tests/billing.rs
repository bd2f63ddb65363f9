use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Fault, Limit, Systems};
use super::{request, sent, start};

struct Desk {
    systems: Systems,
    url: String,
    token: String,
}

async fn desk() -> Desk {
    let systems = start().await;
    systems.billing().set_limit(Limit::Off);
    systems.clock().fix("2026-05-04T12:00:00Z".parse().unwrap());
    let facts = systems.facts().billing;
    Desk {
        systems,
        url: facts.url,
        token: facts.token,
    }
}

impl Desk {
    fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        request(method, &format!("{}{path}", self.url)).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        sent(self.request("GET", path)).await
    }

    async fn subscribe(&self, account: &str, key: &str, body: Value) -> (u16, Value) {
        let path = format!("/v1/accounts/{account}/subscription");
        let request = self.request("POST", &path).header("Idempotency-Key", key);
        sent(request.json(&body)).await
    }
}

fn code(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["error"]["code"].as_str().unwrap())
}

#[tokio::test]
async fn accounts_belong_to_telegram_users() {
    let desk = desk().await;
    let billing = desk.systems.billing();
    assert!(billing.give("N001", 77));
    assert!(billing.give("N002", 77));
    assert!(!billing.give("N999", 77));
    let (status, list) = desk.get("/v1/accounts?telegram_id=77").await;
    assert_eq!((status, &list["next"]), (200, &Value::Null));
    assert_eq!(list["accounts"].as_array().unwrap().len(), 2);
    assert_eq!(list["accounts"][0]["id"], "N001");
    assert_eq!(
        list["accounts"][0]["url"],
        "https://billing.example/accounts/N001"
    );
    let (_, nobody) = desk.get("/v1/accounts?telegram_id=78").await;
    assert_eq!(nobody["accounts"], json!([]));
    let linked = json!({ "telegram_ids": [78, 78] });
    let (status, account) = sent(
        desk.request("PUT", "/v1/accounts/N005/telegram")
            .json(&linked),
    )
    .await;
    assert_eq!((status, &account["telegram_ids"]), (200, &json!([78])));
    let (_, found) = desk.get("/v1/accounts?telegram_id=78").await;
    assert_eq!(found["accounts"][0]["id"], "N005");
    let admin = json!({ "admin": true });
    let (status, account) = sent(desk.request("PUT", "/v1/accounts/N005/admin").json(&admin)).await;
    assert_eq!((status, &account["admin"]), (200, &json!(true)));
    assert_eq!(billing.account("N005").unwrap(), account);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let desk = desk().await;
    desk.systems.billing().set_page_size(15);
    let mut seen = Vec::new();
    let mut path = "/v1/accounts?limit=100".to_owned();
    loop {
        let (status, list) = desk.get(&path).await;
        assert_eq!(status, 200, "{list}");
        for account in list["accounts"].as_array().unwrap() {
            seen.push(account["id"].as_str().unwrap().to_owned());
        }
        let Some(next) = list["next"].as_str() else {
            break;
        };
        path = format!("/v1/accounts?limit=100&cursor={next}");
    }
    assert_eq!(seen.len(), 40);
    assert_eq!((seen[0].as_str(), seen[39].as_str()), ("N001", "N040"));
    for (path, error) in [
        ("/v1/accounts?cursor=N001", "bad_cursor"),
        ("/v1/accounts?limit=0", "bad_limit"),
        ("/v1/accounts?limit=101", "bad_limit"),
        ("/v1/accounts?telegram_id=x", "bad_telegram_id"),
        ("/v1/accounts?telegram=7", "unknown_parameter"),
    ] {
        assert_eq!(code(&desk.get(path).await), (400, error), "{path}");
    }
}

#[tokio::test]
async fn transactions_come_newest_first_and_add_up() {
    let desk = desk().await;
    for account in desk.systems.billing().records() {
        let cents = |text: &Value| {
            let text = text.as_str().unwrap().replace('.', "");
            text.parse::<i64>().unwrap()
        };
        let past = account["transactions"].as_array().unwrap();
        let sum: i64 = past.iter().map(|one| cents(&one["amount"])).sum();
        assert_eq!(sum, cents(&account["balance"]["amount"]), "{account}");
        let times: Vec<&str> = past.iter().map(|one| one["at"].as_str().unwrap()).collect();
        assert!(times.is_sorted_by(|new, old| new >= old), "{times:?}");
    }
    let (_, first) = desk.get("/v1/accounts/N001/transactions?limit=1").await;
    let next = first["next"].as_str().unwrap();
    let path = format!("/v1/accounts/N001/transactions?limit=1&cursor={next}");
    let (_, second) = desk.get(&path).await;
    let whole = &desk.systems.billing().records()[0]["transactions"];
    assert_eq!(first["transactions"][0], whole[0]);
    assert_eq!(second["transactions"][0], whole[1]);
}

#[tokio::test]
async fn tariffs_are_sold_once_a_key() {
    let desk = desk().await;
    let billing = desk.systems.billing();
    let (_, tariffs) = desk.get("/v1/tariffs").await;
    assert_eq!(tariffs["tariffs"][0]["price"]["amount"], "4.90");
    // Whatever it began with.
    let _ = sent(desk.request("DELETE", "/v1/accounts/N001/subscription")).await;
    billing.set_balance("N001", 4_000);
    let wanted = json!({ "tariff": "t1", "period": "m6" });
    let sold = desk.subscribe("N001", "one", wanted.clone()).await;
    assert_eq!(sold.0, 201, "{sold:?}");
    assert_eq!(sold.1["subscription"]["from"], "2026-05-04");
    assert_eq!(sold.1["subscription"]["until"], "2026-11-04");
    assert_eq!(
        sold.1["charged"],
        json!({ "amount": "29.40", "currency": "EUR" })
    );
    assert_eq!(sold.1["balance"]["amount"], "10.60");
    assert_eq!(desk.subscribe("N001", "one", wanted.clone()).await, sold);
    assert_eq!(
        billing.account("N001").unwrap()["balance"]["amount"],
        "10.60"
    );
    let other = json!({ "tariff": "t1", "period": "m1" });
    let refused = desk.subscribe("N001", "one", other.clone()).await;
    assert_eq!(code(&refused), (409, "idempotency_key_reused"));
    let refused = desk.subscribe("N002", "one", wanted.clone()).await;
    assert_eq!(code(&refused), (409, "idempotency_key_reused"));
    // The same tariff goes on where it would have ended.
    let longer = desk.subscribe("N001", "two", other).await;
    assert_eq!(longer.1["subscription"]["from"], "2026-11-04");
    assert_eq!(longer.1["subscription"]["until"], "2026-12-04");
    let (status, ended) = sent(desk.request("DELETE", "/v1/accounts/N001/subscription")).await;
    assert_eq!(
        (status, &ended["ended"]["until"]),
        (200, &json!("2026-12-04"))
    );
    let again = sent(desk.request("DELETE", "/v1/accounts/N001/subscription")).await;
    assert_eq!(code(&again), (409, "no_subscription"));
}

#[tokio::test]
async fn refusals_change_nothing() {
    let desk = desk().await;
    let billing = desk.systems.billing();
    billing.set_balance("N001", 489);
    let before = billing.records();
    let wanted = |tariff: &str, period: &str| json!({ "tariff": tariff, "period": period });
    for (body, status, error) in [
        (wanted("t1", "m1"), 402, "insufficient_funds"),
        (wanted("t9", "m1"), 422, "unknown_tariff"),
        (wanted("t1", "1m"), 422, "bad_period"),
        (json!({ "tariff": "t1" }), 422, "bad_request"),
        (
            json!({ "tariff": "t1", "period": "m1", "free": true }),
            422,
            "bad_request",
        ),
    ] {
        let answer = desk.subscribe("N001", "key", body).await;
        assert_eq!(code(&answer), (status, error));
    }
    let path = "/v1/accounts/N001/subscription";
    let keyless = sent(desk.request("POST", path).json(&wanted("t1", "m1"))).await;
    assert_eq!(code(&keyless), (400, "idempotency_key_required"));
    let nobody = desk.subscribe("N999", "key", wanted("t1", "m1")).await;
    assert_eq!(code(&nobody), (404, "account_not_found"));
    let telegram = json!({ "telegram_ids": [-5] });
    let wrong = sent(
        desk.request("PUT", "/v1/accounts/N001/telegram")
            .json(&telegram),
    )
    .await;
    assert_eq!(code(&wrong), (422, "bad_telegram_id"));
    let plain = sent(desk.request("PUT", "/v1/accounts/N001/admin").body("{}")).await;
    assert_eq!(code(&plain), (415, "unsupported_media_type"));
    let method = sent(desk.request("PATCH", "/v1/accounts/N001")).await;
    assert_eq!(code(&method), (405, "method_not_allowed"));
    assert_eq!(code(&desk.get("/v2/accounts").await), (404, "not_found"));
    let stranger = sent(request("GET", &format!("{}/v1/tariffs", desk.url))).await;
    assert_eq!(code(&stranger), (401, "unauthorized"));
    assert_eq!(billing.records(), before);
}

#[tokio::test]
async fn ten_a_second_and_no_more() {
    let desk = desk().await;
    desk.systems.billing().set_limit(Limit::Window {
        most: 10,
        within: Duration::from_secs(1),
    });
    for _ in 0..10 {
        assert_eq!(desk.get("/v1/tariffs").await.0, 200);
    }
    let answer = desk.request("GET", "/v1/tariffs").send().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "1");
    desk.systems.clock().forward(Duration::from_secs(1));
    assert_eq!(desk.get("/v1/tariffs").await.0, 200);
}

#[tokio::test]
async fn faults_are_worded_as_everything_else() {
    let desk = desk().await;
    for (fault, status, error) in [
        (Fault::ExpiredToken, 401, "unauthorized"),
        (Fault::Forbidden, 403, "forbidden"),
        (Fault::NotFound, 404, "not_found"),
        (Fault::TooMany { retry_after: None }, 429, "rate_limited"),
        (Fault::Overloaded, 503, "unavailable"),
        (Fault::ServerError, 500, "internal"),
    ] {
        desk.systems.billing().faults.push(fault);
        assert_eq!(code(&desk.get("/v1/tariffs").await), (status, error));
    }
}
