use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn every_number_has_a_host_or_is_unassigned(number: u16) {
        match TunnelDomain::new(number) {
            Ok(domain) => {
                let host = domain.host();
                prop_assert!(host.starts_with("cable.") && host.split('.').count() == 3);
                prop_assert!(host.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.'));
                prop_assert_eq!(domain.number(), number);
            }
            Err(error) => {
                prop_assert_eq!(error, HybridError::UnassignedDomain(number));
                prop_assert!((2..256).contains(&number));
            }
        }
    }

    #[test]
    fn paths_come_back(routing: [u8; 3], tunnel: [u8; 16], contact: Vec<u8>) {
        let (routing, tunnel) = (RoutingId::new(routing), TunnelId::new(tunnel));
        for path in [TunnelPath::New(tunnel), TunnelPath::Connect(routing, tunnel), TunnelPath::Contact(contact)] {
            prop_assert_eq!(path.to_string().parse(), Ok(path));
        }
    }

    #[test]
    fn any_text_is_refused_or_read(text: String) {
        prop_assert!(text.parse::<TunnelPath>().is_err());
        let _ = text.parse::<RoutingId>();
        let _ = ClientPayload::from_header(&text);
        let _ = format!("/cable/contact/{text}").parse::<TunnelPath>();
    }

    #[test]
    fn client_payloads_come_back(link_id: [u8; 8], client_nonce: [u8; 16], create: bool) {
        let hint = if create { RequestHint::MakeCredential } else { RequestHint::GetAssertion };
        let payload = ClientPayload { link_id, client_nonce, hint };
        let header = payload.to_header();
        prop_assert_eq!(ClientPayload::from_header(&header.to_ascii_uppercase()), Ok(payload.clone()));
        prop_assert_eq!(ClientPayload::from_header(&header), Ok(payload));
    }
}

#[test]
fn identifiers_have_their_exact_length() {
    for text in ["", "aabbc", "aabbccd", "aabbccdd", "aabbcg", " aabbcc", "aa bb c", "+abbcc", "\u{e4}bbcc"] {
        assert_eq!(text.parse::<RoutingId>(), Err(HybridError::InvalidRoutingId), "{text}");
    }
    assert_eq!("aAbBcC".parse(), Ok(RoutingId::new([0xAA, 0xBB, 0xCC])));
    let tunnel = "00112233445566778899aabbccddeeff";
    assert!(tunnel.parse::<TunnelId>().is_ok());
    assert_eq!(tunnel[1..].parse::<TunnelId>(), Err(HybridError::InvalidTunnelId));
    assert_eq!(tunnel[2..].parse::<TunnelId>(), Err(HybridError::InvalidTunnelId));
    assert_eq!(format!("{tunnel}00").parse::<TunnelId>(), Err(HybridError::InvalidTunnelId));
}

#[test]
fn other_paths_are_refused() {
    let tunnel = "00112233445566778899AABBCCDDEEFF";
    let path = |text: String| text.parse::<TunnelPath>().unwrap_err();
    for other in
        ["", "/", "/cable", "/cable/", "/cable/new", "/cable/old/1", "cable/new/1", "/cable/contact/=="]
    {
        assert_eq!(path(other.into()), HybridError::InvalidTunnelPath, "{other}");
    }
    assert_eq!(path(format!("/cable/connect/{tunnel}")), HybridError::InvalidTunnelPath);
    assert_eq!(path(format!("/cable/connect/AABB/{tunnel}")), HybridError::InvalidRoutingId);
    assert_eq!(path(format!("/cable/connect/AABBCC/{tunnel}/")), HybridError::InvalidTunnelId);
    assert_eq!(path(format!("/cable/new/{tunnel}?x=1")), HybridError::InvalidTunnelId);
    assert_eq!(path(format!("/cable/new/../{tunnel}")), HybridError::InvalidTunnelId);
}

#[test]
fn other_client_payloads_are_refused() {
    for header in ["", "a0", "a1014800010203040506", "xyz", "a301", "80", "a20148000102030405060702410a"] {
        assert_eq!(ClientPayload::from_header(header), Err(HybridError::InvalidClientPayload), "{header}");
    }
}
