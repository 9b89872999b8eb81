use super::*;

fn stretch(stretcher: &mut Stretcher) -> String {
    let pin = Pin::from_typed("5GQJX174").unwrap();
    let salt = core::array::from_fn(|i| 0x50 + i as u8);
    stretcher.stretch(&pin, &salt).unwrap().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// From `tests/vectors.py`; the last one is the cost of a workstation.
#[test]
fn it_is_argon2id() {
    for (cost, expected) in [
        (Argon2Cost::new(8, 1, 1), "1a3bd74dfe4138b24289af89bb5eca06dac2cecad02e25541cbd055ac5f30669"),
        (Argon2Cost::new(64, 2, 2), "b8f02f0c72cdae31f1c421bba052b68202867a89646ccac93aa9637804d07baf"),
        (Ok(Argon2Cost::default()), "f09712eeae49886bb54fd3ef9c8fac77ced3abccd8a12a1231d2b6070a5ee949"),
    ] {
        let mut stretcher = Stretcher::new(cost.unwrap()).unwrap();
        assert_eq!(stretch(&mut stretcher), expected);
        assert_eq!(stretch(&mut stretcher), expected, "used memory changes nothing");
    }
}

#[test]
fn the_cost_is_bounded() {
    for (memory, iterations, lanes) in
        [(7, 1, 1), (15, 1, 2), (1_048_577, 1, 1), (8, 0, 1), (8, 17, 1), (8, 1, 0), (1024, 1, 17), (0, 0, 0)]
    {
        assert_eq!(Argon2Cost::new(memory, iterations, lanes), Err(OfflineError::InvalidCost));
    }
    assert_eq!(Argon2Cost::new(65_536, 3, 1), Ok(Argon2Cost::default()));
    assert!(Argon2Cost::new(1_048_576, 16, 16).is_ok());
}
