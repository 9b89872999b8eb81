//! Choosing a step, by the dice and by what can be done at all, and taking it.

use super::faults::Fault;
use super::model::{ACCOUNTS, PinPolicy};
use super::pins::Which;
use super::{Broken, Day};
use crate::workstation::How;

/// What can be done. Numbers are a phone, a desk and an account, in this order.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Pair(usize, usize, usize),
    PairTyped(usize, usize, usize),
    PairLocal(usize),
    PairByLink(usize, usize),
    PairWithFault(usize, usize, usize, Fault),
    Unlock(usize, usize),
    UnlockWithFault(usize, usize, Fault),
    SignInCode(usize, usize),
    Scan(usize, usize),
    SessionPasskey(usize, usize),
    Lock(usize),
    ShowPin(usize, usize),
    ShowPinAtOnce(usize, usize),
    TypePin(Which),
    TypeWrong(usize, usize),
    Rename(usize, usize),
    Remove(usize, usize),
    Resume(usize),
    RemoveAtCenter(usize),
    Replay(usize),
    Swapped(usize, usize),
    WrongCodes(usize),
    Website(usize),
    Policy(PinPolicy),
    PhoneNetwork(usize),
    DeskNetwork(usize),
    CenterDown,
    CenterBack,
    CenterRestarts,
    PhoneRestarts(usize),
    DeskRestarts(usize),
    PhoneClock(usize, i64),
    DeskClock(usize, i64),
    TimePasses(u64),
    Agree,
    EndOfDay,
}

impl Step {
    /// What kind of step it is, to count.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Step::Pair(..) => "pair",
            Step::PairTyped(..) => "pair by typed code",
            Step::PairLocal(_) => "pair a local account",
            Step::PairByLink(..) => "pair by magic link",
            Step::PairWithFault(..) => "pair, with a fault",
            Step::Unlock(..) => "unlock",
            Step::UnlockWithFault(..) => "unlock, with a fault",
            Step::SignInCode(..) => "read a sign-in code",
            Step::Scan(..) => "Scan QR to Login",
            Step::SessionPasskey(..) => "session passkey",
            Step::Lock(_) => "lock",
            Step::ShowPin(..) | Step::ShowPinAtOnce(..) => "show a PIN",
            Step::TypePin(Which::Latest) => "type the latest PIN",
            Step::TypePin(Which::Used) => "type a used PIN",
            Step::TypePin(Which::Any) => "type any PIN that was shown",
            Step::TypeWrong(..) => "type a wrong PIN",
            Step::Rename(..) => "rename",
            Step::Remove(..) => "remove",
            Step::Resume(_) => "resume",
            Step::RemoveAtCenter(_) => "removed in the Device Manager",
            Step::Replay(_) => "read a used code",
            Step::Swapped(..) => "read the code of a swapped workstation",
            Step::WrongCodes(_) => "type wrong codes",
            Step::Website(_) => "website",
            Step::Policy(_) => "administrator changes PINs",
            Step::PhoneNetwork(_) => "phone's network",
            Step::DeskNetwork(_) => "workstation's network",
            Step::CenterDown | Step::CenterBack | Step::CenterRestarts => "Control Center restarts",
            Step::PhoneRestarts(_) => "phone restarts",
            Step::DeskRestarts(_) => "workstation restarts",
            Step::PhoneClock(..) => "phone's clock",
            Step::DeskClock(..) => "workstation's clock",
            Step::TimePasses(_) => "time passes",
            Step::Agree => "compare",
            Step::EndOfDay => "end of the day",
        }
    }
}

