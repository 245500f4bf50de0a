//! The messages that all peers send and check: content and checksum follow from publisher, index and length.

const PRIME: u64 = 0x100_0000_01B3;

/// The index in the low 32 bits, the publisher above it; every message begins with it.
pub fn first_word(publisher: u64, index: u64) -> u64 {
    publisher << 32 | index
}

/// `room`: whole words, as many as `length` needs.
pub fn fill(room: &mut [u8], first: u64, length: usize) {
    room[..8].copy_from_slice(&first.to_le_bytes());
    let mut word = first.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for offset in (8..length).step_by(8) {
        word = word.wrapping_add(0xBF58_476D_1CE4_E5B9);
        room[offset..offset + 8].copy_from_slice(&word.to_le_bytes());
    }
}

/// Takes one more message into the checksum of a stream of messages.
pub fn mix(mut checksum: u64, message: &[u8]) -> u64 {
    let words = message.chunks_exact(8);
    let rest = words.remainder();
    for word in words {
        checksum = (checksum ^ u64::from_le_bytes(word.try_into().unwrap())).wrapping_mul(PRIME);
    }
    let mut tail = [0u8; 8];
    tail[..rest.len()].copy_from_slice(rest);
    checksum = (checksum ^ u64::from_le_bytes(tail)).wrapping_mul(PRIME);
    (checksum ^ message.len() as u64).wrapping_mul(PRIME)
}
