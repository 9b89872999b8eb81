//! The phone's work from QR text to Noise reply, beside the bare handshake.

fn main() {
    divan::main();
}
