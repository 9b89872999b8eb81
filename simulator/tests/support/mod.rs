//! What the tests of the command line share: a tunnel service, and the program in processes of its own.
#![allow(dead_code, unreachable_pub)]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use latchkey_simulator::tunnel::{Limits, RunningTunnelService, TlsIdentity, TunnelService};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// What takes longer hangs.
const HANGS: Duration = Duration::from_secs(60);

/// A tunnel service on loopback, an air, and a folder for everything else.
pub struct World {
    pub directory: TempDir,
    pub port: u16,
    pub runtime: Runtime,
    _service: RunningTunnelService,
}

impl World {
    pub fn new() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let (identity, ca) = TlsIdentity::generate(&["localhost"]).unwrap();
        std::fs::write(directory.path().join("ca.pem"), ca).unwrap();
        let (service, port) = runtime.block_on(async {
            let address = ([127, 0, 0, 1], 0).into();
            let service = TunnelService::bind(address, identity, Limits::default()).await.unwrap();
            let port = service.local_addr().unwrap().port();
            (service.start(), port)
        });
        World { directory, port, runtime, _service: service }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// The options with which both roles find each other.
    pub fn link(&self) -> Vec<String> {
        let options = [
            ("--air", self.text("air")),
            ("--tunnel", format!("localhost:{}", self.port)),
            ("--ca-file", self.text("ca.pem")),
        ];
        options.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
    }

    /// Starts the program, in the folder of this world.
    pub fn start(&self, arguments: &[&str]) -> Process {
        self.start_with(arguments, &[])
    }

    /// Starts the program with both roles' options.
    pub fn start_linked(&self, arguments: &[&str]) -> Process {
        let link = self.link();
        let arguments: Vec<&str> = arguments.iter().copied().chain(link.iter().map(String::as_str)).collect();
        self.start_with(&arguments, &[])
    }

    pub fn start_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Process {
        let mut child = Command::new(env!("CARGO_BIN_EXE_latchkey-sim"))
            .args(arguments)
            .envs(environment.iter().copied())
            .current_dir(self.directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let stdout = std::thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).unwrap();
            text
        });
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (said, heard) = mpsc::channel();
        std::thread::spawn(move || {
            // A prompt does not end its line: pieces are passed on as they come.
            let mut stderr = stderr;
            while let Ok(piece @ [_, ..]) = stderr.fill_buf() {
                let (text, length) = (String::from_utf8_lossy(piece).into_owned(), piece.len());
                if said.send(text).is_err() {
                    return;
                }
                stderr.consume(length);
            }
        });
        let stdin = child.stdin.take();
        Process { child, stdin, stdout: Some(stdout), heard, stderr: String::new() }
    }

    /// Runs the program to its end, without anything to read.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).end()
    }

    pub fn run_linked(&self, arguments: &[&str]) -> Ended {
        self.start_linked(arguments).end()
    }

    /// Starts a computer that shows its code in `qr.png`, and waits until it does.
    pub fn computer(&self, arguments: &[&str]) -> Process {
        let mut arguments = [&["computer"], arguments, &["--no-terminal-qr", "--qr", "qr.png"]].concat();
        arguments.extend(["--origin", "https://example.com"]);
        let mut computer = self.start_linked(&arguments);
        computer.until("scan this code");
        computer
    }

    /// A passkey made with both programs; gives the computer's JSON.
    pub fn register(&self, state: &str) -> Value {
        let computer = self.computer(&["create"]);
        let phone = self.run_linked(&["phone", "approve", "qr.png", "--yes", "--state", state]);
        assert_eq!(phone.status, 0, "{phone:?}");
        computer.end().json(0)
    }
}

/// The program while it runs.
pub struct Process {
    child: Child,
    pub stdin: Option<ChildStdin>,
    stdout: Option<JoinHandle<String>>,
    heard: mpsc::Receiver<String>,
    stderr: String,
}

/// How the program ended.
#[derive(Debug)]
pub struct Ended {
    /// Exit status; -1 when a signal ended it.
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Process {
    /// Waits until it has said this on standard error.
    pub fn until(&mut self, text: &str) {
        while !self.stderr.contains(text) {
            match self.heard.recv_timeout(HANGS) {
                Ok(piece) => self.stderr += &piece,
                Err(_) => panic!("never said {text:?}, but:\n{}", self.stderr),
            }
        }
    }

    /// What it has said so far.
    pub fn said(&self) -> &str {
        &self.stderr
    }

    /// Types a line.
    pub fn type_line(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Sends SIGINT, as Ctrl-C does.
    pub fn interrupt(&self) {
        // The shell's own: not every system has the program.
        let kill = format!("kill -INT {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }

    /// Sends SIGKILL and waits.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Closes its standard input and waits for its end.
    pub fn end(mut self) -> Ended {
        drop(self.stdin.take());
        self.wait()
    }

    /// Waits for its end with its standard input left open.
    pub fn wait(mut self) -> Ended {
        while let Ok(piece) = self.heard.recv_timeout(HANGS) {
            self.stderr += &piece;
        }
        let deadline = std::time::Instant::now() + HANGS;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if std::time::Instant::now() > deadline {
                self.child.kill().unwrap();
                panic!("hangs after:\n{}", self.stderr);
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let stdout = self.stdout.take().unwrap().join().unwrap();
        Ended { status: status.code().unwrap_or(-1), stdout, stderr: std::mem::take(&mut self.stderr) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// Its standard output, which has to be JSON, after this exit status.
    pub fn json(&self, status: i32) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Checks that it failed with this status, said why in these words, and printed no result.
    pub fn fails(&self, status: i32, words: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.stderr.contains(words), "{words:?} is not in {self:?}");
        assert_eq!(self.stdout, "", "{self:?}");
    }
}
