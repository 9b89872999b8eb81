//! The contract of the command line: exit statuses, results on standard output, words for people on
//! standard error, answers from standard input.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::sync::Arc;

use image::{GrayImage, ImageFormat, Luma};
use latchkey_hybrid::ComputerCeremony;
use latchkey_hybrid::computer::CodeOptions;
use latchkey_phone::PhoneConfig;
use latchkey_simulator::commands;
use latchkey_simulator::picture::QrPicture;
use latchkey_simulator::ports::{AutomaticGate, Choice, NoRadio, Silent};
use rand_core::OsRng;
use serde_json::json;
use support::World;

/// The text of a code that nobody shows.
fn code() -> String {
    let (_, code, _) = ComputerCeremony::show_code(CodeOptions::default(), &mut OsRng).unwrap();
    code.to_string()
}

#[test]
fn help_says_everything() {
    let world = World::new();
    let commands: [&[&str]; 10] = [
        &[],
        &["demo"],
        &["tunnel"],
        &["computer"],
        &["computer", "create"],
        &["computer", "get"],
        &["phone"],
        &["phone", "approve"],
        &["phone", "list"],
        &["phone", "rename"],
    ];
    for command in commands {
        let help = world.run(&[command, &["--help"]].concat());
        assert_eq!((help.status, help.stderr.as_str()), (0, ""), "{command:?}");
        assert!(help.stdout.contains("Usage: latchkey-sim"), "{help:?}");
    }
    let help = world.run(&["--help"]).stdout;
    for status in ["0", "1", "2", "10", "11", "12", "13", "14", "15", "20", "30"] {
        assert!(help.contains(&format!("\n  {status:>2}  ")), "{status} is not explained");
    }
    assert!(world.run(&["--version"]).stdout.starts_with("latchkey-sim "));
    world.run(&[]).fails(2, "Usage");
    world.run(&["phone", "dance"]).fails(2, "dance");
    world.run(&["phone", "delete", "not base64url!"]).fails(2, "not base64url!");
}

#[test]
fn a_passkey_is_made_used_named_and_deleted() {
    let world = World::new();

    // Made.
    let computer = world.computer(&["create", "--user", "ada@example.com", "--user-id", "AQIDBA"]);
    let phone = world.run_linked(&["phone", "approve", "qr.png", "--yes", "--json"]);
    let outcome = phone.json(0);
    assert_eq!(outcome["action"], "create");
    assert_eq!(outcome["rpId"], "example.com");
    assert_eq!((&outcome["status"], &outcome["error"]), (&0.into(), &serde_json::Value::Null));
    for step in ["calling the tunnel service", "advertising", "computer connected", "answered", "closed"] {
        assert!(phone.stderr.contains(step), "{phone:?}");
    }
    let created = computer.end().json(0);
    assert_eq!(created["type"], "public-key");
    let id = created["id"].as_str().unwrap().to_owned();
    assert_eq!(created["rawId"], id.as_str());

    // Used: with and without being named. The default folder is the one that was made above.
    for allow in [&["--allow", &id][..], &[]] {
        let computer = world.computer(&[&["get"], allow].concat());
        let phone = world.run_linked(&["phone", "approve", "qr.png", "--yes"]);
        assert_eq!((phone.status, phone.stdout.as_str()), (0, "Signed in to example.com\n"), "{phone:?}");
        let asserted = computer.end().json(0);
        assert_eq!(asserted["id"], id.as_str());
        assert_eq!(asserted["response"]["userHandle"], "AQIDBA");
    }

    // Listed.
    let keys = world.run(&["phone", "list", "--json"]).json(0);
    assert_eq!(keys["damaged"], 0);
    assert_eq!(keys["securityKeys"].as_array().unwrap().len(), 1);
    let key = &keys["securityKeys"][0];
    assert_eq!(key["credentialId"], id.as_str());
    assert_eq!(key["userName"], "ada@example.com");
    assert_eq!(key["userId"], "AQIDBA");
    assert!(key["lastUsedAt"].as_u64() >= key["createdAt"].as_u64());
    let list = world.run(&["phone", "list"]);
    assert_eq!(list.stdout.lines().count(), 1);
    for word in [id.as_str(), "example.com", "ada@example.com"] {
        assert!(list.stdout.contains(word), "{list:?}");
    }

    // Named.
    assert_eq!(world.run(&["phone", "rename", &id, "  My key "]).status, 0);
    assert!(world.run(&["phone", "list"]).stdout.contains("  My key\n"));
    world.run(&["phone", "rename", &id, &"x".repeat(65)]).fails(2, "too long");
    world.run(&["phone", "rename", &id, "a\nb"]).fails(2, "control");
    world.run(&["phone", "rename", "AAAA", "x"]).fails(30, "no such credential");
    let keys = world.run(&["phone", "list", "--json"]).json(0);
    assert_eq!(keys["securityKeys"][0]["name"], "My key");

    // Refused where it exists.
    let computer = world.computer(&["create", "--exclude", &id]);
    let phone = world.run_linked(&["phone", "approve", "qr.png", "--yes", "--json"]);
    assert_eq!(phone.json(20)["error"], "reg.already_registered");
    assert!(phone.stderr.contains("already registered"), "{phone:?}");
    computer.end().fails(20, "CREDENTIAL_EXCLUDED");

    // Deleted, once.
    assert_eq!(world.run(&["phone", "delete", &id]).status, 0);
    world.run(&["phone", "delete", &id]).fails(30, "no such credential");
    assert_eq!(world.run(&["phone", "list"]).stdout, "No passkeys.\n");
    let computer = world.computer(&["get"]);
    let phone = world.run_linked(&["phone", "approve", "qr.png", "--yes", "--json"]);
    assert_eq!(phone.json(20)["error"], "auth.not_found_or_canceled");
    computer.end().fails(20, "NO_CREDENTIALS");
}

