//! A phone and a workstation through random days: handovers, PINs and power cuts in any order, at any
//! point, against what must always hold.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use latchkey_ctap::cbor::Item;
use latchkey_offline::testing::{Crash, MemoryLedgerStore, MemoryVerifierStore};
use latchkey_offline::{
    Account, Acknowledgement, Argon2Cost, Issue, Ledger, LedgerStore as _, OfflineError, OfflinePolicy,
    Protection, Ready, Settings, State, UnlockSecret, Verifier, VerifierStore as _,
};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;

const COMPUTER: &str = "computer-1";
const SECRET: [u8; 32] = [0x5E; 32];
const DAY: u64 = 86_400;
const SETTINGS: Settings = Settings {
    enabled: true,
    length: 8,
    count: 10,
    valid_days: 30,
    display_secs: 60,
    prompt_threshold_pct: 20,
    max_failures: 6,
    window: None,
};

/// Loses power around the save after so many others.
type PowerCut = Option<(u32, Crash)>;

#[derive(Clone, Debug)]
enum Step {
    /// An online authentication, with a power cut at either end or a line that goes dead on the way.
    Replenish {
        issue: PowerCut,
        handover_arrives: bool,
        accept: PowerCut,
        ack_arrives: bool,
        acknowledge: PowerCut,
    },
    Display(PowerCut),
    /// Types a PIN that was shown before, counted from the last one.
    Type {
        back: usize,
        cut: PowerCut,
    },
    TypeWrong(PowerCut),
    ReplayHandover(prop::sample::Index),
    ReplayAcknowledgement(prop::sample::Index),
    Wait(u64),
    /// Turns both clocks back until the next wait.
    TurnBack(u64),
    RevokeWorkstation,
    RevokePhone,
}

fn power_cut() -> impl Strategy<Value = PowerCut> {
    let crash = prop_oneof![Just(Crash::BeforeCommit), Just(Crash::AfterCommit)];
    prop_oneof![3 => Just(None), 2 => (0_u32..3, crash).prop_map(Some)]
}

fn step() -> impl Strategy<Value = Step> {
    let replenish =
        (power_cut(), prop::bool::weighted(0.8), power_cut(), prop::bool::weighted(0.8), power_cut());
    prop_oneof![
        20 => replenish.prop_map(|(issue, handover_arrives, accept, ack_arrives, acknowledge)| {
            Step::Replenish { issue, handover_arrives, accept, ack_arrives, acknowledge }
        }),
        40 => power_cut().prop_map(Step::Display),
        40 => (prop_oneof![3 => Just(0), 1 => 0_usize..12], power_cut())
            .prop_map(|(back, cut)| Step::Type { back, cut }),
        8 => power_cut().prop_map(Step::TypeWrong),
        8 => any::<prop::sample::Index>().prop_map(Step::ReplayHandover),
        8 => any::<prop::sample::Index>().prop_map(Step::ReplayAcknowledgement),
        40 => (1_u64..200).prop_map(Step::Wait),
        4 => (1..20 * DAY).prop_map(Step::Wait),
        6 => (1..40 * DAY).prop_map(Step::TurnBack),
        1 => Just(Step::RevokeWorkstation),
        1 => Just(Step::RevokePhone),
    ]
}

struct World {
    now: u64,
    turned_back: u64,
    phone: Arc<MemoryLedgerStore>,
    workstation: Arc<MemoryVerifierStore>,
    rng: ChaCha20Rng,
    handovers: Vec<Vec<u8>>,
    acknowledgements: Vec<Acknowledgement>,
    /// In the order in which they were first shown.
    shown: Vec<String>,
    hidden_from: HashMap<String, u64>,
    accepted: HashSet<String>,
    accepted_places: HashSet<(u32, u16)>,
    /// Highest that the phone's (generation, next PIN) and the workstation's generation have been.
    phone_mark: (u64, u64),
    generation_mark: u64,
    /// Generations up to this one were destroyed on the workstation: by a lock, a revocation or their end.
    destroyed_up_to: u64,
    /// Highest that the next slot of a generation has been.
    slot_marks: HashMap<u64, u64>,
}

