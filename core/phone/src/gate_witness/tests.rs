use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;

use latchkey_authenticator::testing::{Answer, ScriptedGate};

use super::*;

fn prompt() -> Prompt {
    Prompt { kind: PromptKind::Select, verify: true, timeout: Duration::from_secs(30) }
}

#[tokio::test]
async fn a_ceremony_is_shown_as_what_it_is_for_and_no_other_is() {
    let gate = Arc::new(ScriptedGate::approving());
    let witness = GateWitness::new(gate.clone());
    let unlock = PromptKind::Unlock { computer: "Ada's laptop".to_owned() };
    let (shown_as, plain) =
        tokio::join!(asking_as(unlock.clone(), witness.ask(prompt())), witness.ask(prompt()));
    assert!(shown_as.unwrap().verified && plain.unwrap().verified);
    let kinds: Vec<PromptKind> = gate.take_prompts().into_iter().map(|prompt| prompt.kind).collect();
    assert_eq!(kinds, [unlock, PromptKind::Select]);
}

#[tokio::test]
async fn a_second_prompt_waits_until_the_first_is_gone() {
    let gate = Arc::new(ScriptedGate::scripted([Answer::Ignore, Answer::Approve]));
    let witness = GateWitness::new(gate.clone());
    let mut second = pin!(witness.ask(prompt()));
    {
        let mut first = pin!(witness.ask(prompt()));
        let pending = poll_fn(|context| {
            let first = first.as_mut().poll(context).is_pending();
            Poll::Ready(first && second.as_mut().poll(context).is_pending())
        });
        assert!(pending.await);
        assert_eq!(gate.take_prompts().len(), 1);
    }
    assert!(second.await.unwrap().verified);
}

#[tokio::test]
async fn a_failure_is_told_once() {
    let witness = GateWitness::new(Arc::new(ScriptedGate::scripted([Answer::Fail(GateError::LockedOut)])));
    assert_eq!(witness.ask(prompt()).await, Err(GateError::LockedOut));
    assert_eq!(witness.take_failure(), Some(GateError::LockedOut));
    assert_eq!(witness.take_failure(), None);
}
