//! What operators read in German and in Russian, word for word.

use super::desk::Desk;
use crate::config::Delivery;
use crate::emulator::systems::Fault;

/// Goes through a day at the desk, and shows all that is read.
async fn day(language: &str, yes: &str, done: &str) -> String {
    let mut desk = Desk::with(|config| {
        config.bot.messages_per_minute = 1000;
        let group = &mut config.groups[0];
        group.language = Some(language.to_owned());
        group.delivery = Delivery::Bot;
    })
    .await;
    desk.rig.archive();
    desk.systems.billing().give("N001", desk.customer);
    desk.systems.billing().set_balance("N001", 100_000);
    let mut shown = Vec::new();
    for command in [
        "/link N005",
        "/link N005 anna",
        "/links N005",
        "/unlink N005",
        "/notion vip",
        "/activate t9",
        "/history",
        "/waiting",
        "/help",
    ] {
        let answer = desk.says(command).await;
        shown.push(format!("{command}\n{}", desk.shown(&answer)));
    }
    let asked = desk.says("/activate t1 m6").await;
    shown.push(format!("/activate t1 m6\n{}", desk.shown(&asked)));
    desk.press(desk.rig.operator(), &asked, yes);
    shown.push(desk.shown(&desk.until(&asked, done).await));
    let told = desk.next().await;
    shown.push(desk.shown(&told));
    desk.systems.billing().faults.push(Fault::Forbidden);
    desk.systems.notion().faults.push(Fault::ExpiredToken);
    let info = desk.says("/info").await;
    shown.push(format!("/info\n{}", desk.shown(&info)));
    assert_eq!(desk.delivered(), [told.text]);
    shown.join("\n\n")
}

#[tokio::test]
async fn a_day_in_german() {
    insta::assert_snapshot!(day("de", "Ja", "Kunde").await);
}

#[tokio::test]
async fn a_day_in_russian() {
    insta::assert_snapshot!(day("ru", "Да", "лиент").await);
}
