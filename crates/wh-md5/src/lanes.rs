//! Several streams, each in a lane of a vector.
//!
//! Eight lanes are one vector of AVX2 and two of the least x86-64 or of NEON; which instructions the
//! machine has is asked when the program runs. Sixteen lanes were of little more use, and are rarely
//! full.

#![expect(
    clippy::inline_always,
    reason = "what is not inlined into `vectorize` is compiled for the least machine"
)]

use fearless_simd::{Level, Simd, SimdFrom, SimdInt, dispatch, u32x4, u32x8};

use crate::Piece;
use crate::sum::BLOCK_BYTES;

/// How many streams are hashed side by side at most.
pub const LANES_MAX: usize = 8;

/// So few streams are hashed in half of the lanes, which is faster.
const LANES_FEW: usize = 4;

/// The blocks of one stream.
type Blocks<'a> = &'a [[u8; BLOCK_BYTES]];

/// The states of several streams: word by word, and in each word lane by lane.
type States<const N: usize> = [[u32; N]; 4];

/// Hashes as many blocks as each of these has, at most [`LANES_MAX`] streams.
pub(crate) fn advance(pieces: &mut [&mut Piece<'_>]) {
    if pieces.len() <= LANES_FEW {
        beside::<LANES_FEW>(pieces, |states, blocks| {
            dispatch!(Level::new(), simd => compress::<_, u32x4<_>, LANES_FEW>(simd, states, blocks));
        });
    } else {
        beside::<LANES_MAX>(pieces, |states, blocks| {
            dispatch!(Level::new(), simd => compress::<_, u32x8<_>, LANES_MAX>(simd, states, blocks));
        });
    }
}

/// Puts the streams into lanes, and takes them out again. Lanes that are left over hash what the
/// first does, in vain.
fn beside<const N: usize>(
    pieces: &mut [&mut Piece<'_>],
    compress: impl FnOnce(&mut States<N>, [Blocks<'_>; N]),
) {
    let count = pieces.iter().map(|piece| piece.data.len() / BLOCK_BYTES).min().unwrap_or_default();
    let mut blocks: [Blocks<'_>; N] = [&[]; N];
    let mut states: States<N> = [[0; N]; 4];
    for (lane, piece) in pieces.iter_mut().enumerate() {
        let (now, later) = piece.data.split_at_checked(count * BLOCK_BYTES).unwrap_or_default();
        piece.data = later;
        piece.sum.bytes += now.len() as u64;
        blocks.iter_mut().skip(lane).for_each(|blocks| *blocks = now.as_chunks().0);
        for (words, word) in states.iter_mut().zip(piece.sum.state) {
            words.iter_mut().skip(lane).take(1).for_each(|to| *to = word);
        }
    }
    compress(&mut states, blocks);
    for (lane, piece) in pieces.iter_mut().enumerate() {
        for (word, words) in piece.sum.state.iter_mut().zip(&states) {
            words.iter().skip(lane).take(1).for_each(|from| *word = *from);
        }
    }
}

/// Compresses blocks of `N` streams, as many as the shortest has.
#[inline(always)]
fn compress<S: Simd, V: Lanes<S, N>, const N: usize>(
    simd: S,
    states: &mut States<N>,
    blocks: [Blocks<'_>; N],
) {
    simd.vectorize(
        #[inline(always)]
        || {
            let count = blocks.iter().map(|blocks| blocks.len()).min().unwrap_or_default();
            let mut state = states.map(|words| V::simd_from(simd, words));
            let mut rest = blocks.map(|blocks| blocks.iter());
            for _ in 0..count {
                let words = words(&mut rest).map(|words| V::simd_from(simd, words));
                state = block::<S, V, N>(state, words);
            }
            *states = state.map(Into::into);
        },
    );
}

/// Vectors with a lane for each of `N` streams.
trait Lanes<S: Simd, const N: usize>:
    SimdInt<S, Element = u32, Array = [u32; N]> + SimdFrom<[u32; N], S> + Into<[u32; N]>
{
}

impl<S: Simd> Lanes<S, 4> for u32x4<S> {}
impl<S: Simd> Lanes<S, 8> for u32x8<S> {}

/// The words of the next block of each stream, lane by lane.
#[inline(always)]
fn words<const N: usize>(
    rest: &mut [std::slice::Iter<'_, [u8; BLOCK_BYTES]>; N],
) -> [[u32; N]; 16] {
    let mut words = [[0; N]; 16];
    for (lane, blocks) in rest.iter_mut().enumerate() {
        let Some(block) = blocks.next() else { continue };
        for (words, bytes) in words.iter_mut().zip(block.as_chunks().0) {
            if let Some(word) = words.get_mut(lane) {
                *word = u32::from_le_bytes(*bytes);
            }
        }
    }
    words
}

/// One round: sixteen steps, four in a line. A step has a word and a constant; the turns repeat.
macro_rules! round {
    ($mix:ident, [$a:ident $b:ident $c:ident $d:ident], [$r0:literal $r1:literal $r2:literal $r3:literal],
     $($w0:ident $k0:literal, $w1:ident $k1:literal, $w2:ident $k2:literal, $w3:ident $k3:literal;)*) => {
        $(
            $a = turn::<S, V, N>($a + ($w0 + $k0) + $mix($b, $c, $d), $r0) + $b;
            $d = turn::<S, V, N>($d + ($w1 + $k1) + $mix($a, $b, $c), $r1) + $a;
            $c = turn::<S, V, N>($c + ($w2 + $k2) + $mix($d, $a, $b), $r2) + $d;
            $b = turn::<S, V, N>($b + ($w3 + $k3) + $mix($c, $d, $a), $r3) + $c;
        )*
    };
}

/// The compression function, RFC 1321, 3.4, on one block of each lane. Additions wrap.
#[inline(always)]
fn block<S: Simd, V: Lanes<S, N>, const N: usize>(state: [V; 4], words: [V; 16]) -> [V; 4] {
    let [mut a, mut b, mut c, mut d] = state;
    let [w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15] = words;
    // F, G, H and I of the RFC, the first two with one operation less.
    let choose = |b: V, c: V, d: V| d ^ (b & (c ^ d));
    let choose_by_last = |b: V, c: V, d: V| c ^ (d & (b ^ c));
    let parity = |b: V, c: V, d: V| b ^ c ^ d;
    let blend = |b: V, c: V, d: V| c ^ (b | !d);
    round!(choose, [a b c d], [7 12 17 22],
        w0 0xd76a_a478, w1 0xe8c7_b756, w2 0x2420_70db, w3 0xc1bd_ceee;
        w4 0xf57c_0faf, w5 0x4787_c62a, w6 0xa830_4613, w7 0xfd46_9501;
        w8 0x6980_98d8, w9 0x8b44_f7af, w10 0xffff_5bb1, w11 0x895c_d7be;
        w12 0x6b90_1122, w13 0xfd98_7193, w14 0xa679_438e, w15 0x49b4_0821;
    );
    round!(choose_by_last, [a b c d], [5 9 14 20],
        w1 0xf61e_2562, w6 0xc040_b340, w11 0x265e_5a51, w0 0xe9b6_c7aa;
        w5 0xd62f_105d, w10 0x0244_1453, w15 0xd8a1_e681, w4 0xe7d3_fbc8;
        w9 0x21e1_cde6, w14 0xc337_07d6, w3 0xf4d5_0d87, w8 0x455a_14ed;
        w13 0xa9e3_e905, w2 0xfcef_a3f8, w7 0x676f_02d9, w12 0x8d2a_4c8a;
    );
    round!(parity, [a b c d], [4 11 16 23],
        w5 0xfffa_3942, w8 0x8771_f681, w11 0x6d9d_6122, w14 0xfde5_380c;
        w1 0xa4be_ea44, w4 0x4bde_cfa9, w7 0xf6bb_4b60, w10 0xbebf_bc70;
        w13 0x289b_7ec6, w0 0xeaa1_27fa, w3 0xd4ef_3085, w6 0x0488_1d05;
        w9 0xd9d4_d039, w12 0xe6db_99e5, w15 0x1fa2_7cf8, w2 0xc4ac_5665;
    );
    round!(blend, [a b c d], [6 10 15 21],
        w0 0xf429_2244, w7 0x432a_ff97, w14 0xab94_23a7, w5 0xfc93_a039;
        w12 0x655b_59c3, w3 0x8f0c_cc92, w10 0xffef_f47d, w1 0x8584_5dd1;
        w8 0x6fa8_7e4f, w15 0xfe2c_e6e0, w6 0xa301_4314, w13 0x4e08_11a1;
        w4 0xf753_7e82, w11 0xbd3a_f235, w2 0x2ad7_d2bb, w9 0xeb86_d391;
    );
    let [a0, b0, c0, d0] = state;
    [a + a0, b + b0, c + c0, d + d0]
}

#[inline(always)]
fn turn<S: Simd, V: Lanes<S, N>, const N: usize>(word: V, by: u32) -> V {
    (word << by) | (word >> (32 - by))
}
