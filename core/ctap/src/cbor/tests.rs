use super::*;
use crate::testing::hex;

fn parse(text: &str) -> Result<Kind, CborError> {
    Item::parse(&hex(text)).map(Item::kind)
}

/// RFC 8949 appendix A: what has a place in CTAP2, apart from integers.
#[test]
fn accepts_the_examples_of_rfc_8949() {
    for (encoded, kind) in [
        ("f4", Kind::Bool),
        ("f5", Kind::Bool),
        ("f6", Kind::Null),
        ("40", Kind::Bytes),
        ("4401020304", Kind::Bytes),
        ("60", Kind::Text),
        ("6161", Kind::Text),
        ("6449455446", Kind::Text),
        ("62225c", Kind::Text),
        ("62c3bc", Kind::Text),
        ("63e6b0b4", Kind::Text),
        ("64f0908591", Kind::Text),
        ("80", Kind::Array),
        ("83010203", Kind::Array),
        ("8301820203820405", Kind::Array),
        ("98190102030405060708090a0b0c0d0e0f101112131415161718181819", Kind::Array),
        ("a0", Kind::Map),
        ("a201020304", Kind::Map),
        ("a26161016162820203", Kind::Map),
        ("826161a161626163", Kind::Array),
        ("a56161614161626142616361436164614461656145", Kind::Map),
    ] {
        assert_eq!(parse(encoded), Ok(kind), "{encoded}");
    }
}

#[test]
fn reads_and_writes_the_integers_of_rfc_8949() {
    for (encoded, value) in [
        ("00", 0),
        ("01", 1),
        ("0a", 10),
        ("17", 23),
        ("1818", 24),
        ("1819", 25),
        ("1864", 100),
        ("1903e8", 1000),
        ("1a000f4240", 1_000_000),
        ("1b000000e8d4a51000", 1_000_000_000_000),
        ("1b7fffffffffffffff", i64::MAX),
        ("20", -1),
        ("29", -10),
        ("3863", -100),
        ("3903e7", -1000),
        ("3b7fffffffffffffff", i64::MIN),
    ] {
        let bytes = hex(encoded);
        let item = Item::parse(&bytes).unwrap();
        assert_eq!(item.kind(), Kind::Integer);
        assert_eq!(item.integer(), Ok(value), "{encoded}");
        assert_eq!(item.unsigned().ok(), u64::try_from(value).ok(), "{encoded}");
        let mut out = Writer::new();
        out.integer(value);
        assert_eq!(out.finish(), bytes, "{encoded}");
    }
}

#[test]
fn integers_outside_i64_are_sound_but_unexpected() {
    for (encoded, unsigned) in [("1bffffffffffffffff", Ok(u64::MAX)), ("3bffffffffffffffff", Err(()))] {
        let bytes = hex(encoded);
        let item = Item::parse(&bytes).unwrap();
        assert_eq!(item.integer(), Err(CborError::UnexpectedType));
        assert_eq!(item.unsigned().map_err(drop), unsigned);
    }
}

#[test]
fn accepts_the_protocol_vectors() {
    let encoded = hex("a2626964410064747970656a7075626c69632d6b6579");
    let mut out = Writer::new();
    out.map(2).text("id").bytes(&[0]).text("type").text("public-key");
    assert_eq!(out.finish(), encoded);
    let [id, kind] = Item::parse(&encoded).unwrap().named(["id", "type"]).unwrap();
    assert_eq!(id.unwrap().bytes(), Ok(&[0][..]));
    assert_eq!(kind.unwrap().text(), Ok("public-key"));

    let encoded = hex("a3010002002000");
    let mut out = MapWriter::new();
    for key in [1, 2, -1] {
        out.number(key).integer(0);
    }
    assert_eq!(out.finish(), encoded);
    let members = Item::parse(&encoded).unwrap().numbered([-1, 2, 1, 3]).unwrap();
    assert_eq!(
        members.map(|member| member.map(|item| item.integer())),
        [Some(Ok(0)), Some(Ok(0)), Some(Ok(0)), None]
    );
}