#[test]
fn a_computer_asks_for_the_outputs_of_a_passkey() {
    let world = World::new();
    let perform = |arguments: &[&str]| {
        let computer = world.computer(arguments);
        assert_eq!(world.run_linked(&["phone", "approve", "qr.png", "--yes"]).status, 0);
        computer.end().json(0)["clientExtensionResults"].clone()
    };
    let created = perform(&["create", "--prf", "a text"]);
    assert_eq!(created["prf"]["enabled"], true);
    let output = created["prf"]["results"]["first"].as_str().unwrap();
    assert_eq!(output.len(), 43);
    assert_eq!(perform(&["get", "--prf", "a text"])["prf"]["results"], json!({ "first": output }));
    assert_ne!(perform(&["get", "--prf", "another"])["prf"]["results"]["first"], output);
    assert_eq!(perform(&["get"]), json!({}));
}

#[test]
fn a_hidden_passkey_is_listed_and_can_be_offered_again() {
    let world = World::new();
    let id = world.register("state")["id"].as_str().unwrap().to_owned();
    let phone = commands::phone::open(
        &world.path("state"),
        PhoneConfig::default(),
        Arc::new(AutomaticGate(Choice::Refuse)),
        Arc::new(NoRadio),
        Arc::new(Silent),
    )
    .unwrap();
    let passkey = phone.security_keys().list().unwrap().remove(0);
    phone.provider().signal_unknown("example.com", passkey.id).unwrap();
    phone.close();

    let hidden = || {
        let keys = world.run(&["phone", "list", "--json", "--state", "state"]).json(0);
        keys["securityKeys"][0]["hidden"].as_bool().unwrap()
    };
    assert!(hidden());
    assert!(
        world
            .run(&["phone", "list", "--state", "state"])
            .stdout
            .ends_with("  (hidden: no longer accepted)\n")
    );
    world.run(&["phone", "unhide", "AAAA", "--state", "state"]).fails(30, "no such credential");
    assert_eq!(world.run(&["phone", "unhide", &id, "--state", "state"]).status, 0);
    assert!(!hidden());
    assert!(!world.run(&["phone", "list", "--state", "state"]).stdout.contains("hidden"));
}

