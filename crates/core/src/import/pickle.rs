//! Reads the one shape of pickle that matters here, a flat dictionary of texts and numbers, and nothing else.
//!
//! A pickle is a program. This reader knows the instructions that build such a dictionary and refuses all others, so
//! there is nothing in it that could call, import or construct anything. The values are views into the input: no
//! instruction makes it allocate more than a few bytes, whatever lengths it claims.

use super::clue::Moment;

/// Longer pickles are not hashes, in bytes.
const MAX_INPUT: usize = 64 * 1024;

/// A hash needs five entries on the stack.
const MAX_STACK: usize = 64;

/// Most values remembered for later. A hash needs three.
const MAX_MEMO: usize = 256;

/// Why a pickle was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum PickleError {
    #[error("it is longer than a hash's entry")]
    TooLong,
    #[error("it ends early")]
    Truncated,
    #[error("it uses an instruction (0x{0:02x}) that no hash needs")]
    Refused(u8),
    #[error("it is not a dictionary of texts and numbers")]
    Malformed,
}

/// What an entry of a hash cache holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Entry<'a> {
    /// The file's modification time.
    pub(super) modified: Moment,
    /// Digits.
    pub(super) sha256: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Value<'a> {
    None,
    Bool,
    Integer(i32),
    Float(f64),
    Text(&'a str),
    Dictionary,
    Mark,
}

/// Reads `{'mtime': …, 'sha256': …}`. `Ok(None)` if it is a dictionary without them.
pub(super) fn entry(bytes: &[u8]) -> Result<Option<Entry<'_>>, PickleError> {
    let (mut mtime, mut sha256) = (None, None);
    read(bytes, |key, value| match (key, value) {
        ("mtime", Value::Float(seconds)) => mtime = Some(seconds),
        ("mtime", Value::Integer(seconds)) => mtime = Some(f64::from(seconds)),
        ("sha256", Value::Text(digits)) => sha256 = Some(digits),
        _ => {}
    })?;
    let modified = mtime.and_then(Moment::seconds);
    Ok(modified.zip(sha256).map(|(modified, sha256)| Entry { modified, sha256 }))
}

/// Runs the instructions; `set` hears of every entry of the one dictionary.
fn read<'a>(bytes: &'a [u8], mut set: impl FnMut(&'a str, Value<'a>)) -> Result<(), PickleError> {
    if bytes.len() > MAX_INPUT {
        return Err(PickleError::TooLong);
    }
    let mut input = Input(bytes);
    let mut stack: Vec<Value<'a>> = Vec::new();
    let mut memo: Vec<Option<Value<'a>>> = Vec::new();
    let mut has_dictionary = false;
    loop {
        let opcode = input.byte()?;
        let value = match opcode {
            // PROTO, FRAME: what follows is read as it comes.
            0x80 => {
                input.take(1)?;
                continue;
            }
            0x95 => {
                input.take(8)?;
                continue;
            }
            // STOP
            b'.' => {
                return if stack == [Value::Dictionary] { Ok(()) } else { Err(PickleError::Malformed) };
            }
            // MEMOIZE, BINPUT, LONG_BINPUT
            0x94 => {
                remember(&mut memo, None, &stack)?;
                continue;
            }
            b'q' => {
                let at = usize::from(input.byte()?);
                remember(&mut memo, Some(at), &stack)?;
                continue;
            }
            b'r' => {
                let at = input.length4()?;
                remember(&mut memo, Some(at), &stack)?;
                continue;
            }
            // SETITEM, SETITEMS
            b's' => {
                let (value, key) = (stack.pop(), stack.pop());
                item(key, value, &mut set)?;
                dictionary_on_top(&stack)?;
                continue;
            }
            b'u' => {
                let mark = stack.iter().rposition(|value| *value == Value::Mark).ok_or(PickleError::Malformed)?;
                let items = stack.split_off(mark);
                for pair in items[1..].chunks(2) {
                    item(pair.first().copied(), pair.get(1).copied(), &mut set)?;
                }
                dictionary_on_top(&stack)?;
                continue;
            }
            // EMPTY_DICT. One, or which of them a SETITEM means would have to be followed through the memo.
            b'}' if !has_dictionary => {
                has_dictionary = true;
                Value::Dictionary
            }
            b'}' => return Err(PickleError::Malformed),
            b'(' => Value::Mark,
            b'N' => Value::None,
            0x88 | 0x89 => Value::Bool,
            // BININT, BININT1, BININT2
            b'J' => Value::Integer(i32::from_le_bytes(input.array()?)),
            b'K' => Value::Integer(i32::from(input.byte()?)),
            b'M' => Value::Integer(i32::from(u16::from_le_bytes(input.array()?))),
            // BINFLOAT
            b'G' => Value::Float(f64::from_be_bytes(input.array()?)),
            // SHORT_BINUNICODE, BINUNICODE, BINUNICODE8
            0x8c => {
                let length = usize::from(input.byte()?);
                input.text(length)?
            }
            b'X' => {
                let length = input.length4()?;
                input.text(length)?
            }
            0x8d => {
                let length = u64::from_le_bytes(input.array()?);
                input.text(usize::try_from(length).unwrap_or(usize::MAX))?
            }
            // BINGET, LONG_BINGET
            b'h' => {
                let at = usize::from(input.byte()?);
                recall(&memo, at)?
            }
            b'j' => {
                let at = input.length4()?;
                recall(&memo, at)?
            }
            other => return Err(PickleError::Refused(other)),
        };
        if stack.len() == MAX_STACK {
            return Err(PickleError::Malformed);
        }
        stack.push(value);
    }
}