#[test]
fn refuses_what_is_not_canonical() {
    use CborError::*;
    for (encoded, error) in [
        // Nothing, or less than announced.
        ("", Truncated),
        ("18", Truncated),
        ("1900", Truncated),
        ("1a000000", Truncated),
        ("1b00000000000000", Truncated),
        ("41", Truncated),
        ("43ffff", Truncated),
        ("62c3", Truncated),
        ("81", Truncated),
        ("8201", Truncated),
        ("a1", Truncated),
        ("a101", Truncated),
        ("9affffffff00", Truncated),
        ("9bffffffffffffffff", Truncated),
        ("bbffffffffffffffff00", Truncated),
        ("5bffffffffffffffff00", Truncated),
        ("7bffffffffffffffff61", Truncated),
        // More than announced.
        ("0000", TrailingBytes),
        ("a000", TrailingBytes),
        ("4000", TrailingBytes),
        // Longer than necessary.
        ("1817", NotShortest),
        ("190000", NotShortest),
        ("1900ff", NotShortest),
        ("1a0000ffff", NotShortest),
        ("1b00000000ffffffff", NotShortest),
        ("3800", NotShortest),
        ("3900ff", NotShortest),
        ("580100", NotShortest),
        ("7800", NotShortest),
        ("9800", NotShortest),
        ("b800", NotShortest),
        ("b90001", NotShortest),
        ("f814", NotShortest),
        ("f816", NotShortest),
        // Indefinite length, RFC 8949 appendix A.
        ("5f42010243030405ff", Indefinite),
        ("7f657374726561646d696e67ff", Indefinite),
        ("9fff", Indefinite),
        ("9f018202039f0405ffff", Indefinite),
        ("83018202039f0405ff", Indefinite),
        ("bf61610161629f0203ffff", Indefinite),
        // Tags.
        ("c074323031332d30332d32315432303a30343a30305a", Tag),
        ("c249010000000000000000", Tag),
        ("d74401020304", Tag),
        // Floating point and other simple values.
        ("f7", Simple),
        ("f0", Simple),
        ("e0", Simple),
        ("f8ff", Simple),
        ("f818", Simple),
        ("f90000", Simple),
        ("f93c00", Simple),
        ("fa47c35000", Simple),
        ("fb3ff199999999999a", Simple),
        ("f97e00", Simple),
        // Not well-formed (RFC 8949 appendix F).
        ("1c", Malformed),
        ("3d", Malformed),
        ("5e", Malformed),
        ("9c", Malformed),
        ("fc", Malformed),
        ("fe", Malformed),
        ("1f", Malformed),
        ("3f", Malformed),
        ("df", Malformed),
        ("ff", Malformed),
        ("81ff", Malformed),
        ("a1ff00", Malformed),
        // Text.
        ("61ff", InvalidUtf8),
        ("62c328", InvalidUtf8),
        ("63eda080", InvalidUtf8),
        ("a161ff00", InvalidUtf8),
        // Map keys.
        ("a202000100", KeyOrder),
        ("a220000100", KeyOrder),
        ("a2616100410000", KeyOrder),
        ("a2626161006162 00", KeyOrder),
        ("a2190100001818 00", KeyOrder),
        ("a2f500f400", KeyOrder),
        ("a201000100", DuplicateKey),
        ("a2616100616100", DuplicateKey),
        ("a2810000810000", DuplicateKey),
        // Nesting.
        ("818181818180", TooDeep),
        ("a100a100a100a100a100a0", TooDeep),
        ("a1a1a1a1a1a00000000000", TooDeep),
    ] {
        assert_eq!(parse(encoded), Err(error), "{encoded}");
    }
}

#[test]
fn five_levels_are_deep_enough() {
    for encoded in
        ["8181818180", "8181818100", "a100a100a100a100a0", "a100a100a100a100a10000", "a100a100a10081a0"]
    {
        assert!(parse(encoded).is_ok(), "{encoded}");
    }
}

/// "By major type first, then by length of the encoded key, then bytewise."
#[test]
fn keys_of_every_kind_have_one_order() {
    let keys = [
        "00",
        "17",
        "1818",
        "18ff",
        "190100",
        "1a00010000",
        "20",
        "3818",
        "40",
        "4100",
        "41ff",
        "420000",
        "60",
        "6161",
        "6162",
        "626161",
        "80",
        "8100",
        "a0",
        "a10000",
        "f4",
        "f5",
        "f6",
    ];
    for (i, a) in keys.iter().enumerate() {
        for (j, b) in keys.iter().enumerate() {
            let expected = match i.cmp(&j) {
                core::cmp::Ordering::Less => Ok(Kind::Map),
                core::cmp::Ordering::Equal => Err(CborError::DuplicateKey),
                core::cmp::Ordering::Greater => Err(CborError::KeyOrder),
            };
            assert_eq!(parse(&format!("a2{a}00{b}00")), expected, "{a} {b}");
        }
    }
}

