//! Workstation Settings: what the administrator may set, and what holds until then.

use latchkey_offline::{OfflinePolicy, Settings};
use latchkey_phone::control_center::wire::{OfflineSettings, WorkstationSettings};
use rusqlite::Connection;

use super::database::{DatabaseError, settings};
use super::refused::Refused;
use super::{WEB_APP, WORKSTATION_APP};

/// Seconds that a code lives.
const CODE_SECS: u64 = 60;
/// Seconds that a pairing code lives when user presence is required for registration.
const PRESENCE_CODE_SECS: u64 = 180;

/// The settings of an RP application.
pub(crate) fn of_app(db: &Connection, rp_app_id: &str) -> Result<WorkstationSettings, DatabaseError> {
    Ok(settings::load(db, rp_app_id)?.unwrap_or_else(|| defaults(OfflinePolicy::default().settings())))
}

fn defaults(offline: &Settings) -> WorkstationSettings {
    WorkstationSettings {
        workstation_rp_app_id: None,
        require_user_presence_for_registration: false,
        offline: OfflineSettings {
            enabled: offline.enabled,
            length: offline.length,
            count: offline.count,
            valid_days: offline.valid_days,
            display_secs: offline.display_secs,
            prompt_threshold_pct: offline.prompt_threshold_pct,
            max_failures: offline.max_failures,
            window: offline.window,
        },
    }
}

/// Refuses what is out of bounds, naming the setting.
pub(crate) fn check(settings: &WorkstationSettings) -> Result<(), Refused> {
    if settings.workstation_rp_app_id.as_ref().is_some_and(|app| app != WORKSTATION_APP) {
        return Err(Refused::malformed("workstationRpAppId is not a workstation application"));
    }
    let offline = &settings.offline;
    let policy = Settings {
        enabled: offline.enabled,
        length: offline.length,
        count: offline.count,
        valid_days: offline.valid_days,
        display_secs: offline.display_secs,
        prompt_threshold_pct: offline.prompt_threshold_pct,
        max_failures: offline.max_failures,
        window: offline.window,
    };
    OfflinePolicy::new(policy).map(drop).map_err(Refused::malformed)
}

/// Seconds that a pairing code lives.
pub(crate) const fn pairing_code_secs(settings: &WorkstationSettings) -> u64 {
    if settings.require_user_presence_for_registration { PRESENCE_CODE_SECS } else { CODE_SECS }
}

/// Seconds that a sign-in code lives.
pub(crate) const SIGN_IN_CODE_SECS: u64 = CODE_SECS;

/// Refuses an RP application that is not known.
pub(crate) fn check_app(rp_app_id: &str) -> Result<(), Refused> {
    if [WEB_APP, WORKSTATION_APP].contains(&rp_app_id) {
        Ok(())
    } else {
        Err(Refused::malformed("rpAppId is not a known application"))
    }
}
