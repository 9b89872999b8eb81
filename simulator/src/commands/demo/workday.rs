//! The scenes at work: a workstation is paired and unlocked in every way there is, and unpaired.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use latchkey_authenticator::Cancel;
use latchkey_offline::{OfflineError, State};
use latchkey_phone::control_center::wire::{AccountKind, OfflineSettings};
use latchkey_phone::{Approval, ErrorId, PinsAfter, UnlockWay};
use tokio::sync::{mpsc, oneshot};

use super::super::Failure;
use super::website::told_by_computer;
use super::world::{World, failed};
use crate::computer::ComputerStep;
use crate::control_center::WORKSTATION_APP;
use crate::timeline::{Actor, Timeline};
use crate::workstation::run::Happening;
use crate::workstation::sign_in::SignedIn;
use crate::workstation::{How, LockState, Workstation, WorkstationError};

const ADA: &str = "ada@example.com";

/// PINs of a set: the fewest that can be set, so that they run low in a demonstration.
const PINS: u16 = 10;

/// A PIN is hidden, and the next one shown, after this.
const DISPLAY: Duration = Duration::from_secs(60);

/// Ada's workstation and one in a meeting room.
pub(super) struct Office {
    desk: Arc<Workstation>,
    desk_id: String,
    meeting_room: Arc<Workstation>,
    /// A PIN that was typed already.
    used: Option<String>,
}

impl Office {
    /// Both workstations are enrolled, and the administrator turns offline PINs on.
    pub(super) async fn furnish(world: &World) -> Result<Self, Failure> {
        let mut settings = world.administrator.settings(WORKSTATION_APP).await.map_err(failed)?;
        // Without a TPM there are no PINs of fewer than ten characters.
        settings.offline = OfflineSettings {
            enabled: true,
            length: 10,
            count: PINS,
            prompt_threshold_pct: 50,
            ..settings.offline
        };
        world.administrator.set_settings(WORKSTATION_APP, &settings).await.map_err(failed)?;
        let desk = world.workstation("Ada's desk").await?;
        let desk_id = desk.status()?.machine_id;
        let meeting_room = world.workstation("Meeting room").await?;
        Ok(Office { desk, desk_id, meeting_room, used: None })
    }

    pub(super) async fn pair(
        &mut self,
        world: &World,
        timeline: &Arc<Timeline>,
        out: Option<&Path>,
    ) -> Scene {
        let code = self.desk.begin_pairing(ADA, AccountKind::EntraCloud, false).await?;
        timeline.verified(
            Actor::Workstation,
            "shows a pairing code",
            &["account is an Entra account of this tenant"],
        );
        let texts =
            world.look_at(timeline, &code.text, out.map(|folder| folder.join("pairing.png")).as_deref())?;
        let cancel = Cancel::new();
        let approving = async { Ok::<_, Failure>(world.phone.approve(&texts, &cancel).await?) };
        let finishing = async { Ok(self.desk.finish_pairing(&code.request_id, &cancel).await?) };
        let (approval, pairing) = tokio::try_join!(approving, finishing)?;
        let Approval::Paired(_) = approval else { return not_held("the phone read another code") };
        timeline.verified(
            Actor::ControlCenter,
            "registers passkey, phone and computer in one step",
            &["code is alive and was read", "attestation over its challenge", "user verified"],
        );
        let computers = world.phone.computers().list()?;
        holds(
            computers.len() == 1 && computers.iter().all(|one| one.machine_id == self.desk_id),
            "My Computers",
        )?;
        timeline.note(Actor::Phone, "lists \"Ada's desk\" in My Computers and a passkey in My Security Keys");
        holds(pairing.username == ADA, "the pairing's account")?;
        timeline.note(Actor::Workstation, "knows the phone's passkey");
        Ok(())
    }

    pub(super) async fn unlock(&mut self, world: &World, timeline: &Arc<Timeline>) -> Scene {
        let serving = Serving::start(&self.desk);
        let unlocked = world.phone.unlock(&self.desk_id, &Cancel::new()).await?;
        self.is_unlocked(timeline, How::Phone)?;
        holds(matches!(unlocked.pins, PinsAfter::Replenished), "a set of offline PINs")?;
        timeline.note(Actor::Workstation, format!("has handed {PINS} offline PINs over and kept none"));
        serving.stop().await
    }

    pub(super) async fn session_passkey(&mut self, world: &World, timeline: &Arc<Timeline>) -> Scene {
        let mut scanner = world.air.listen().map_err(failed)?;
        let cancel = Cancel::new();
        timeline.note(
            Actor::Workstation,
            "a website wants Ada to sign in: sends a fresh code through the channel",
        );
        let signing_in = self.desk.sign_in(&world.computer, &mut scanner, |_| {}, &cancel);
        let answering = async {
            let requests = world.phone.waiting_requests(20, &Cancel::new()).await?;
            let Some(request) = requests.first() else { return not_held("nobody asked the phone") };
            timeline.note(Actor::Phone, "is asked by the workstation that it unlocked");
            let answer = world.phone.answer(request, &Cancel::new()).await?;
            answer.error.map_or(Ok(()), |id| Err(Failure::of(id, answer.status)))
        };
        let signing_in = async { Ok(signing_in.await?) };
        let (signed_in, ()) = tokio::try_join!(signing_in, answering)?;
        holds(signed_in == SignedIn::SessionPasskey, "the session passkey")?;
        timeline.verified(
            Actor::ControlCenter,
            "signs the website in",
            &["challenge", "origin", "user verified", "signature", "account of the session"],
        );
        Ok(())
    }

