//! `help.*`: where the server is.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::refusal::RpcRefusal;
use crate::emulator::mtproto::convert::DC;
use crate::emulator::mtproto::literals;
use crate::emulator::mtproto::session::{seconds, unix_seconds};

/// Clients replace the addresses that they know by these, so the one advertised is the one that
/// this very client reached.
pub(super) fn get_config(
    call: &mut Call,
    _: functions::help::GetConfig,
) -> Result<enums::Config, RpcRefusal> {
    let now = unix_seconds();
    let option = types::DcOption {
        ipv6: call.caller.address.is_ipv6(),
        media_only: false,
        tcpo_only: false,
        cdn: false,
        r#static: true,
        this_port_only: true,
        id: DC,
        ip_address: call.caller.address.ip().to_string(),
        port: call.caller.address.port().into(),
        secret: None,
    };
    let config = types::Config {
        date: seconds(now),
        expires: seconds(now + 3_600),
        dc_options: vec![option.into()],
        ..literals::config()
    };
    Ok(config.into())
}

/// The one there is.
pub(super) fn get_nearest_dc(
    _: &mut Call,
    _: functions::help::GetNearestDc,
) -> Result<enums::NearestDc, RpcRefusal> {
    let nearest = types::NearestDc {
        country: "DE".to_owned(),
        this_dc: DC,
        nearest_dc: DC,
    };
    Ok(nearest.into())
}

/// No switches.
pub(super) fn get_app_config(
    _: &mut Call,
    _: functions::help::GetAppConfig,
) -> Result<enums::help::AppConfig, RpcRefusal> {
    let config = types::help::AppConfig {
        hash: 1,
        config: types::JsonObject { value: Vec::new() }.into(),
    };
    Ok(config.into())
}