fn verifier(disk: Arc<MemoryVerifierStore>) -> Verifier {
    let account = Account {
        computer_id: COMPUTER.to_owned(),
        user_sid: "S-1-5-21-1-2-3-1001".to_owned(),
        machine_id: "machine-7".to_owned(),
    };
    Verifier::new(disk, account, Argon2Cost::new(8, 1, 1).unwrap()).unwrap()
}

impl World {
    fn new() -> Self {
        World {
            now: 1_800_000_000,
            turned_back: 0,
            phone: Arc::default(),
            workstation: Arc::default(),
            rng: ChaCha20Rng::seed_from_u64(1),
            handovers: Vec::new(),
            acknowledgements: Vec::new(),
            shown: Vec::new(),
            hidden_from: HashMap::new(),
            accepted: HashSet::new(),
            accepted_places: HashSet::new(),
            phone_mark: (0, 0),
            generation_mark: 0,
            destroyed_up_to: 0,
            slot_marks: HashMap::new(),
        }
    }

    fn ledger(&self) -> Ledger {
        Ledger::new(self.phone.clone())
    }

    fn verifier(&self) -> Verifier {
        verifier(self.workstation.clone())
    }

    fn clock(&self) -> u64 {
        self.now - self.turned_back
    }

    fn cut_phone(&self, cut: PowerCut) {
        if let Some((saves, crash)) = cut {
            self.phone.crash_at(saves, crash);
        }
    }