fn remember<'a>(memo: &mut Vec<Option<Value<'a>>>, at: Option<usize>, stack: &[Value<'a>]) -> Result<(), PickleError> {
    let value = *stack.last().ok_or(PickleError::Malformed)?;
    let at = at.unwrap_or(memo.len());
    if at >= MAX_MEMO || value == Value::Mark {
        return Err(PickleError::Malformed);
    }
    if memo.len() <= at {
        memo.resize(at + 1, None);
    }
    memo[at] = Some(value);
    Ok(())
}

fn recall<'a>(memo: &[Option<Value<'a>>], at: usize) -> Result<Value<'a>, PickleError> {
    match memo.get(at).copied().flatten() {
        // A second name for the dictionary would be a dictionary in a dictionary.
        Some(Value::Dictionary) | None => Err(PickleError::Malformed),
        Some(value) => Ok(value),
    }
}

fn item<'a>(
    key: Option<Value<'a>>,
    value: Option<Value<'a>>,
    set: &mut impl FnMut(&'a str, Value<'a>),
) -> Result<(), PickleError> {
    match (key, value) {
        (_, Some(Value::Mark | Value::Dictionary)) => Err(PickleError::Malformed),
        (Some(Value::Text(key)), Some(value)) => {
            set(key, value);
            Ok(())
        }
        _ => Err(PickleError::Malformed),
    }
}

