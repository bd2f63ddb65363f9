//! What logs must not hold.

use super::*;

/// Keeps what is logged.
#[derive(Clone, Default)]
struct Log(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_log_of_any_level_holds_the_token_or_what_people_write() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    // With a single one, tracing asks the thread that comes to a line first whether anybody listens,
    // and that may be another test's, where nobody does.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    // For this thread only, on which all tasks of this test run.
    let _guard = tracing::subscriber::set_default(subscriber);
    let rig = Rig::start(|_| {}).await;
    let failure = Failure {
        method: "getUpdates".into(),
        code: 400,
        message: "Bad Request: out of order".into(),
        retry_after: None,
        times: 1,
    };
    rig.emulator.faults.fail_bot_api(failure);
    rig.says(rig.emulator.cast.visitor, "/help what-somebody-wrote");
    rig.says(rig.operator(), "/help what-somebody-wrote");
    rig.answers(1).await;
    let mut down = rig.config.clone();
    // Port 9 of this machine: nobody listens there.
    down.bot.api_url = "http://127.0.0.1:9".into();
    let stop = CancellationToken::new();
    let around = surroundings(
        &rig.vault,
        rig.progress.subscribe(),
        rig.archives.subscribe(),
        &down,
    );
    let bot = run(down, around, stop.clone());
    let end = async {
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let said = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
            if said.contains("cannot connect") {
                break;
            }
        }
        stop.cancel();
    };
    let (outcome, ()) = tokio::join!(bot, end);
    outcome.unwrap();
    let token = rig.config.bot.token.clone();
    let visitor = rig.emulator.cast.visitor;
    rig.end().await;
    let said = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    let (_, secret) = token.expose().split_once(':').unwrap();
    for (wanted, there) in [
        ("dispatch: refused", true),
        ("dispatch: served", true),
        ("cannot connect", true),
        ("out of order", true),
        (visitor.to_string().as_str(), true),
        (secret, false),
        ("what-somebody-wrote", false),
    ] {
        let lines: Vec<&str> = said.lines().filter(|line| line.contains(wanted)).collect();
        let found = !lines.is_empty();
        assert_eq!(found, there, "{wanted}: {lines:#?}\n{said}");
    }
}