#[test]
fn answers_are_typed() {
    let world = World::new();
    let id = world.register("state")["id"].as_str().unwrap().to_owned();
    let approve = ["phone", "approve", "qr.png", "--state", "state"];

    for (typed, status) in
        [(Some("y"), 0), (Some(" YES "), 0), (Some("1"), 0), (Some("n"), 20), (Some(""), 20), (Some("2"), 20)]
            .into_iter()
            .chain([(Some("maybe"), 20), (None, 20)])
    {
        let computer = world.computer(&["get", "--allow", &id]);
        let mut phone = world.start_linked(&approve);
        phone.until("Sign in to example.com?");
        phone.until("[y/n] ");
        assert!(!phone.has_ended());
        let phone = match typed {
            // The terminal stays open behind the answer.
            Some(line) => {
                phone.type_line(line);
                phone.wait()
            }
            None => phone.end(),
        };
        assert_eq!(phone.status, status, "{typed:?}: {phone:?}");
        let computer = computer.end();
        if status == 0 {
            computer.json(0);
            assert_eq!(phone.stdout, "Signed in to example.com\n");
        } else {
            computer.fails(20, "OPERATION_DENIED");
            phone.fails(20, "auth.not_found_or_canceled");
        }
    }

    // An answer that is there before the question counts, as scripts give it.
    let computer = world.computer(&["create", "--user", "eve\u{1b}[2J"]);
    let mut phone = world.start_linked(&approve);
    phone.type_line("y");
    let phone = phone.end();
    assert_eq!(phone.status, 0, "{phone:?}");
    assert!(phone.stderr.contains("Create a passkey for eve\u{FFFD}[2J at example.com?"), "{phone:?}");
    computer.end().json(0);

    // Of two accounts the second, by its number.
    let computer = world.computer(&["get"]);
    let mut phone = world.start_linked(&approve);
    phone.until("[y = 1, number, or n] ");
    phone.type_line("2");
    assert_eq!(phone.wait().status, 0);
    assert_eq!(computer.end().json(0)["id"], id.as_str());
}

#[test]
fn a_ceremony_that_is_stopped() {
    let world = World::new();
    // On the phone, with Ctrl-C.
    let computer = world.computer(&["create"]);
    let mut phone = world.start_linked(&["phone", "approve", "qr.png", "--json"]);
    phone.until("[y/n] ");
    phone.interrupt();
    assert_eq!(phone.wait().json(20)["error"], "reg.canceled");
    computer.end().fails(15, "hybrid.peer_canceled");

    // On the computer, which is gone.
    let computer = world.computer(&["create"]);
    let mut phone = world.start_linked(&["phone", "approve", "qr.png", "--json"]);
    phone.until("[y/n] ");
    computer.kill();
    let phone = phone.wait();
    let outcome = phone.json(15);
    assert_eq!(outcome["error"], "hybrid.peer_canceled");
    assert!(outcome["action"].is_null() && outcome["status"].is_null());
    assert!(phone.stderr.contains("Canceled on the computer"));

    // The phone, which is gone.
    let computer = world.computer(&["create"]);
    let mut phone = world.start_linked(&["phone", "approve", "qr.png"]);
    phone.until("[y/n] ");
    phone.kill();
    computer.end().fails(15, "hybrid.peer_canceled");

    // Nobody came.
    world.computer(&["create", "--timeout", "1"]).end().fails(13, "hybrid.peer_not_near");

    // A phone that was heard and then says nothing in the time that the computer has for it.
    let computer = world.computer(&["create", "--timeout", "3"]);
    let mut phone = world.start_linked(&["phone", "approve", "qr.png"]);
    phone.until("[y/n] ");
    computer.end().fails(13, "did not answer in time");
    phone.wait().fails(15, "hybrid.peer_canceled");

    assert_eq!(world.run(&["phone", "list"]).stdout, "No passkeys.\n");
}