fn dictionary_on_top(stack: &[Value<'_>]) -> Result<(), PickleError> {
    if stack.last() == Some(&Value::Dictionary) { Ok(()) } else { Err(PickleError::Malformed) }
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], PickleError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(PickleError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PickleError> {
        self.take(N)?.try_into().map_err(|_| PickleError::Truncated)
    }

    fn byte(&mut self) -> Result<u8, PickleError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn length4(&mut self) -> Result<usize, PickleError> {
        usize::try_from(u32::from_le_bytes(self.array()?)).map_err(|_| PickleError::Truncated)
    }

    fn text(&mut self, length: usize) -> Result<Value<'a>, PickleError> {
        std::str::from_utf8(self.take(length)?).map(Value::Text).map_err(|_| PickleError::Malformed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `pickle.dumps({'mtime': 1700000000.123456, 'sha256': 'ab' * 32}, protocol=…)` of Python 3.11.
    fn real(protocol: u8) -> Vec<u8> {
        let float = [0x41, 0xd9, 0x54, 0xfc, 0x40, 0x07, 0xe6, 0xb4];
        let digits = "ab".repeat(32);
        let mut bytes = vec![0x80, protocol];
        if protocol >= 4 {
            bytes.extend(b"\x95\x62\0\0\0\0\0\0\0}\x94(\x8c\x05mtime\x94G");
            bytes.extend(float);
            bytes.extend(b"\x8c\x06sha256\x94\x8c\x40");
            bytes.extend(digits.bytes());
            bytes.extend(b"\x94u.");
        } else {
            bytes.extend(b"}q\0(X\x05\0\0\0mtimeq\x01G");
            bytes.extend(float);
            bytes.extend(b"X\x06\0\0\0sha256q\x02X\x40\0\0\0");
            bytes.extend(digits.bytes());
            bytes.extend(b"q\x03u.");
        }
        bytes
    }

    #[test]
    fn what_python_writes_is_read() {
        for protocol in 2..=5 {
            let bytes = real(protocol);
            let entry = entry(&bytes).unwrap().unwrap();
            assert_eq!(entry.sha256, "ab".repeat(32));
            assert!(entry.modified.fits(1_700_000_000_123_456_000), "{protocol}");
        }
    }

    #[test]
    fn a_hash_that_was_never_computed_is_no_entry() {
        let none = b"\x80\x04}\x94(\x8c\x05mtime\x94K\x07\x8c\x06sha256\x94Nu.";
        assert_eq!(entry(none), Ok(None));
        assert_eq!(entry(b"\x80\x04}\x94."), Ok(None));
        let one_by_one = b"}\x8c\x05mtimeK\x07s\x8c\x06sha256\x8c\x02abs.";
        assert_eq!(entry(one_by_one).unwrap().unwrap().sha256, "ab");
    }

    #[test]
    fn nothing_that_could_run_is_accepted() {
        // cos\nsystem\n(S'true'\ntR. and its relatives.
        for (hostile, opcode) in [
            (&b"cos\nsystem\n(S'true'\ntR."[..], b'c'),
            (b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.", 0x93),
            (b"\x80\x04N\x8c\x04true\x85R.", 0x85),
            (b"\x80\x02N)R.", b')'),
            (b"\x80\x02NNR.", b'R'),
            (b"\x80\x02NN\x81.", 0x81),
            (b"\x80\x02NNb.", b'b'),
            (b"(S'true'\nios\nsystem\n.", b'S'),
            (b"\x80\x02P1\n.", b'P'),
            (b"\x80\x02\x82\x01.", 0x82),
            (b"\x80\x05\x97.", 0x97),
            (b"\x80\x02(lp0\n.", b'l'),
        ] {
            assert_eq!(entry(hostile), Err(PickleError::Refused(opcode)));
        }
    }

    #[test]
    fn claimed_lengths_cost_nothing() {
        // LONG4 of 2 GiB, texts of 4 GiB and 2^64 bytes, a memo at 2^32.
        assert_eq!(entry(b"\x8b\xff\xff\xff\x7f"), Err(PickleError::Refused(0x8b)));
        assert_eq!(entry(b"X\xff\xff\xff\xffab"), Err(PickleError::Truncated));
        assert_eq!(entry(b"\x8d\xff\xff\xff\xff\xff\xff\xff\xffab"), Err(PickleError::Truncated));
        assert_eq!(entry(b"}r\xff\xff\xff\xff."), Err(PickleError::Malformed));
        assert_eq!(entry(b"j\xff\xff\xff\xff."), Err(PickleError::Malformed));
        assert_eq!(entry(&vec![b'N'; MAX_INPUT + 1]), Err(PickleError::TooLong));
    }

    #[test]
    fn depth_and_memory_are_bounded() {
        assert_eq!(entry(&vec![b'('; MAX_INPUT]), Err(PickleError::Malformed));
        assert_eq!(entry(&vec![b'}'; MAX_INPUT]), Err(PickleError::Malformed));
        assert_eq!(entry(&[&b"N"[..], &vec![0x94; MAX_INPUT - 1]].concat()), Err(PickleError::Malformed));
        // A dictionary in itself.
        assert_eq!(entry(b"}\x94\x8c\x01ah\x00s."), Err(PickleError::Malformed));
    }

    #[test]
    fn an_end_anywhere_is_an_error() {
        for protocol in 2..=5 {
            let bytes = real(protocol);
            for end in 0..bytes.len() {
                assert!(entry(&bytes[..end]).is_err(), "protocol {protocol}, {end} bytes");
            }
        }
    }

    /// What a real one is made of, and its operands.
    const INSTRUCTIONS: &[&[u8]] = &[
        b"}",
        b"(",
        b"N",
        b"\x94",
        b"q\x01",
        b"h\x01",
        b"s",
        b"u",
        b".",
        b"\x8c\x05mtime",
        b"\x8c\x06sha256",
        b"K\x07",
        b"G\x41\xd9\x54\xfc\x40\x07\xe6\xb4",
        b"r\xff\0\0\0",
    ];

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = entry(&bytes);
        }

        #[test]
        fn no_mixture_of_its_own_instructions_makes_it_panic(
            parts in proptest::collection::vec(proptest::sample::select(INSTRUCTIONS), 0..40)
        ) {
            let _ = entry(&parts.concat());
        }

        #[test]
        fn one_changed_byte_never_changes_the_shape(at in 0_usize..100, byte in any::<u8>()) {
            let mut bytes = real(4);
            bytes[at] = byte;
            if let Ok(Some(entry)) = entry(&bytes) {
                prop_assert!(entry.sha256.len() <= 255);
            }
        }
    }
}
