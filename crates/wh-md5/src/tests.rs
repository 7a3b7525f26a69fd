//! What is hashed beside others is what it is alone.

use md5::Digest;
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert_eq, proptest};

use crate::{LANES_MAX, Md5, Piece, update_beside};

fn alone(data: &[u8]) -> [u8; 16] {
    md5::Md5::digest(data).into()
}

/// Bytes that differ from stream to stream.
fn noise(seed: usize, len: usize) -> Vec<u8> {
    let mut word = seed as u64 + 1;
    let next = move || {
        word = word.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        word.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// Hashes streams in steps; each step names streams and how many bytes of them are hashed.
fn beside(streams: &[Vec<u8>], steps: &[Vec<(usize, usize)>]) -> Vec<[u8; 16]> {
    let mut sums = vec![Md5::new(); streams.len()];
    let mut at = vec![0_usize; streams.len()];
    let all: Vec<_> = (0..streams.len()).map(|n| (n, usize::MAX)).collect();
    for step in steps.iter().chain([&all]) {
        let mut lens = vec![0; streams.len()];
        for (stream, len) in step {
            lens[stream % streams.len()] = *len;
        }
        let mut pieces = Vec::new();
        for (n, sum) in sums.iter_mut().enumerate().filter(|(n, _)| lens[*n] > 0) {
            let to = at[n].saturating_add(lens[n]).min(streams[n].len());
            pieces.push(Piece { sum, data: &streams[n][at[n]..to] });
            at[n] = to;
        }
        update_beside(&mut pieces);
        assert!(pieces.iter().all(|piece| piece.data.is_empty()), "bytes were left over");
    }
    sums.into_iter().map(Md5::finish).collect()
}

#[test]
fn the_sums_of_the_rfc() {
    let digits = "12345678901234567890123456789012345678901234567890123456789012345678901234567890";
    let texts = ["", "a", "abc", "message digest", "abcdefghijklmnopqrstuvwxyz", digits];
    let sums = [
        0xd41d_8cd9_8f00_b204_e980_0998_ecf8_427e_u128,
        0x0cc1_75b9_c0f1_b6a8_31c3_99e2_6977_2661,
        0x9001_5098_3cd2_4fb0_d696_3f7d_28e1_7f72,
        0xf96b_697d_7cb7_938d_525a_2f31_aaf1_61d0,
        0xc3fc_d3d7_6192_e400_7dfb_496c_ca67_e13b,
        0x57ed_f4a2_2be3_c955_ac49_da2e_2107_b67a,
    ];
    let streams: Vec<_> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    assert_eq!(beside(&streams, &[]), sums.map(u128::to_be_bytes));
}

#[test]
fn any_number_of_streams_of_any_length_are_hashed_side_by_side() {
    for count in 1..=2 * LANES_MAX + 1 {
        for longest in [0, 55, 56, 63, 64, 65, 128, 1000] {
            let streams: Vec<_> =
                (0..count).map(|n| noise(n, longest + n * (longest % 7))).collect();
            let sums: Vec<_> = streams.iter().map(|stream| alone(stream)).collect();
            assert_eq!(beside(&streams, &[]), sums, "{count} streams of about {longest} bytes");
        }
    }
}

proptest! {
    #[test]
    fn neither_cuts_nor_company_change_a_sum(
        lens in vec(0_usize..2000, 1..20),
        steps in vec(vec((any::<usize>(), 0_usize..500), 0..20), 0..20),
    ) {
        let streams: Vec<_> = lens.iter().enumerate().map(|(n, len)| noise(n, *len)).collect();
        let sums: Vec<_> = streams.iter().map(|stream| alone(stream)).collect();
        prop_assert_eq!(beside(&streams, &steps), sums);
    }
}