#[test]
fn what_is_no_code() {
    let world = World::new();
    let approve = |code: &str| world.run_linked(&["phone", "approve", code, "--yes"]);

    approve("nowhere.png").fails(2, "nowhere.png");
    approve(".").fails(2, "directory");
    std::fs::write(world.path("text.png"), "this is no picture").unwrap();
    approve("text.png").fails(2, "not a PNG or JPEG picture");
    std::fs::write(world.path("empty"), "").unwrap();
    approve("empty").fails(2, "not a PNG or JPEG picture");

    let code = code();
    let png = QrPicture::new(&code).unwrap().png().unwrap();
    std::fs::write(world.path("half.png"), &png[..png.len() / 2]).unwrap();
    approve("half.png").fails(2, "not a PNG or JPEG picture");

    GrayImage::from_pixel(400, 300, Luma([255]))
        .save_with_format(world.path("white.png"), ImageFormat::Png)
        .unwrap();
    approve("white.png").fails(10, "qr.invalid");
    let wifi = QrPicture::new("WIFI:S:home;;").unwrap().png().unwrap();
    std::fs::write(world.path("wifi.png"), wifi).unwrap();
    approve("wifi.png").fails(10, "qr.invalid");

    // Two codes side by side.
    let one = QrPicture::new(&code).unwrap().pixels();
    let two = QrPicture::new(&self::code()).unwrap().pixels();
    let mut both =
        GrayImage::from_pixel(one.width() + two.width(), one.height().max(two.height()), Luma([255]));
    image::imageops::replace(&mut both, &one, 0, 0);
    image::imageops::replace(&mut both, &two, i64::from(one.width()), 0);
    both.save_with_format(world.path("two.png"), ImageFormat::Png).unwrap();
    approve("two.png").fails(10, "more than one code");

    approve("FIDO:/123").fails(10, "qr.invalid");
    approve(&code[..code.len() - 2]).fails(10, "qr.invalid");
    approve("https://example.com/m?token=1").fails(10, "qr.invalid");
    approve(r#"{"v":9}"#).fails(10, "qr.unsupported");
    let json = world.run_linked(&["phone", "approve", "FIDO:/123", "--yes", "--json"]).json(10);
    assert_eq!(json["error"], "qr.invalid");
}

#[test]
fn a_code_in_a_jpeg_or_as_text() {
    let world = World::new();
    world.register("state");

    let computer = world.computer(&["get"]);
    let picture = image::open(world.path("qr.png")).unwrap();
    picture.to_luma8().save_with_format(world.path("photo.JPG"), ImageFormat::Jpeg).unwrap();
    let phone = world.run_linked(&["phone", "approve", "photo.JPG", "--yes", "--state", "state"]);
    assert_eq!(phone.status, 0, "{phone:?}");
    computer.end().json(0);

    let computer = world.computer(&["get"]);
    let texts = latchkey_simulator::picture::read_file(&world.path("qr.png")).unwrap();
    let text = texts[0].to_lowercase();
    let phone = world.run_linked(&["phone", "approve", &text, "--yes", "--state", "state"]);
    assert_eq!(phone.status, 0, "{phone:?}");
    computer.end().json(0);

    // Drawn on the terminal as well.
    let link = world.link();
    let arguments: Vec<&str> =
        ["computer", "create", "--timeout", "1"].into_iter().chain(link.iter().map(String::as_str)).collect();
    let computer = world.run(&arguments);
    assert!(computer.stderr.lines().filter(|line| line.contains('█')).count() > 10, "{computer:?}");
    computer.fails(13, "hybrid.peer_not_near");
    assert!(!computer.stderr.contains("phone heard"), "{computer:?}");
}

#[test]
fn no_connection() {
    let world = World::new();
    let (code, air) = (code(), world.text("air"));
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (closed, open) = (format!("localhost:{closed}"), format!("localhost:{}", world.port));
    let nowhere = format!("{}.invalid:443", "x".repeat(64));
    let approve = |options: &[&str]| {
        world.run(&[&["phone", "approve", &code, "--yes", "--air", &air], options].concat())
    };

    approve(&["--tunnel", &closed, "--ca-file", "ca.pem"]).fails(11, "cannot be reached");
    approve(&["--tunnel", &nowhere, "--ca-file", "ca.pem"]).fails(11, "hybrid.no_internet");
    // Not trusted without its authority.
    approve(&["--tunnel", &open]).fails(11, "identity cannot be verified");
    let json = approve(&["--tunnel", &open, "--json"]).json(11);
    assert_eq!(json["error"], "hybrid.tunnel_failed");

    // Neither the phone nor the computer starts with what it cannot use.
    let create = |options: &[&str]| {
        world.run(&[&["computer", "create", "--no-terminal-qr", "--air", &air], options].concat())
    };
    for run in [&approve as &dyn Fn(&[&str]) -> _, &create] {
        run(&["--tunnel", &open, "--ca-file", "none.pem"]).fails(2, "none.pem");
        std::fs::write(world.path("bad.pem"), "no certificate").unwrap();
        run(&["--tunnel", &open, "--ca-file", "bad.pem"]).fails(2, "--ca-file");
        for address in ["localhost", "localhost:", ":443", "localhost:65536", "localhost:https"] {
            run(&["--tunnel", address, "--ca-file", "ca.pem"]).fails(2, "is not HOST:PORT");
        }
        run(&["--adapter", "hci0"]).fails(2, "--adapter");
    }
    for domain in ["2", "255"] {
        approve(&["--domain", domain, "--tunnel", &open]).fails(2, "--domain");
    }
    approve(&["--domain", "65536", "--tunnel", &open]).fails(2, "--domain");
    create(&["--origin", "https://evil.example", "--tunnel", &open]).fails(2, "may not use the RP ID");

    // A file in the place of the air.
    std::fs::write(world.path("file"), "").unwrap();
    let phone = world.run(&[
        "phone",
        "approve",
        &code,
        "--yes",
        "--air",
        "file",
        "--tunnel",
        &open,
        "--ca-file",
        "ca.pem",
    ]);
    phone.fails(1, "Bluetooth refused the advert");
}

#[test]
#[cfg(target_os = "linux")]
fn no_bluetooth() {
    let world = World::new();
    let open = format!("localhost:{}", world.port);
    let bus = [("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")];
    let phone = world
        .start_with(&["phone", "approve", &code(), "--yes", "--tunnel", &open, "--ca-file", "ca.pem"], &bus);
    phone.end().fails(12, "hybrid.bluetooth_off");
    let computer = world
        .start_with(&["computer", "get", "--no-terminal-qr", "--tunnel", &open, "--ca-file", "ca.pem"], &bus);
    computer.end().fails(12, "hybrid.bluetooth_off");
}

#[test]
fn a_state_that_cannot_be_used() {
    let world = World::new();
    world.register("state");
    let open = ["phone", "list", "--state"];
    let run = |state: &str| world.run(&[&open[..], &[state]].concat());

    std::fs::write(world.path("file"), "").unwrap();
    run("file").fails(30, "file");

    // Another key than the one that the vault was sealed with; one of a wrong length.
    let key = world.path("state/wrapping.key");
    let good = std::fs::read(&key).unwrap();
    std::fs::write(&key, [7; 32]).unwrap();
    assert_eq!(run("state").status, 30);
    std::fs::write(&key, [7; 5]).unwrap();
    run("state").fails(30, "damaged");
    std::fs::write(&key, good).unwrap();
    assert_eq!(run("state").status, 0);

    // No database at all where the database was.
    let vault = world.path("state/vault.sqlite");
    std::fs::write(&vault, "this was a database once".repeat(100)).unwrap();
    for journal in ["state/vault.sqlite-wal", "state/vault.sqlite-shm"] {
        let _ = std::fs::remove_file(world.path(journal));
    }
    assert_eq!(run("state").status, 30);
    let code = code();
    let phone = world.run_linked(&["phone", "approve", &code, "--yes", "--state", "state"]);
    assert_eq!(phone.status, 30, "{phone:?}");
}

#[test]
fn a_tunnel_service_of_its_own() {
    let world = World::new();
    let mut tunnel = world.start(&["tunnel", "--listen", "127.0.0.1:0", "--ca-out", "own.pem"]);
    tunnel.until("tunnel service on 127.0.0.1:");
    tunnel.until("\n");
    let said = tunnel.said();
    let port = said.split("127.0.0.1:").nth(1).unwrap().trim().to_owned();
    let address = format!("localhost:{port}");
    let link = ["--air", "air", "--tunnel", &address, "--ca-file", "own.pem"];
    let mut computer =
        world.start(&[&["computer", "create", "--no-terminal-qr", "--qr", "qr.png"][..], &link].concat());
    computer.until("scan this code");
    assert_eq!(world.run(&[&["phone", "approve", "qr.png", "--yes"][..], &link].concat()).status, 0);
    computer.end().json(0);
    tunnel.until("tunnel 1: joined by a computer");
    tunnel.until("tunnel 1: closed by the");
    tunnel.interrupt();
    assert_eq!(tunnel.wait().status, 0);

    world.run(&["tunnel", "--listen", "nowhere"]).fails(2, "--listen");
    let taken = format!("127.0.0.1:{}", world.port);
    world.run(&["tunnel", "--listen", &taken]).fails(1, "cannot listen");
    world.run(&["tunnel", "--cert", "ca.pem"]).fails(2, "--key");
    world.run(&["tunnel", "--cert", "ca.pem", "--key", "none.pem"]).fails(2, "cannot be read");
}

#[test]
fn the_demonstration_for_programs() {
    let world = World::new();
    let demo = world.run(&["demo", "--json", "--out", "out"]).json(0);
    assert_eq!(demo["held"], true);
    assert_eq!(demo["scenes"].as_array().unwrap().len(), 12);
    assert_eq!(demo["auditTrail"]["namesNobody"], true);
    for name in ["qr.png", "pairing.png", "registration.json", "authentication.json", "transcript.json"] {
        assert!(world.path("out").join(name).is_file(), "{name}");
    }
    let told = world.run(&["demo"]);
    assert_eq!(told.status, 0);
    assert!(told.stdout.ends_with("All of it held.\n"), "{told:?}");

    std::fs::write(world.path("file"), "").unwrap();
    world.run(&["demo", "--out", "file"]).fails(2, "file");
}
