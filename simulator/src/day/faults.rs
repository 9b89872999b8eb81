//! What breaks, and who goes away and comes back.

use std::pin::pin;
use std::task::Poll;

use super::model::PinPolicy;
use super::{Broken, Day, broken};
use crate::control_center::{WEB_APP, WORKSTATION_APP};
use latchkey_phone::control_center::wire::{OfflineSettings, WorkstationSettings};

use super::model::{MAX_FAILURES, VALID_DAYS};

/// What breaks in the middle of a ceremony.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// The app is killed after so many steps of its program.
    PhoneKilled(usize),
    /// Its owner gives up after so many milliseconds.
    PhoneGivesUp(u64),
    /// The workstation loses power after so many milliseconds, and starts again.
    DeskKilled(u64),
    /// The server acts, and its answer to the phone is lost, after so many pieces of answers.
    PhoneAnswerLost(usize),
    /// The same with the workstation.
    DeskAnswerLost(usize),
    /// The Control Center starts anew on its state after so many milliseconds.
    CenterRestarted(u64),
}

/// Runs a future for so many steps, then drops it, as the system drops an app.
pub(super) async fn for_steps<T>(steps: usize, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut left) = (pin!(future), steps);
    core::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

impl Day {
    pub(super) fn draw_fault(&mut self) -> Fault {
        match self.dice.below(6) {
            0 => Fault::PhoneKilled(self.dice.below(20)),
            1 => Fault::PhoneGivesUp(self.dice.below(60) as u64),
            2 => Fault::DeskKilled(self.dice.below(60) as u64),
            3 => Fault::PhoneAnswerLost(self.dice.below(24)),
            4 => Fault::DeskAnswerLost(self.dice.below(24)),
            _ => Fault::CenterRestarted(self.dice.below(60) as u64),
        }
    }

    /// The administrator changes what offline PINs are like.
    pub(super) async fn set_policy(&mut self, pins: PinPolicy) -> Result<String, Broken> {
        let settings = WorkstationSettings {
            workstation_rp_app_id: None,
            require_user_presence_for_registration: false,
            offline: OfflineSettings {
                enabled: pins.enabled,
                // Without a TPM there are no shorter ones.
                length: 10,
                count: pins.count,
                valid_days: VALID_DAYS.try_into().map_err(broken)?,
                display_secs: 15,
                prompt_threshold_pct: 20,
                max_failures: MAX_FAILURES,
                window: None,
            },
        };
        self.world.administrator.set_settings(WORKSTATION_APP, &settings).await.map_err(broken)?;
        self.model.pins = pins;
        self.sync_desks().await?;
        Ok(format!("offline PINs: {}, {} of them", if pins.enabled { "on" } else { "off" }, pins.count))
    }

    /// The workstations that can hear it hear what has changed.
    pub(super) async fn sync_desks(&mut self) -> Result<(), Broken> {
        for d in 0..self.world.desks.len() {
            if self.model.desks[d].online && self.model.center_up {
                self.world.workstation(d).sync().await.map_err(broken)?;
                self.model.synced(d);
            }
        }
        Ok(())
    }

    /// Phones that are paired in the Device Manager count for the workstations.
    pub(super) async fn let_web_phones_in(&self) -> Result<(), Broken> {
        let administrator = &self.world.administrator;
        let mut settings = administrator.settings(WEB_APP).await.map_err(broken)?;
        settings.workstation_rp_app_id = Some(WORKSTATION_APP.to_owned());
        administrator.set_settings(WEB_APP, &settings).await.map_err(broken)
    }

    pub(super) fn set_phone_online(&mut self, p: usize, online: bool) -> Result<String, Broken> {
        self.world.phones[p].set_online(online)?;
        self.model.phones[p].online = online;
        Ok(on_or_off(online))
    }

    pub(super) async fn set_desk_online(&mut self, d: usize, online: bool) -> Result<String, Broken> {
        self.world.desks[d].wire.set_whole(online);
        self.model.desks[d].online = online;
        // It would try again by itself, some seconds later.
        self.world.desks[d].restart().await?;
        self.sync_desks().await?;
        Ok(on_or_off(online))
    }

    pub(super) async fn set_center_up(&mut self, up: bool) -> Result<String, Broken> {
        if up {
            self.world.start_center().await?;
        } else {
            self.world.kill_center().await;
        }
        self.model.center_up = up;
        for desk in &mut self.world.desks {
            desk.restart().await?;
        }
        self.sync_desks().await?;
        Ok(on_or_off(up))
    }

    pub(super) async fn set_desk_clock(&mut self, d: usize, days: i64) -> Result<String, Broken> {
        self.world.desks[d].clock.set_wrong_by(days * 86_400);
        // A time that was seen once is not unseen: what is over by it stays over until the next unlock.
        let accounts: Vec<usize> = self.model.desks[d].accounts.keys().copied().collect();
        for account in accounts {
            if !self.model.desks[d].accounts[&account].dead {
                self.model.doubt(d, account);
            }
        }
        self.sync_desks().await?;
        Ok(format!("{days} days wrong"))
    }
}

fn on_or_off(online: bool) -> String {
    if online { "is back" } else { "is gone" }.to_owned()
}