    fn cut_workstation(&self, cut: PowerCut) {
        if let Some((saves, crash)) = cut {
            self.workstation.crash_at(saves, crash);
        }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Replenish { issue, handover_arrives, accept, ack_arrives, acknowledge } => {
                self.cut_workstation(*issue);
                let handover = self.issue();
                self.workstation.restart();
                let Ok(handover) = handover else { return };
                self.handovers.push(handover.clone());
                if !handover_arrives {
                    return;
                }
                self.cut_phone(*accept);
                let acknowledgement = self.ledger().accept(COMPUTER, &handover, self.clock());
                self.phone.restart();
                let Ok(acknowledgement) = acknowledgement else { return };
                self.acknowledgements.push(acknowledgement.clone());
                if !ack_arrives {
                    return;
                }
                self.cut_workstation(*acknowledge);
                let _ = self.verifier().acknowledge(&acknowledgement);
            }
            Step::Display(cut) => {
                self.cut_phone(*cut);
                if let Ok(displayed) = self.ledger().display(COMPUTER, self.clock()) {
                    self.note_shown(displayed.pin.expose(), displayed.hide_at);
                }
            }
            Step::Type { back, cut } => {
                let Some(pin) = self.shown.iter().rev().nth(*back).cloned() else { return };
                self.cut_workstation(*cut);
                self.type_pin(&pin);
            }
            Step::TypeWrong(cut) => {
                self.cut_workstation(*cut);
                self.type_pin("0000 0000");
            }
            Step::ReplayHandover(which) => {
                // Sessions end in the order in which they began: what is newer than the phone's set never
                // arrived and never will.
                if !self.handovers.is_empty() {
                    let handover = which.get(&self.handovers);
                    if generation_of(handover) <= self.phone_mark.0 {
                        let _ = self.ledger().accept(COMPUTER, handover, self.clock());
                    }
                }
            }
            Step::ReplayAcknowledgement(which) => {
                if !self.acknowledgements.is_empty() {
                    let _ = self.verifier().acknowledge(which.get(&self.acknowledgements));
                }
            }
            Step::Wait(seconds) => {
                self.now += seconds;
                self.turned_back = 0;
            }
            Step::TurnBack(seconds) => self.turned_back = *seconds,
            Step::RevokeWorkstation => self.verifier().revoke().unwrap(),
            Step::RevokePhone => self.ledger().revoke(COMPUTER).unwrap(),
        }
    }

    fn issue(&mut self) -> Result<Vec<u8>, OfflineError> {
        let phone_holds = self.ledger().acknowledgement(COMPUTER).unwrap();
        let issue = Issue {
            policy: &OfflinePolicy::new(SETTINGS).unwrap(),
            secret: &UnlockSecret::new(SECRET),
            protection: Protection::Tpm,
            phone_holds: phone_holds.as_ref(),
            now: self.clock(),
        };
        let issued = self.verifier().issue(&issue, &mut self.rng)?;
        Ok(issued.handover.as_bytes().to_vec())
    }

    /// A PIN is shown for its display time and never again.
    fn note_shown(&mut self, pin: &str, hide_at: u64) {
        assert!(hide_at <= self.clock() + 60);
        match self.hidden_from.get(pin) {
            Some(first) => assert_eq!(hide_at, *first, "a burnt PIN came back"),
            None => {
                self.hidden_from.insert(pin.to_owned(), hide_at);
                self.shown.push(pin.to_owned());
            }
        }
        assert!(self.clock() < hide_at);
    }

    fn type_pin(&mut self, pin: &str) {
        if let Ok(unlocked) = self.verifier().verify(pin, self.clock()) {
            assert!(self.hidden_from.contains_key(pin), "never shown");
            assert!(self.accepted.insert(pin.to_owned()), "the PIN was accepted before");
            assert!(self.accepted_places.insert((unlocked.generation, unlocked.index)));
            assert_eq!(unlocked.secret.expose(), &SECRET);
        }
    }

    fn check(&mut self) {
        self.phone.restart();
        self.workstation.restart();
        self.check_phone();
        self.check_workstation();
        self.check_that_it_goes_on();
    }

    /// Neither the generation nor the next PIN goes back.
    fn check_phone(&mut self) {
        let Some(record) = self.phone.load(COMPUTER).unwrap() else { return };
        let bytes = record.encode();
        let [acknowledgement, next] = Item::parse(&bytes).unwrap().numbered([4, 6]).unwrap();
        let generation = number(acknowledgement.unwrap(), 2);
        // Without a set no PIN is left.
        let mark = (generation, next.map_or(u64::MAX, |next| next.unsigned().unwrap()));
        assert!(mark >= self.phone_mark, "{mark:?} after {:?}", self.phone_mark);
        self.phone_mark = mark;
    }

    /// At most two sets, and nothing goes back.
    fn check_workstation(&mut self) {
        let Some(record) = self.workstation.load().unwrap() else { return };
        let bytes = record.encode();
        let map = Item::parse(&bytes).unwrap();
        let generation = number(map, 3);
        assert!(generation >= self.generation_mark);
        self.generation_mark = generation;
        let sets: Vec<_> = map.numbered([8, 9]).unwrap().into_iter().flatten().collect();
        if sets.is_empty() {
            self.destroyed_up_to = generation;
        }
        // A set that is gone does not come back.
        let alive: HashMap<_, _> = sets.iter().map(|set| (number(*set, 2), number(*set, 9))).collect();
        for (generation, mark) in &mut self.slot_marks {
            let next = alive.get(generation).copied().unwrap_or(u64::MAX);
            assert!(next >= *mark, "slot {next} of generation {generation} after {mark}");
            *mark = next;
        }
        self.slot_marks.extend(alive);
        // Two by the form of the record; count again what lives.
        assert!(self.slot_marks.values().filter(|mark| **mark != u64::MAX).count() <= 2);
    }

    /// Whatever was cut off: as long as the phone has a PIN that it can show and the workstation did not
    /// destroy its sets, the next PIN unlocks. And an online authentication always helps.
    fn check_that_it_goes_on(&self) {
        let ledger = Ledger::new(Arc::new(self.phone.copy()));
        let verifier = verifier(Arc::new(self.workstation.copy()));
        // After every wait and display time, with the clocks right again.
        let now = self.now + 120;
        let has_pins = matches!(ledger.status(COMPUTER, now).unwrap().state, State::Ok | State::Low);
        let takes_pins = matches!(verifier.ready(now), Ok(Ready { attempts_left: 1.., .. }));
        if has_pins && takes_pins && self.phone_mark.0 > self.destroyed_up_to {
            let displayed = ledger.display(COMPUTER, now).unwrap();
            verifier.verify(displayed.pin.expose(), now).unwrap();
        }

        let phone_holds = ledger.acknowledgement(COMPUTER).unwrap();
        let issue = Issue {
            policy: &OfflinePolicy::new(SETTINGS).unwrap(),
            secret: &UnlockSecret::new(SECRET),
            protection: Protection::Tpm,
            phone_holds: phone_holds.as_ref(),
            now,
        };
        let issued = verifier.issue(&issue, &mut ChaCha20Rng::seed_from_u64(2)).unwrap();
        let acknowledgement = ledger.accept(COMPUTER, issued.handover.as_bytes(), now).unwrap();
        verifier.acknowledge(&acknowledgement).unwrap();
        let displayed = ledger.display(COMPUTER, now).unwrap();
        verifier.verify(displayed.pin.expose(), now).unwrap();
    }
}

