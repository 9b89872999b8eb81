use std::collections::HashSet;

use super::*;

#[test]
fn ids_are_unique_and_texts_complete() {
    let mut ids = HashSet::new();
    for id in ErrorId::ALL {
        let info = id.info();
        assert!(ids.insert(info.id), "{} occurs twice", info.id);
        for text in [info.title, info.meaning, info.next_step] {
            assert!(!text.is_empty(), "{}", info.id);
        }
        for sentence in [info.meaning, info.next_step] {
            assert!(sentence.ends_with('.'), "{}: {sentence}", info.id);
        }
    }
}

#[test]
fn every_status_means_something() {
    for phase in [Phase::Create, Phase::Get] {
        assert_eq!(ErrorId::of_status(Status::OK, phase), None);
        for byte in 1..=u8::MAX {
            assert!(ErrorId::of_status(Status(byte), phase).is_some(), "0x{byte:02X}");
        }
    }
}

/// A failure whose status goes to the computer comes back as itself when the phone reads that status.
#[test]
fn statuses_and_ids_agree() {
    for (status, create, get) in [
        (Status::OPERATION_DENIED, ErrorId::RegCanceled, ErrorId::AuthNotFoundOrCanceled),
        (Status::USER_ACTION_TIMEOUT, ErrorId::RegTimeout, ErrorId::AuthTimeout),
        (Status::CREDENTIAL_EXCLUDED, ErrorId::RegAlreadyRegistered, ErrorId::AnyInternal),
        (Status::KEY_STORE_FULL, ErrorId::RegLimitReached, ErrorId::AnyInternal),
        (Status::NO_CREDENTIALS, ErrorId::AnyInternal, ErrorId::AuthNotFoundOrCanceled),
        (Status::INVALID_CBOR, ErrorId::RequestMalformed, ErrorId::RequestMalformed),
        (Status::UNSUPPORTED_ALGORITHM, ErrorId::AnyNotSupported, ErrorId::AnyNotSupported),
        (Status::UV_BLOCKED, ErrorId::AuthUvFailed, ErrorId::AuthUvFailed),
        (Status(0xF0), ErrorId::AnyInternal, ErrorId::AnyInternal),
    ] {
        assert_eq!(ErrorId::of_status(status, Phase::Create), Some(create), "{status}");
        assert_eq!(ErrorId::of_status(status, Phase::Get), Some(get), "{status}");
    }
}
