//! Whether a bot can serve at all.

use super::*;

#[tokio::test]
async fn a_wrong_token_is_said_and_a_network_that_is_down_is_waited_for() {
    let emulator = emulator().await;
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::create(dir.path()).unwrap();
    let (_progress, seen) = watch::channel(HashMap::new());
    let mut wrong = config(&emulator);
    wrong.bot.token = Secret::new("123456:wrong");
    let archives = watch::channel(BTreeMap::new()).1;
    let around = surroundings(&vault, seen.clone(), archives.clone(), &wrong);
    let outcome = run(wrong, around, CancellationToken::new()).await;
    assert!(matches!(outcome, Err(BotError::WrongToken)), "{outcome:?}");

    let mut down = config(&emulator);
    // Port 9 of this machine: nobody listens there.
    down.bot.api_url = "http://127.0.0.1:9".into();
    assert!(matches!(
        check(&down).await,
        Err(BotError::Unreachable { .. })
    ));
    let stop = CancellationToken::new();
    let around = surroundings(&vault, seen, archives, &down);
    let bot = tokio::spawn(run(down, around, stop.clone()));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!bot.is_finished());
    stop.cancel();
    bot.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_look_at_the_bot_tells_its_place_in_each_group() {
    let emulator = emulator().await;
    let mut config = config(&emulator);
    let mut foreign = group(&emulator);
    foreign.id = emulator.cast.foreign_group.to_string();
    config.groups.push(foreign);
    let facts = check(&config).await.unwrap();
    assert!(facts.can_read_all_group_messages);
    assert!(!facts.username.is_empty());
    let places: Vec<Membership> = facts.groups.iter().map(|group| group.membership).collect();
    assert_eq!(places, [Membership::Member, Membership::Absent]);
    emulator.world.write(|state| {
        state.add_member(emulator.cast.group, emulator.cast.assistant, true);
    });
    let facts = check(&config).await.unwrap();
    assert_eq!(facts.groups[0].membership, Membership::Administrator);
    config.bot.names.insert("exprot".into(), "vault".into());
    assert!(matches!(
        check(&config).await,
        Err(BotError::UnknownCommand { .. })
    ));
}