impl Day {
    /// Chooses what is done next: something that makes sense now, though it may be refused.
    pub(super) fn choose(&mut self) -> Step {
        let p = self.dice.below(self.world.phones.len());
        let d = self.dice.below(self.world.desks.len());
        let a = match self.model.phones[p].account {
            Some(account) if !self.dice.once_in(8) => account,
            _ => self.dice.below(ACCOUNTS.len()),
        };
        let (fault, wait) = (self.draw_fault(), [3600, 86_400, 3 * 86_400][self.dice.below(3)]);
        let days = [0, 0, 40, -2][self.dice.below(4)];
        let policy = PinPolicy { enabled: !self.dice.once_in(4), count: [10, 12, 20][self.dice.below(3)] };
        let (phone, desk) = (&self.model.phones[p], &self.model.desks[d]);
        let paired = phone.computers.contains_key(&d);
        let linked = paired && desk.at_center.contains(&p);
        let up = self.model.center_up;
        let met = up && phone.online && desk.online;
        let right = self.world.phones[p].clock.wrong_by() == 0;
        let desk_right = self.world.desks[d].clock.wrong_by() == 0;
        // A phone that was removed learns of it when it is paired anew.
        let welcome = phone.registered || phone.account.is_none();
        let session =
            desk.session.is_some_and(|(_, how, by)| matches!(how, How::Phone | How::Code) && by == Some(p));
        let shown = !self.model.shown.is_empty();
        let when = |holds: bool, weight: usize| if holds { weight } else { 0 };
        let weighted = [
            (when(up && desk.online && phone.online, if paired { 1 } else { 14 }), Step::Pair(p, d, a)),
            (when(met, 2), Step::PairTyped(p, d, a)),
            (when(up && desk.online, 1), Step::PairLocal(d)),
            (when(up && phone.online, 1), Step::PairByLink(p, a)),
            (
                when(met && welcome && right && phone.account.is_none_or(|own| own == a), 4),
                Step::PairWithFault(p, d, a, fault),
            ),
            (if linked { 16 } else { 1 }, Step::Unlock(p, d)),
            (when(met && linked && right && desk_right, 8), Step::UnlockWithFault(p, d, fault)),
            (when(met && welcome, 3), Step::SignInCode(p, d)),
            (when(met, 2), Step::Scan(p, d)),
            (when(met && linked && session, 6), Step::SessionPasskey(p, d)),
            (6, Step::Lock(d)),
            (if phone.sets.contains_key(&d) { 12 } else { 1 }, Step::ShowPin(p, d)),
            (when(phone.sets.contains_key(&d), 3), Step::ShowPinAtOnce(p, d)),
            (when(shown, 12), Step::TypePin(Which::Latest)),
            (when(shown, 3), Step::TypePin(Which::Used)),
            (when(shown, 3), Step::TypePin(Which::Any)),
            (2, Step::TypeWrong(d, a)),
            (1, Step::Rename(p, d)),
            (when(welcome, 1), Step::Remove(p, d)),
            (2, Step::Resume(p)),
            (when(up && phone.registered && self.dice.once_in(2), 1), Step::RemoveAtCenter(p)),
            (when(up && phone.online && welcome, 1), Step::Replay(p)),
            (when(met && linked && right, 1), Step::Swapped(p, d)),
            (when(up && phone.online && right && self.dice.once_in(3), 1), Step::WrongCodes(p)),
            (when(phone.online, 1), Step::Website(p)),
            (when(up, if self.model.pins.enabled { 1 } else { 6 }), Step::Policy(policy)),
            (if phone.online { 1 } else { 4 }, Step::PhoneNetwork(p)),
            (if desk.online { 1 } else { 4 }, Step::DeskNetwork(d)),
            (when(up && self.dice.once_in(2), 1), Step::CenterDown),
            (when(!up, 12), Step::CenterBack),
            (when(up, 1), Step::CenterRestarts),
            (1, Step::PhoneRestarts(p)),
            (1, Step::DeskRestarts(d)),
            (if right { 1 } else { 4 }, Step::PhoneClock(p, days)),
            (if desk_right { 1 } else { 4 }, Step::DeskClock(d, days)),
            (1, Step::TimePasses(wait)),
        ];
        self.dice.choose(&weighted).unwrap_or(Step::TimePasses(1))
    }

