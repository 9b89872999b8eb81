use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::ports::{Consent, GateError, Prompt, UserGate, UserVerification};

/// What the scripted person does with a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Says yes, verified if the prompt asks for it, with the first account.
    Approve,
    /// Says yes, verified if the prompt asks for it, with the account of this index.
    Choose(usize),
    /// Says exactly this.
    Consent {
        /// The person was verified.
        verified: bool,
        /// The account.
        account: usize,
    },
    /// Does not say yes.
    Fail(GateError),
    /// Never answers.
    Ignore,
}

/// A person who follows a script and remembers what was asked.
#[derive(Debug)]
pub struct ScriptedGate {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    verification: UserVerification,
    script: VecDeque<Answer>,
    afterwards: Answer,
    prompts: Vec<Prompt>,
}

impl ScriptedGate {
    /// Gives these answers in turn and refuses every prompt after the last. The device can verify
    /// its user.
    #[must_use]
    pub fn scripted(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::new(answers.into_iter().collect(), Answer::Fail(GateError::Denied))
    }

    /// Says [`Answer::Approve`] to everything. The device can verify its user.
    #[must_use]
    pub fn approving() -> Self {
        Self::new(VecDeque::new(), Answer::Approve)
    }

    fn new(script: VecDeque<Answer>, afterwards: Answer) -> Self {
        let verification = UserVerification::Configured;
        ScriptedGate { state: Mutex::new(State { verification, script, afterwards, prompts: Vec::new() }) }
    }

    /// Sets whether the device can verify its user from now on.
    pub fn set_user_verification(&self, verification: UserVerification) {
        self.state().verification = verification;
    }

    /// Adds an answer to the end of the script.
    pub fn push(&self, answer: Answer) {
        self.state().script.push_back(answer);
    }

    /// The prompts shown so far; forgets them.
    #[must_use]
    pub fn take_prompts(&self) -> Vec<Prompt> {
        core::mem::take(&mut self.state().prompts)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl UserGate for ScriptedGate {
    fn user_verification(&self) -> UserVerification {
        self.state().verification
    }

    async fn ask(&self, prompt: Prompt) -> Result<Consent, GateError> {
        let verified = prompt.verify;
        let answer = {
            let mut state = self.state();
            state.prompts.push(prompt);
            state.script.pop_front().unwrap_or(state.afterwards)
        };
        match answer {
            Answer::Approve => Ok(Consent { verified, account: 0 }),
            Answer::Choose(account) => Ok(Consent { verified, account }),
            Answer::Consent { verified, account } => Ok(Consent { verified, account }),
            Answer::Fail(error) => Err(error),
            Answer::Ignore => core::future::pending().await,
        }
    }
}