fn generation_of(handover: &[u8]) -> u64 {
    number(Item::parse(handover).unwrap(), 4)
}

fn number(map: Item<'_>, key: i64) -> u64 {
    let [value] = map.numbered([key]).unwrap();
    value.unwrap().unsigned().unwrap()
}

proptest! {
    #[test]
    fn whatever_happens_no_pin_is_accepted_twice_and_one_side_can_continue(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut world = World::new();
        for step in &steps {
            world.take(step);
            world.check();
        }
    }
}

/// Every crash point of one handover after another, one by one rather than by chance.
#[test]
fn a_handover_survives_a_power_cut_at_every_point() {
    let cuts = [None, Some((0, Crash::BeforeCommit)), Some((0, Crash::AfterCommit))];
    for issue in cuts {
        for accept in cuts {
            for acknowledge in cuts {
                for (handover_arrives, ack_arrives) in [(true, true), (true, false), (false, false)] {
                    let mut world = World::new();
                    let clean = Step::Replenish {
                        issue: None,
                        handover_arrives: true,
                        accept: None,
                        ack_arrives: true,
                        acknowledge: None,
                    };
                    let cut = Step::Replenish { issue, handover_arrives, accept, ack_arrives, acknowledge };
                    let use_one = [Step::Wait(60), Step::Display(None), Step::Type { back: 0, cut: None }];
                    let steps = [clean, cut.clone(), cut].into_iter().chain(use_one);
                    for step in steps {
                        world.take(&step);
                        world.check();
                    }
                    assert_eq!(world.accepted.len(), 1, "the next PIN unlocks");
                }
            }
        }
    }
}

/// The workstation's verifier from two threads at once.
#[test]
fn of_many_who_type_the_same_pin_one_is_let_in() {
    for _ in 0..20 {
        let mut world = World::new();
        world.take(&Step::Replenish {
            issue: None,
            handover_arrives: true,
            accept: None,
            ack_arrives: true,
            acknowledge: None,
        });
        world.take(&Step::Display(None));
        let (pin, now) = (world.shown[0].clone(), world.clock());
        let verifier = world.verifier();
        let unlocked: usize = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..4).map(|_| scope.spawn(|| usize::from(verifier.verify(&pin, now).is_ok()))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert!(unlocked <= 1);
        let again = world.verifier().verify(&pin, now + 120);
        assert_eq!(unlocked + usize::from(again.is_ok()), 1);
    }
}