    /// Takes a step and looks whether everything holds.
    pub(super) async fn take(&mut self, step: Step) -> Result<String, Broken> {
        let outcome = match step {
            Step::Pair(p, d, a) => self.pair(p, d, a, false).await,
            Step::PairTyped(p, d, a) => self.pair(p, d, a, true).await,
            Step::PairLocal(d) => self.pair_local(d).await,
            Step::PairByLink(p, a) => self.pair_by_link(p, a).await,
            Step::PairWithFault(p, d, a, fault) => self.pair_with_fault(p, d, a, fault).await,
            Step::Unlock(p, d) => self.unlock(p, d).await,
            Step::UnlockWithFault(p, d, fault) => self.unlock_with_fault(p, d, fault).await,
            Step::SignInCode(p, d) => self.sign_in_code(p, d).await,
            Step::Scan(p, d) => self.scan(p, d).await,
            Step::SessionPasskey(p, d) => self.session_passkey(p, d).await,
            Step::Lock(d) => self.lock(d),
            Step::ShowPin(p, d) => self.show_pin(p, d, false).await,
            Step::ShowPinAtOnce(p, d) => self.show_pin(p, d, true).await,
            Step::TypePin(which) => self.type_pin(which).await,
            Step::TypeWrong(d, a) => self.type_wrong(d, a).await,
            Step::Rename(p, d) => self.rename(p, d),
            Step::Remove(p, d) => self.remove(p, d).await,
            Step::Resume(p) => self.resume(p).await,
            Step::RemoveAtCenter(p) => self.remove_at_center(p).await,
            Step::Replay(p) => self.replay(p).await,
            Step::Swapped(p, d) => self.swapped(p, d).await,
            Step::WrongCodes(p) => self.wrong_codes(p).await,
            Step::Website(p) => self.website(p).await,
            Step::Policy(pins) => self.set_policy(pins).await,
            Step::PhoneNetwork(p) => self.set_phone_online(p, !self.model.phones[p].online),
            Step::DeskNetwork(d) => self.set_desk_online(d, !self.model.desks[d].online).await,
            Step::CenterDown => self.set_center_up(false).await,
            Step::CenterBack => self.set_center_up(true).await,
            Step::CenterRestarts => {
                self.set_center_up(false).await?;
                self.set_center_up(true).await
            }
            Step::PhoneRestarts(p) => {
                self.world.phones[p].kill();
                self.world.phones[p].open().map(|()| "opened again".to_owned())
            }
            Step::DeskRestarts(d) => self.world.desks[d].restart().await.map(|()| "started again".to_owned()),
            Step::PhoneClock(p, days) => {
                self.world.phones[p].clock.set_wrong_by(days * 86_400);
                Ok(format!("{days} days wrong"))
            }
            Step::DeskClock(d, days) => self.set_desk_clock(d, days).await,
            Step::TimePasses(seconds) => {
                self.world.time.pass(seconds);
                Ok(format!("{seconds} seconds"))
            }
            Step::Agree => self.check_agreement().await.map(|()| "all agree".to_owned()),
            Step::EndOfDay => self.end().await,
        };
        let outcome = outcome?;
        self.check()?;
        Ok(outcome)
    }

    /// The step for people.
    pub(super) fn told(&self, step: Step) -> String {
        let phone = |p: usize| self.world.phones[p].name;
        let desk = |d: usize| self.world.desks[d].name;
        let kind = step.kind();
        match step {
            Step::Pair(p, d, a) | Step::PairTyped(p, d, a) => {
                format!("{kind}: {}, {}, account {a}", phone(p), desk(d))
            }
            Step::PairWithFault(p, d, a, fault) => {
                format!("{kind}: {}, {}, account {a}, {fault:?}", phone(p), desk(d))
            }
            Step::UnlockWithFault(p, d, fault) => format!("{kind}: {}, {}, {fault:?}", phone(p), desk(d)),
            Step::PairByLink(p, a) => format!("{kind}: {}, account {a}", phone(p)),
            Step::Unlock(p, d)
            | Step::SignInCode(p, d)
            | Step::Scan(p, d)
            | Step::SessionPasskey(p, d)
            | Step::ShowPin(p, d)
            | Step::ShowPinAtOnce(p, d)
            | Step::Rename(p, d)
            | Step::Swapped(p, d)
            | Step::Remove(p, d) => format!("{kind}: {}, {}", phone(p), desk(d)),
            Step::Resume(p)
            | Step::RemoveAtCenter(p)
            | Step::Replay(p)
            | Step::WrongCodes(p)
            | Step::Website(p)
            | Step::PhoneNetwork(p)
            | Step::PhoneRestarts(p)
            | Step::PhoneClock(p, _) => format!("{kind}: {}", phone(p)),
            Step::PairLocal(d)
            | Step::Lock(d)
            | Step::DeskNetwork(d)
            | Step::DeskRestarts(d)
            | Step::DeskClock(d, _) => format!("{kind}: {}", desk(d)),
            Step::TypeWrong(d, a) => format!("{kind}: {}, account {a}", desk(d)),
            _ => kind.to_owned(),
        }
    }
}