    pub(super) async fn scan_at_the_lock_screen(&mut self, world: &World, timeline: &Arc<Timeline>) -> Scene {
        self.lock(timeline)?;
        let mut scanner = world.air.listen().map_err(failed)?;
        let (show, shown) = oneshot::channel();
        let mut show = Some(show);
        let unlocking = self.desk.unlock_by_scan(&world.computer, &mut scanner, |step| {
            told_by_computer(timeline, &step);
            if let (ComputerStep::Show(code), Some(show)) = (step, show.take()) {
                let _ = show.send(code.to_owned());
            }
        });
        let reading = async {
            let code = shown.await.map_err(|_| Failure::new(1, "the lock screen showed nothing"))?;
            let texts = world.look_at(timeline, &code, None)?;
            world.phone.approve(&texts, &Cancel::new()).await?;
            Ok::<_, Failure>(())
        };
        let unlocking = async { Ok(unlocking.await?) };
        let (scanned, ()) = tokio::try_join!(unlocking, reading)?;
        self.is_unlocked(timeline, How::Scan)?;
        holds(scanned.offer_passkey, "the offer of a passkey")?;
        timeline.note(Actor::Workstation, "offers a passkey on this workstation");
        self.desk.decline_passkey()?;
        holds(!self.desk.offers_passkey(ADA)?, "the silenced offer")?;
        timeline.note(Actor::Workstation, "\"I'll do it later\": silent for ten sign-ins or seven days");
        Ok(())
    }

    pub(super) async fn offline(&mut self, world: &World, timeline: &Arc<Timeline>) -> Scene {
        self.lock(timeline)?;
        world.set_online(false)?;
        timeline.note(Actor::Phone, "has lost its network");
        let way = world.phone.offline_pins().unlock_way(&self.desk_id)?;
        holds(way == UnlockWay::Offline { pin_on_tap: true }, "the way to the PIN")?;
        let typed = self.pin_typed(world, timeline).await?;
        match self.desk.unlock_with_pin(ADA, &typed).await {
            Err(WorkstationError::Offline(OfflineError::WrongPin { attempts_left, .. })) => timeline
                .verified(
                    Actor::Workstation,
                    format!("refuses the same PIN a second time; {attempts_left} attempts left"),
                    &["PIN was destroyed when it was used"],
                ),
            other => return not_held(format!("the same PIN a second time: {other:?}")),
        }
        self.used = Some(typed);
        // No PIN is taken for a moment after a wrong one.
        world.clock.advance(DISPLAY);
        Ok(())
    }

    pub(super) async fn run_low(&mut self, world: &World, timeline: &Arc<Timeline>) -> Scene {
        while world.phone.offline_pins().status(&self.desk_id)?.state == State::Ok {
            self.lock(timeline)?;
            world.clock.advance(DISPLAY);
            self.used = Some(self.pin_typed(world, timeline).await?);
        }
        let status = world.phone.offline_pins().status(&self.desk_id)?;
        holds(status.notice == Some(ErrorId::OfflineLow), "the warning")?;
        holds(status.remaining * 2 == status.total, "the threshold, half of the set")?;
        Ok(())
    }

    pub(super) async fn replenish(&mut self, world: &World, timeline: &Arc<Timeline>) -> Scene {
        self.lock(timeline)?;
        world.set_online(true)?;
        timeline.note(Actor::Phone, "has a network again");
        self.unlock(world, timeline).await?;
        let status = world.phone.offline_pins().status(&self.desk_id)?;
        holds(status.state == State::Ok && status.remaining == PINS, "the new set")?;
        world.phone.resume(&Cancel::new()).await?;
        timeline.note(Actor::Phone, "reports what happened while it was offline");
        Ok(())
    }

