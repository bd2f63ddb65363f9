//! `help.*`: where the server is.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::refusal::RpcRefusal;
use crate::emulator::mtproto::convert::DC;
use crate::emulator::mtproto::literals;
use crate::emulator::mtproto::session::{seconds, unix_seconds};

/// Seconds after which a client should ask again.
const DAY: i64 = 86_400;

/// Clients replace the addresses that they know by these, so the one advertised is the one that
/// this very client reached.
pub(super) fn get_config(
    call: &mut Call,
    _: functions::help::GetConfig,
) -> Result<enums::Config, RpcRefusal> {
    let now = unix_seconds();
    let caller = &call.caller;
    let option = |(id, port): &(i32, u16)| {
        types::DcOption {
            ipv6: caller.address.is_ipv6(),
            media_only: false,
            tcpo_only: false,
            cdn: false,
            r#static: true,
            this_port_only: true,
            id: *id,
            ip_address: caller.address.ip().to_string(),
            port: (*port).into(),
            secret: None,
        }
        .into()
    };
    let config = types::Config {
        date: seconds(now),
        expires: seconds(now + 3_600),
        this_dc: caller.dc(),
        dc_options: caller.place.dcs.iter().map(option).collect(),
        ..literals::config()
    };
    Ok(config.into())
}

/// The first one.
pub(super) fn get_nearest_dc(
    call: &mut Call,
    _: functions::help::GetNearestDc,
) -> Result<enums::NearestDc, RpcRefusal> {
    let nearest = types::NearestDc {
        country: "DE".to_owned(),
        this_dc: call.caller.dc(),
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

/// The terms stay as they are.
pub(super) fn get_terms_of_service_update(
    _: &mut Call,
    _: functions::help::GetTermsOfServiceUpdate,
) -> Result<enums::help::TermsOfServiceUpdate, RpcRefusal> {
    let expires = seconds(unix_seconds() + DAY);
    Ok(types::help::TermsOfServiceUpdateEmpty { expires }.into())
}

/// Nothing is promoted.
pub(super) fn get_promo_data(
    _: &mut Call,
    _: functions::help::GetPromoData,
) -> Result<enums::help::PromoData, RpcRefusal> {
    let expires = seconds(unix_seconds() + DAY);
    Ok(types::help::PromoDataEmpty { expires }.into())
}

/// There is no newer app.
pub(super) fn get_app_update(
    _: &mut Call,
    _: functions::help::GetAppUpdate,
) -> Result<enums::help::AppUpdate, RpcRefusal> {
    Ok(enums::help::AppUpdate::NoAppUpdate)
}
