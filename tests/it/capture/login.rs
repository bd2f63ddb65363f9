//! Logging in, and what can be wrong with it.

use topicvault::capture::{CaptureError, Userbot};
use topicvault::config::Secret;
use topicvault::model::GroupId;

use super::{Answers, Desk};

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_asked_for_once() {
    let desk = Desk::open(20).await;
    assert!(matches!(
        desk.connect().await,
        Err(CaptureError::NotLoggedIn)
    ));
    let mut answers = Answers::right(&desk.user);
    answers.codes.insert(0, "00000".to_owned());
    let me = desk.log_in(&mut answers).await.unwrap();
    assert_eq!(me.id, desk.user.id);
    assert_eq!(answers.again, 1, "a wrong code is asked for again");
    // Nobody is there to answer, and nobody is asked.
    let again = desk.log_in(&mut Answers::default()).await.unwrap();
    assert_eq!(again, me);
    assert_eq!(desk.connect().await.unwrap().me(), &me);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_two_step_password_is_asked_for_until_it_is_right() {
    let mut desk = Desk::open(20).await;
    let facts = desk.emulator.facts();
    let Some(user) = facts.users.iter().find(|user| user.password.is_some()) else {
        let password = "correct horse";
        let id = desk.user.id;
        desk.emulator.world.write(|state| {
            state.user_mut(id).unwrap().password = Some(password.to_owned());
        });
        desk.user.password = Some(password.to_owned());
        return passwords(&desk).await;
    };
    desk.user = user.clone();
    passwords(&desk).await;
}

async fn passwords(desk: &Desk) {
    let mut answers = Answers::right(&desk.user);
    answers.passwords = vec!["wrong".to_owned(); 3];
    assert!(matches!(
        desk.log_in(&mut answers).await,
        Err(CaptureError::PasswordWrong)
    ));
    let mut answers = Answers::right(&desk.user);
    answers.passwords.insert(0, "wrong".to_owned());
    let me = desk.log_in(&mut answers).await.unwrap();
    assert_eq!(me.id, desk.user.id);
    assert_eq!(answers.again, 1);
    desk.connect().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_names() {
    let mut desk = Desk::open(20).await;
    let mut answers = Answers::right(&desk.user);
    answers.codes = vec!["00000".to_owned(); 3];
    assert!(matches!(
        desk.log_in(&mut answers).await,
        Err(CaptureError::CodeWrong)
    ));
    let mut answers = Answers::right(&desk.user);
    answers.phone = "+1".to_owned();
    assert!(matches!(
        desk.log_in(&mut answers).await,
        Err(CaptureError::PhoneInvalid | CaptureError::SignUpRequired)
    ));
    assert!(matches!(
        desk.log_in(&mut Answers::default()).await,
        Err(CaptureError::Prompt(_))
    ));
    desk.config.api_hash = Secret::new("no hash");
    let refused = desk.log_in(&mut Answers::right(&desk.user)).await;
    assert!(
        matches!(refused, Err(CaptureError::ApiIdInvalid)),
        "{refused:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_in_use_and_groups_that_are_none_are_refused() {
    let desk = Desk::logged_in(20).await;
    let userbot = desk.connect().await.unwrap();
    assert!(matches!(
        desk.connect().await,
        Err(CaptureError::Session(_))
    ));
    let group = |id| GroupId::from_bare(id).unwrap();
    let cast = &desk.emulator.cast;
    assert_eq!(
        userbot
            .check_groups(&[group(cast.group)])
            .await
            .unwrap()
            .len(),
        1
    );
    assert!(matches!(
        userbot
            .check_groups(&[group(cast.group), group(cast.plain_group)])
            .await,
        Err(CaptureError::NotForum { .. })
    ));
    for unknown in [cast.foreign_group, 4_711] {
        assert!(matches!(
            userbot.check_groups(&[group(unknown)]).await,
            Err(CaptureError::UnknownGroup { .. })
        ));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_logged_in_already_needs_no_login() {
    let mut desk = Desk::open(20).await;
    if let Some(server) = &mut desk.config.server {
        server.auth_key = Secret::new(desk.user.auth_key_hex.clone());
    }
    let userbot = desk.connect().await.unwrap();
    assert_eq!(userbot.me().id, desk.user.id);
    let group = GroupId::from_bare(desk.emulator.cast.group).unwrap();
    assert_eq!(userbot.check_groups(&[group]).await.unwrap().len(), 1);
    drop(userbot);
    // Nobody is asked for anything, and once it is revoked there is nothing to take over.
    let me = desk.log_in(&mut Answers::default()).await.unwrap();
    assert_eq!(me.id, desk.user.id);
    desk.emulator.keys.revoke(desk.user.id);
    assert!(matches!(desk.connect().await, Err(CaptureError::Revoked)));
    let other = tempfile::tempdir().unwrap();
    let nobody = Userbot::connect(&desk.config, other.path()).await;
    assert!(
        matches!(nobody, Err(CaptureError::NotLoggedIn)),
        "{nobody:?}"
    );
}
