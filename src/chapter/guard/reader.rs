//! Reads the primitives of the v1 encoding from bytes that may be anything.
//!
//! Numbers must be in their shortest form. The libraries that read updates later differ in what they make of longer
//! ones (some wrap around, some refuse), and none writes them.

use super::{CLOCK_MAX, ClientId, Fault};

/// Numbers end where JavaScript's exact integers do.
const NUMBER_MAX: u64 = (1 << 53) - 1;

/// What is left of an update.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Bytes that were not read yet.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), Fault> {
        if self.rest.is_empty() { Ok(()) } else { Err(Fault::Malformed("bytes after the end")) }
    }

    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        let (byte, rest) = self.rest.split_first().ok_or(Fault::Malformed("ends early"))?;
        self.rest = rest;
        Ok(*byte)
    }

    /// The next `N` bytes.
    pub(super) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(Fault::Malformed("ends early"))?;
        self.rest = rest;
        Ok(*bytes)
    }

    /// An unsigned number: seven bits a byte, the lowest first.
    pub(super) fn number(&mut self) -> Result<u64, Fault> {
        let first = self.byte()?;
        self.continued(u64::from(first & 0x7f), 7, first)
    }

    /// The amount of a signed number: six bits in the first byte, beside the sign.
    pub(super) fn signed(&mut self) -> Result<u64, Fault> {
        let first = self.byte()?;
        self.continued(u64::from(first & 0x3f), 6, first)
    }

    /// The rest of a number whose `first` byte gave `number`, its lowest `bits`.
    fn continued(&mut self, mut number: u64, mut bits: u32, first: u8) -> Result<u64, Fault> {
        let mut more = first & 0x80 != 0;
        while more {
            let byte = self.byte()?;
            more = byte & 0x80 != 0;
            if byte == 0 {
                return Err(Fault::Malformed("a number is longer than needed"));
            }
            // At most 56 bits are taken before this: the shift loses none.
            number |= u64::from(byte & 0x7f) << bits;
            bits += 7;
            if number > NUMBER_MAX || (more && bits > 53) {
                return Err(Fault::Malformed("a number beyond 53 bits"));
            }
        }
        Ok(number)
    }

    /// A number of things; bounded by its caller before it counts for anything.
    pub(super) fn count(&mut self) -> Result<usize, Fault> {
        let number = self.number()?;
        usize::try_from(number).map_err(|_| Fault::Malformed("a count beyond the address space"))
    }

    pub(super) fn client(&mut self) -> Result<ClientId, Fault> {
        self.number().map(ClientId)
    }

    pub(super) fn clock(&mut self) -> Result<u32, Fault> {
        let number = self.number()?;
        u32::try_from(number).ok().filter(|clock| *clock <= CLOCK_MAX).ok_or(Fault::Malformed("a clock beyond 31 bits"))
    }

    /// Clock units of something, at least 1.
    pub(super) fn length(&mut self) -> Result<u32, Fault> {
        match self.clock()? {
            0 => Err(Fault::Malformed("a length of zero")),
            length => Ok(length),
        }
    }

    /// A string with its length in bytes before it.
    pub(super) fn text(&mut self) -> Result<&'a str, Fault> {
        let length = self.count()?;
        let (text, rest) = self.rest.split_at_checked(length).ok_or(Fault::Malformed("a string ends early"))?;
        self.rest = rest;
        str::from_utf8(text).map_err(|_| Fault::Malformed("a string that is not UTF-8"))
    }
}
