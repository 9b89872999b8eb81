//! A computer that is led by hand: it does what no honest computer would, at the moment of choice.

use latchkey_hybrid::computer::CodeOptions;
use latchkey_hybrid::{ComputerCeremony, ComputerEffect, ComputerEvent, RequestHint};
use latchkey_phone::tunnel::{self, Tunnel, TunnelError};
use latchkey_simulator::air::Scanner;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::air::Ears;
use crate::stage::Stage;

/// A computer between two of its steps.
pub struct Hand {
    ceremony: ComputerCeremony,
    /// The text of its code.
    pub code: String,
    ears: Ears,
    /// Its end of the tunnel, once it is there.
    pub tunnel: Option<Tunnel>,
}

impl Hand {
    /// Shows a code; `seed` makes it unlike others.
    #[must_use]
    pub fn show(stage: &Stage, seed: u64) -> Self {
        let options =
            CodeOptions { hint: RequestHint::MakeCredential, client_time: None, accept_link: false };
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let (ceremony, code, _) = ComputerCeremony::show_code(options, &mut rng).unwrap();
        Hand { ceremony, code: code.to_string(), ears: stage.air.listen(), tunnel: None }
    }

    /// Waits for the phone's advert and opens the tunnel. Returns message 1, which is not sent yet.
    pub async fn join(&mut self, stage: &Stage) -> Vec<u8> {
        let path = loop {
            let advert = self.ears.next().await.unwrap();
            let effects = self.ceremony.handle(ComputerEvent::Advert(advert));
            if let Some(path) = effects.into_iter().find_map(|effect| match effect {
                ComputerEffect::OpenTunnel { path, .. } => Some(path.to_string()),
                _ => None,
            }) {
                break path;
            }
        };
        let address = stage.computer_leg.address();
        self.tunnel = Some(tunnel::connect(&address, &path, stage.computer.tls.clone()).await.unwrap());
        let effects = self.ceremony.handle(ComputerEvent::TunnelOpened);
        frames(effects).remove(0)
    }

    /// Everything up to the first command.
    pub async fn connect(&mut self, stage: &Stage) {
        let message1 = self.join(stage).await;
        self.send_raw(message1).await;
        for _ in 0..2 {
            let frame = self.receive_raw().await.unwrap();
            self.ceremony.handle(ComputerEvent::Frame(frame));
        }
    }

    /// Sends a command and does not wait.
    pub async fn command(&mut self, command: &[u8]) {
        let effects = self.ceremony.handle(ComputerEvent::Command(command.to_vec()));
        self.send_raw(frames(effects).remove(0)).await;
    }

    /// Waits for the answer to a command.
    ///
    /// # Errors
    /// As [`Tunnel::receive`].
    pub async fn answer(&mut self) -> Result<Vec<u8>, TunnelError> {
        let frame = self.receive_raw().await?;
        let effects = self.ceremony.handle(ComputerEvent::Frame(frame));
        Ok(effects
            .into_iter()
            .find_map(|effect| match effect {
                ComputerEffect::Response(response) => Some(response),
                _ => None,
            })
            .expect("not an answer"))
    }

    /// Sends a command and waits for the answer.
    pub async fn ask(&mut self, command: &[u8]) -> Vec<u8> {
        self.command(command).await;
        self.answer().await.unwrap()
    }

    /// Says that it ends, whether something was answered or not.
    pub async fn shut_down(&mut self) {
        let effects = self.ceremony.handle(ComputerEvent::Cancel);
        self.send_raw(frames(effects).remove(0)).await;
    }

    /// Waits until the phone has closed the tunnel.
    pub async fn until_closed(&mut self) {
        while self.receive_raw().await.is_ok() {}
    }

    /// Closes the tunnel without a word.
    pub async fn leave(&mut self) {
        self.tunnel.take().unwrap().close().await;
    }

    /// Sends these bytes as they are.
    pub async fn send_raw(&mut self, frame: Vec<u8>) {
        self.tunnel.as_mut().unwrap().send(frame).await.unwrap();
    }

    async fn receive_raw(&mut self) -> Result<Vec<u8>, TunnelError> {
        self.tunnel.as_mut().unwrap().receive().await
    }
}

fn frames(effects: Vec<ComputerEffect>) -> Vec<Vec<u8>> {
    effects
        .into_iter()
        .filter_map(|effect| match effect {
            ComputerEffect::SendFrame(frame) => Some(frame),
            _ => None,
        })
        .collect()
}