#[test]
fn an_item_reads_as_its_own_type_only() {
    use CborError::UnexpectedType;
    for encoded in ["00", "20", "4100", "6161", "80", "a0", "f4", "f6"] {
        let bytes = hex(encoded);
        let item = Item::parse(&bytes).unwrap();
        let kind = item.kind();
        assert_eq!(item.raw(), bytes);
        assert_eq!(item.integer().is_ok(), kind == Kind::Integer);
        assert_eq!(item.unsigned().is_ok(), encoded == "00");
        assert_eq!(item.bytes().is_ok(), kind == Kind::Bytes);
        assert_eq!(item.text().is_ok(), kind == Kind::Text);
        assert_eq!(item.array().is_ok(), kind == Kind::Array);
        assert_eq!(item.map().is_ok(), kind == Kind::Map);
        assert_eq!(item.boolean().is_ok(), kind == Kind::Bool);
        assert_eq!(item.byte_array::<1>().is_ok(), kind == Kind::Bytes);
        assert_eq!(item.byte_array::<2>(), Err(UnexpectedType));
        assert_eq!(item.named(["a"]).is_ok(), kind == Kind::Map);
    }
}

#[test]
fn picks_members_among_keys_of_other_types() {
    // {1: 2, -1: 3, h'01': 4, "1": 5, [1]: 6, true: 7, null: 8}
    let bytes = hex("a7 0102 2003 410104 613105 810106 f507 f608");
    let item = Item::parse(&bytes).unwrap();
    let [one, minus_one, absent] = item.numbered([1, -1, 5]).unwrap();
    assert_eq!(one.unwrap().integer(), Ok(2));
    assert_eq!(minus_one.unwrap().integer(), Ok(3));
    assert_eq!(absent, None);
    let [text, absent] = item.named(["1", "2"]).unwrap();
    assert_eq!(text.unwrap().integer(), Ok(5));
    assert_eq!(absent, None);
    assert_eq!(item.map().unwrap().count(), 7);
}

#[test]
fn iterates_nested_items_whole() {
    let bytes = hex("84 820102 a1006161 40 f5");
    let items: Vec<_> = Item::parse(&bytes).unwrap().array().unwrap().map(Item::raw).collect();
    assert_eq!(items, [&hex("820102")[..], &hex("a1006161"), &hex("40"), &hex("f5")]);
}

#[test]
fn a_prefix_leaves_the_rest() {
    let bytes = hex("a10102 ffff");
    let (item, rest) = Item::parse_prefix(&bytes).unwrap();
    assert_eq!(item.raw(), hex("a10102"));
    assert_eq!(rest, [0xFF, 0xFF]);
    assert_eq!(Item::parse_prefix(&[]).unwrap_err(), CborError::Truncated);
}

#[test]
fn a_map_can_be_read_entry_by_entry() {
    let bytes = hex("a2010260f5");
    let (entries, rest) = map_header(&bytes).unwrap();
    assert_eq!((entries, rest), (2, &bytes[1..]));
    for (bytes, error) in [
        ("", CborError::Truncated),
        ("820102", CborError::UnexpectedType),
        ("b80101", CborError::NotShortest),
        ("bf", CborError::Indefinite),
    ] {
        assert_eq!(map_header(&hex(bytes)), Err(error), "{bytes}");
    }
}

#[test]
fn a_map_writer_counts_beyond_one_byte() {
    let mut out = MapWriter::new();
    for key in 0..300 {
        out.number(key).boolean(true);
    }
    let bytes = out.finish();
    assert_eq!(bytes[..3], hex("b9012c"));
    assert_eq!(Item::parse(&bytes).unwrap().map().unwrap().count(), 300);
}

/// Every byte is looked at a bounded number of times: a megabyte of the smallest items, and the
/// deepest nesting of them, are read at once.
#[test]
fn large_messages_take_linear_time() {
    let inner: Vec<u8> = [&hex("9903e8")[..], &vec![0x80; 1000]].concat();
    let middle: Vec<u8> = [hex("9903e8"), inner.repeat(1000)].concat();
    let started = std::time::Instant::now();
    let item = Item::parse(&middle).unwrap();
    let leaves: usize = item.array().unwrap().map(|inner| inner.array().unwrap().count()).sum();
    assert_eq!(leaves, 1_000_000);
    assert!(started.elapsed() < std::time::Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn debug_shows_no_content() {
    let bytes = hex("6673656372657a");
    assert_eq!(format!("{:?}", Item::parse(&bytes).unwrap()), "Item(Text, 7 bytes)");
}