    pub(super) async fn typed_code(&mut self, world: &World, timeline: &Arc<Timeline>) -> Scene {
        match world.phone.look_up(&world.base_url, "zzzzzz", &Cancel::new()).await {
            Err(error) if error.id() == ErrorId::CodeNotFound => timeline
                .note(Actor::ControlCenter, "does not know \"zzzzzz\", and does not say whether it ever did"),
            other => return not_held(format!("a code that nobody made: {other:?}")),
        }
        let (show, shown) = oneshot::channel();
        let cancel = Cancel::new();
        let unlocking =
            self.meeting_room.unlock_by_code(true, |code| drop(show.send(code.typed.clone())), &cancel);
        let typing = async {
            let code =
                shown.await.ok().flatten().ok_or_else(|| Failure::new(1, "no code to type was shown"))?;
            timeline.note(
                Actor::Workstation,
                format!("meeting room: shows the code \"{code}\" below its QR code"),
            );
            let found = world.phone.look_up(&world.base_url, &code, &Cancel::new()).await?;
            timeline.verified(
                Actor::Phone,
                "gets what the QR code says",
                &["host is the one that was typed"],
            );
            world.phone.sign_in_with_code(&found, &Cancel::new()).await?;
            match world.phone.look_up(&world.base_url, &code, &Cancel::new()).await {
                Err(error) if error.id() == ErrorId::CodeNotFound => Ok(()),
                other => not_held(format!("the code a second time: {other:?}")),
            }
        };
        // Whatever fails first ends the scene.
        let unlocking = async { Ok(unlocking.await?) };
        let (served, ()) = tokio::try_join!(unlocking, typing)?;
        holds(served.session.account == ADA, "the account in the meeting room")?;
        timeline.verified(
            Actor::Workstation,
            "meeting room: unlocked, for a phone that was never paired with it",
            &["phone read this code", "passkey's signature over this channel", "user verified"],
        );
        holds(world.phone.computers().list()?.len() == 2, "the second computer in the list")?;
        timeline.note(Actor::Phone, "lists the meeting room in My Computers");
        Ok(())
    }

    pub(super) async fn unpair(&mut self, world: &World, timeline: &Arc<Timeline>) -> Scene {
        self.lock(timeline)?;
        for computer in world.phone.computers().list()? {
            world.phone.computers().remove(&computer.machine_id, &Cancel::new()).await?;
        }
        holds(world.phone.computers().list()?.is_empty(), "the empty list")?;
        timeline.note(Actor::Phone, "removes both computers, and the Control Center confirms it");
        for workstation in [&self.desk, &self.meeting_room] {
            workstation.sync().await?;
            holds(workstation.status()?.pairings.is_empty(), "the forgotten phone")?;
        }
        timeline.note(Actor::Workstation, "both forget the phone and destroy its PINs");
        let typed = self.used.take().unwrap_or_default();
        match self.desk.unlock_with_pin(ADA, &typed).await {
            Err(WorkstationError::Offline(OfflineError::Revoked)) => {
                timeline.note(Actor::Workstation, "no PIN opens it any more");
                Ok(())
            }
            other => not_held(format!("a PIN after unpairing: {other:?}")),
        }
    }

    /// The phone shows its next PIN and Ada types it.
    async fn pin_typed(&self, world: &World, timeline: &Arc<Timeline>) -> Result<String, Failure> {
        let shown = world.phone.offline_pins().display(&self.desk_id, &Cancel::new()).await?;
        let remaining = shown.status.remaining;
        timeline.verified(
            Actor::Phone,
            format!("shows an offline PIN; {remaining} left"),
            &["user consented and was verified", "PIN was burnt on disk before it was shown"],
        );
        let typed = shown.pin.expose().to_owned();
        self.desk.unlock_with_pin(ADA, &typed).await?;
        self.is_unlocked(timeline, How::Pin)?;
        Ok(typed)
    }

    fn lock(&self, timeline: &Timeline) -> Scene {
        self.desk.lock()?;
        holds(matches!(self.desk.lock_state()?, LockState::Locked), "the lock")?;
        timeline.note(Actor::Workstation, "locked");
        Ok(())
    }

    fn is_unlocked(&self, timeline: &Timeline, how: How) -> Scene {
        match self.desk.lock_state()? {
            LockState::Unlocked(session) if session.account == ADA && session.how == how => {
                timeline.note(Actor::Workstation, format!("unlocked by {}, for Ada", how.name()));
                Ok(())
            }
            other => not_held(format!("unlocked by {}, but: {other:?}", how.name())),
        }
    }
}

pub(super) type Scene = Result<(), Failure>;

fn not_held<T>(what: impl std::fmt::Display) -> Result<T, Failure> {
    Err(Failure::new(1, what))
}

fn holds(held: bool, what: &str) -> Scene {
    if held { Ok(()) } else { not_held(format!("{what}: not as it should be")) }
}

/// A workstation that serves in the background until it has served one phone.
struct Serving {
    cancel: Cancel,
    task: tokio::task::JoinHandle<Result<(), WorkstationError>>,
    served: mpsc::UnboundedReceiver<()>,
}

impl Serving {
    fn start(workstation: &Arc<Workstation>) -> Self {
        let (workstation, cancel) = (Arc::clone(workstation), Cancel::new());
        let (tell, served) = mpsc::unbounded_channel();
        let stop = cancel.clone();
        let task = tokio::spawn(async move {
            workstation
                .run(&stop, move |happening| {
                    if matches!(happening, Happening::Served(_)) {
                        let _ = tell.send(());
                    }
                })
                .await
        });
        Serving { cancel, task, served }
    }

    async fn stop(mut self) -> Scene {
        self.served.recv().await;
        self.cancel.cancel();
        Ok(self.task.await.map_err(failed)??)
    }
}
