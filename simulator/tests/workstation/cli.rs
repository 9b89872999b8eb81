//! The command line.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use latchkey_authenticator::Cancel;
use latchkey_simulator::picture;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::stage::{ADA, Stage, approve, within};

struct Desk<'a> {
    stage: &'a Stage,
}

impl Desk<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey-sim"));
        command.arg("workstation").args(arguments).arg("--state").arg(self.stage.path("desk"));
        command.kill_on_drop(true);
        command
    }

    /// Runs a command to its end: its exit status and the JSON that it printed.
    async fn run(&self, arguments: &[&str]) -> (i32, Value) {
        let output = within(self.command(arguments).arg("--json").output()).await.unwrap();
        let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code().unwrap(), json)
    }

    fn ca_file(&self) -> String {
        self.stage.ca_file().to_str().unwrap().to_owned()
    }
}

/// A command that runs in the background and prints a line for each thing that happens.
struct Background {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// Read and not asked for yet.
    read: Vec<Value>,
}

impl Background {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Background { child, lines, read: Vec::new() }
    }

    /// The next line that is about this event.
    async fn event(&mut self, name: &str) -> Value {
        within(async {
            loop {
                if let Some(at) = self.read.iter().position(|line| line["event"] == name) {
                    return self.read.remove(at);
                }
                let line = self.lines.next_line().await.unwrap().expect("it goes on");
                self.read.push(serde_json::from_str(&line).unwrap());
            }
        })
        .await
    }
}

async fn appears(path: &Path) -> Vec<String> {
    within(async {
        loop {
            match picture::read_file(path) {
                Ok(texts) if !texts.is_empty() => return texts,
                _ => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_at_the_command_line() {
    let stage = Stage::new().await;
    let (desk, phone) = (Desk { stage: &stage }, stage.phone("phone"));
    let ca_file = desk.ca_file();
    stage.set_offline(true).await;

    // A new workstation is locked and knows nobody.
    let (status, json) = desk.run(&["status"]).await;
    assert_eq!((status, &json["lock"]["locked"], &json["phones"]), (0, &true.into(), &Value::Array(vec![])));
    assert_eq!(desk.run(&["pair", "--user", ADA]).await.0, 2, "it is not enrolled");

    let (address, token) = (stage.base_url().to_owned(), stage.install_token().await);
    let (status, json) = desk
        .run(&[
            "enroll",
            "--address",
            &address,
            "--token",
            &token,
            "--name",
            "Ada's desk",
            "--ca-file",
            &ca_file,
        ])
        .await;
    assert_eq!(status, 0);
    let machine_id = json["machineId"].as_str().unwrap().to_owned();
    assert_eq!(desk.run(&["pair", "--user", ADA, "--account", "local"]).await.0, 20);

    // Pair, by the picture.
    let picture = stage.path("code.png");
    let mut pairing =
        desk.command(&["pair", "--user", ADA, "--ca-file", &ca_file, "--no-terminal-qr", "--json"]);
    let pairing = pairing.arg("--qr").arg(&picture).stdout(Stdio::piped()).stderr(Stdio::null());
    let pairing = pairing.spawn().unwrap();
    let text = appears(&picture).await.remove(0);
    approve(&phone, &text).await;
    let output = within(pairing.wait_with_output()).await.unwrap();
    assert!(output.status.success());
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["account"], ADA);

    // Serve, and unlock by phone.
    let serving =
        ["run", "--json", "--ca-file", &ca_file, "--argon2-memory", "8", "--argon2-iterations", "1"];
    let mut serving = Background::start(desk.command(&serving));
    assert_eq!(serving.event("lock").await["lock"]["locked"], true);
    within(phone.unlock(&machine_id, &Cancel::new())).await.unwrap();
    let line = serving.event("lock").await;
    assert_eq!((&line["lock"]["by"], &line["lock"]["account"]), (&"phone".into(), &ADA.into()));
    assert_eq!(serving.event("served").await["offlinePins"], "confirmed");

    // Another process locks; the one that serves notices.
    assert_eq!(desk.run(&["lock"]).await.0, 0);
    assert_eq!(serving.event("lock").await["lock"]["locked"], true);
    let pin = phone.offline_pins().display(&machine_id, &Cancel::new()).await.unwrap().pin;
    let (status, json) = desk.run(&["unlock", "--pin", pin.expose()]).await;
    assert_eq!((status, &json["by"]), (0, &"pin".into()));
    assert_eq!(serving.event("lock").await["lock"]["by"], "pin");
    desk.run(&["lock"]).await;
    assert_eq!(desk.run(&["unlock", "--pin", pin.expose()]).await.0, 20, "a PIN is good for once");

    let (_, json) = desk.run(&["status"]).await;
    assert_eq!(json["lock"]["locked"], true);
    assert_eq!(json["phones"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&json["offlinePins"][0]["ready"], &json["offlinePins"][0]["attemptsLeft"]),
        (&true.into(), &2.into())
    );
    serving.child.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_is_checked_before_anything_happens() {
    let stage = Stage::new().await;
    let desk = Desk { stage: &stage };
    assert_eq!(desk.run(&["unlock"]).await.0, 2, "one way must be given");
    assert_eq!(desk.run(&["unlock", "--pin", "x", "--scan"]).await.0, 2, "and only one");
    assert_eq!(desk.run(&["run", "--argon2-memory", "1"]).await.0, 2);
    assert!(!stage.path("desk").exists());
    assert_eq!(desk.run(&["unlock", "--pin", "0123456789"]).await.0, 20, "no account has PINs here");
    assert_eq!(desk.run(&["passkey", "later"]).await.0, 20, "nobody is signed in");
    assert_eq!(desk.run(&["sign-in", "--air", stage.path("air").to_str().unwrap()]).await.0, 20);
}

/// A bare system trusts nobody. Who asks no server need not care.
#[tokio::test(flavor = "multi_thread")]
async fn without_certificate_authorities_a_workstation_still_tells_its_status() {
    let stage = Stage::new().await;
    let desk = Desk { stage: &stage };
    for arguments in [&["status", "--json"][..], &["lock", "--json"]] {
        let mut command = desk.command(arguments);
        command.env("SSL_CERT_FILE", stage.path("none")).env("SSL_CERT_DIR", stage.path("none"));
        let output = within(command.output()).await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
