//! Login by code and password.

use grammers_client::SignInError;
use grammers_tl_types::{enums, functions};

use super::*;
use crate::emulator::faults::Failure;

#[tokio::test]
async fn a_code_logs_in() {
    let server = Server::start().await;
    let connected = Connected::new(server.session("anna").await);
    let client = &connected.client;
    assert!(!soon(client.is_authorized()).await.unwrap());
    let token = client
        .request_login_code("4915110000001", &super::api().1)
        .await
        .unwrap();
    let wrong = client.sign_in(&token, "11111").await;
    assert!(matches!(wrong, Err(SignInError::InvalidCode)));
    let user = client.sign_in(&token, "24680").await.unwrap();
    assert_eq!(user.first_name(), Some("Anna"));
    assert_eq!(user.phone(), Some("4915110000001"));
    assert!(client.is_authorized().await.unwrap());
    server.world.read(|state| {
        assert!(
            state
                .journal
                .connections
                .iter()
                .any(|it| it.user == Some(ANNA))
        );
        assert_eq!(state.journal.methods[&0]["auth.sendCode"], 1);
        assert_eq!(state.journal.methods[&0]["auth.signIn"], 2);
        assert!(state.journal.methods[&ANNA]["updates.getState"] >= 2);
    });
    client.sign_out().await.unwrap();
    assert!(!client.is_authorized().await.unwrap());
    connected.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn a_password_is_verified() {
    let server = Server::start().await;
    let connected = Connected::new(server.session("boris").await);
    let client = &connected.client;
    let token = soon(client.request_login_code("+49 151 1000 0002", &super::api().1))
        .await
        .unwrap();
    let Err(SignInError::PasswordRequired(password)) = client.sign_in(&token, "24680").await else {
        panic!("a password is set");
    };
    let wrong = client.check_password(password, "battery staple").await;
    let Err(SignInError::InvalidPassword(password)) = wrong else {
        panic!("the password was wrong");
    };
    assert!(!client.is_authorized().await.unwrap());
    let user = client
        .check_password(password, "correct horse")
        .await
        .unwrap();
    assert_eq!(user.first_name(), Some("Boris"));
    assert!(client.is_authorized().await.unwrap());
    connected.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn refusals_have_telegrams_names() {
    let server = Server::start().await;
    let connected = Connected::new(server.session("anna").await);
    let client = &connected.client;
    let error = soon(client.request_login_code("+4915110000001", "short"))
        .await
        .err()
        .unwrap();
    assert_eq!(name(&error), "API_ID_INVALID");
    let error = client
        .request_login_code("+4900000", &super::api().1)
        .await
        .err()
        .unwrap();
    assert_eq!(name(&error), "PHONE_NUMBER_INVALID");
    let error = client
        .invoke(&functions::account::GetWallPapers { hash: 0 })
        .await
        .err()
        .unwrap();
    assert_eq!(name(&error), "INPUT_METHOD_INVALID");
    let error = client
        .invoke(&functions::messages::GetHistory {
            peer: enums::InputPeer::PeerSelf,
            offset_id: 0,
            offset_date: 0,
            add_offset: 0,
            limit: 1,
            max_id: 0,
            min_id: 0,
            hash: 0,
        })
        .await
        .err()
        .unwrap();
    assert_eq!(name(&error), "AUTH_KEY_UNREGISTERED");
    connected.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn a_revoked_key_is_logged_out_and_may_log_in_again() {
    let server = Server::start().await;
    let connected = soon(server.anna()).await;
    server.keys.revoke(ANNA);
    assert!(!connected.client.is_authorized().await.unwrap());
    let session = connected.quit().await;
    let again = Connected::new(session);
    assert!(!again.client.is_authorized().await.unwrap());
    again.log_in("+4915110000001").await;
    assert!(again.client.is_authorized().await.unwrap());
    again.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn faults_come_as_often_as_told() {
    let server = Server::start().await;
    let connected = soon(server.anna()).await;
    server.faults.fail_mtproto(Failure {
        method: "messages.getDialogs".to_owned(),
        code: 420,
        message: "FLOOD_WAIT_3".to_owned(),
        retry_after: None,
        times: 2,
    });
    for _ in 0..2 {
        let error = connected.client.iter_dialogs().next().await.err().unwrap();
        let InvocationError::Rpc(error) = error else {
            panic!("{error}");
        };
        assert_eq!((error.code, error.value), (420, Some(3)));
        assert_eq!(error.name, "FLOOD_WAIT");
    }
    assert!(connected.client.iter_dialogs().next().await.is_ok());
    connected.quit().await;
    server.stop().await;
}
