//! Rows of Avro into columns, for threads beside JavaScript's. Whatever is not as it should be is left to `topics/decode.ts`, which
//! reads the same, and says what is wrong.
//!
//! Source: Avro 1.12 specification, "Binary encoding"; docs.confluent.io, "Wire format", for the header of a row.

use std::collections::HashMap;

/// Before each row: 0, and the id of its schema.
const HEADER: usize = 5;
/// What stands for an optional value that is absent, as in `schemas/columns.ts`.
const ABSENT_CODE: u16 = u16::MAX;
const ABSENT_SYMBOL: u8 = u8::MAX;
const SAFE: i64 = (1 << 53) - 1;

/// A field, and the values of it so far.
struct Field {
    optional: bool,
    column: Column,
}

enum Column {
    F64(Vec<f64>),
    /// Numbers that a double holds exactly.
    Whole(Vec<f64>),
    I64(Vec<i64>),
    I32(Vec<i32>),
    Bool(Vec<u8>),
    Symbol(u8, Vec<u8>),
    Words(Words),
    Bytes(Vec<u32>, Vec<u8>),
    List(Vec<u32>, Vec<Field>),
}

/// Few different texts: a code a row, and the texts by their code.
#[derive(Default)]
struct Words {
    codes: Vec<u16>,
    words: Vec<String>,
    known: HashMap<Vec<u8>, u16>,
    last: Vec<u8>,
    code: u16,
}

/// Where rows of one schema lie in some bytes.
pub struct Rows<'a> {
    pub bytes: &'a [u8],
    pub starts: &'a [i32],
    pub ends: &'a [i32],
}

/// Columns: their arrays as bytes, each at a multiple of eight, how long each is, and the texts of each dictionary; all in the order
/// of the fields. A dictionary is its codes; texts and lists are their offsets and then what these point into.
#[derive(Debug, Default, PartialEq)]
pub struct Packed {
    pub arrays: Vec<u8>,
    pub lengths: Vec<u32>,
    pub words: Vec<Vec<String>>,
}

/// The columns of all rows. `shape`: three bytes a field: its kind, whether it may be absent, and how many symbols or items it has; items
/// stand behind their list. None when a row was written with another schema, or is none: all of them are to be read otherwise then.
pub fn decode(shape: &[u8], schema: u32, parts: &[Rows]) -> Option<Packed> {
    let rows = parts.iter().map(|part| part.starts.len()).sum();
    let mut fields = fields_of(&mut shape.as_chunks::<3>().0.iter(), usize::MAX, rows)?;
    for part in parts {
        for (start, end) in part.starts.iter().zip(part.ends) {
            let row = part.bytes.get(usize::try_from(*start).ok()?..usize::try_from(*end).ok()?)?;
            let (header, row) = row.split_at_checked(HEADER)?;
            if header[0] != 0 || header[1..] != schema.to_be_bytes() {
                return None;
            }
            let mut row = Row(row);
            for field in &mut fields {
                field.read(&mut row)?;
            }
            if !row.0.is_empty() {
                return None;
            }
        }
    }
    let mut packed = Packed::default();
    for field in fields {
        packed.add(field.column);
    }
    Some(packed)
}

/// At most so many fields, with room for their values in so many rows.
fn fields_of<'a>(shape: &mut impl Iterator<Item = &'a [u8; 3]>, most: usize, rows: usize) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    while fields.len() < most {
        let Some(&[kind, optional, count]) = shape.next() else { break };
        let column = match kind {
            0 => Column::F64(Vec::with_capacity(rows)),
            1 => Column::Whole(Vec::with_capacity(rows)),
            2 => Column::I64(Vec::with_capacity(rows)),
            3 => Column::I32(Vec::with_capacity(rows)),
            4 => Column::Bool(Vec::with_capacity(rows)),
            5 => Column::Symbol(count, Vec::with_capacity(rows)),
            6 => Column::Words(Words { codes: Vec::with_capacity(rows), ..Words::default() }),
            7 => Column::Bytes(vec![0], Vec::new()),
            8 => Column::List(vec![0], fields_of(shape, count.into(), rows)?),
            _ => return None,
        };
        fields.push(Field { optional: optional != 0, column });
    }
    Some(fields)
}

impl Field {
    fn read(&mut self, row: &mut Row) -> Option<()> {
        if self.optional {
            match row.byte()? {
                0 => return self.column.absent(),
                2 => {}
                _ => return None,
            }
        }
        self.column.read(row)
    }
}

impl Column {
    fn read(&mut self, row: &mut Row) -> Option<()> {
        match self {
            Column::F64(values) => values.push(row.double()?),
            Column::Whole(values) => {
                let value = row.long()?;
                if !(-SAFE..=SAFE).contains(&value) {
                    return None;
                }
                values.push(value as f64);
            }
            Column::I64(values) => values.push(row.long()?),
            Column::I32(values) => values.push(row.long()?.try_into().ok()?),
            Column::Bool(values) => values.push((row.byte()? != 0).into()),
            Column::Symbol(count, values) => {
                let symbol = u8::try_from(row.long()?).ok()?;
                if symbol >= *count {
                    return None;
                }
                values.push(symbol);
            }
            Column::Words(words) => words.push(row.counted()?)?,
            Column::Bytes(offsets, bytes) => {
                bytes.extend_from_slice(row.counted()?);
                offsets.push(bytes.len() as u32);
            }
            Column::List(offsets, items) => {
                let count = read_items(items, row)?;
                offsets.push(offsets.last()? + count);
            }
        }
        Some(())
    }

    fn absent(&mut self) -> Option<()> {
        match self {
            Column::F64(values) | Column::Whole(values) => values.push(f64::NAN),
            Column::I64(values) => values.push(i64::MIN),
            Column::Symbol(_, values) => values.push(ABSENT_SYMBOL),
            Column::Words(words) => words.codes.push(ABSENT_CODE),
            Column::Bytes(offsets, bytes) => offsets.push(bytes.len() as u32),
            Column::I32(_) | Column::Bool(_) | Column::List(..) => return None,
        }
        Some(())
    }
}

/// Blocks of items: their number, or minus their number and then their bytes; 0 ends the list.
fn read_items(items: &mut [Field], row: &mut Row) -> Option<u32> {
    let mut total = 0u32;
    loop {
        let count = i32::try_from(row.long()?).ok()?;
        if count == 0 {
            return Some(total);
        }
        if count < 0 {
            row.long()?;
        }
        for _ in 0..count.unsigned_abs() {
            for item in &mut *items {
                item.read(row)?;
            }
        }
        total = total.checked_add(count.unsigned_abs())?;
    }
}

impl Words {
    fn push(&mut self, word: &[u8]) -> Option<()> {
        if self.words.is_empty() || self.last != word {
            self.code = match self.known.get(word) {
                Some(code) => *code,
                None => self.add(word)?,
            };
            self.last.clear();
            self.last.extend_from_slice(word);
        }
        self.codes.push(self.code);
        Some(())
    }

    fn add(&mut self, word: &[u8]) -> Option<u16> {
        let code = u16::try_from(self.words.len()).ok().filter(|code| *code != ABSENT_CODE)?;
        let text = str::from_utf8(word).ok()?;
        // JavaScript's decoder drops a byte order mark.
        if text.starts_with('\u{feff}') {
            return None;
        }
        self.words.push(text.to_owned());
        self.known.insert(word.to_vec(), code);
        Some(code)
    }
}

/// What of a row was not read yet. Nothing is read beyond its end.
struct Row<'a>(&'a [u8]);

impl<'a> Row<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn double(&mut self) -> Option<f64> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(f64::from_le_bytes(*bytes))
    }

    /// A variable-length zigzag long of at most ten bytes.
    fn long(&mut self) -> Option<i64> {
        let mut zigzag = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            zigzag |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64));
            }
        }
        None
    }

    /// A length, and so many bytes.
    fn counted(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.long()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }
}

impl Packed {
    fn add(&mut self, column: Column) {
        match column {
            Column::F64(values) | Column::Whole(values) => self.array(&values, |value| value.to_le_bytes()),
            Column::I64(values) => self.array(&values, |value| value.to_le_bytes()),
            Column::I32(values) => self.array(&values, |value| value.to_le_bytes()),
            Column::Bool(values) | Column::Symbol(_, values) => self.array(&values, |value| [value]),
            Column::Words(Words { codes, words, .. }) => {
                self.array(&codes, |code| code.to_le_bytes());
                self.words.push(words);
            }
            Column::Bytes(offsets, bytes) => {
                self.array(&offsets, |offset| offset.to_le_bytes());
                self.array(&bytes, |byte| [byte]);
            }
            Column::List(offsets, items) => {
                self.array(&offsets, |offset| offset.to_le_bytes());
                for item in items {
                    self.add(item.column);
                }
            }
        }
    }

    fn array<T: Copy, const N: usize>(&mut self, values: &[T], bytes_of: impl Fn(T) -> [u8; N]) {
        let from = self.arrays.len();
        let to = from + values.len() * N;
        self.arrays.resize((to + 7) & !7, 0);
        for (bytes, value) in self.arrays[from..to].as_chunks_mut().0.iter_mut().zip(values) {
            *bytes = bytes_of(*value);
        }
        self.lengths.push((to - from) as u32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A whole number that may be absent, a word, and a list of doubles.
    const SHAPE: [u8; 12] = [1, 1, 0, 6, 0, 0, 8, 0, 1, 0, 0, 0];

    fn row(body: &[u8]) -> Vec<u8> {
        [&[0, 0, 0, 1, 2], body].concat()
    }

    fn decoded(rows: &[Vec<u8>], a_part: usize) -> Option<Packed> {
        let parts: Vec<_> = rows.chunks(a_part).map(together).collect();
        let parts: Vec<Rows> = parts.iter().map(|(bytes, starts, ends)| Rows { bytes, starts, ends }).collect();
        decode(&SHAPE, 258, &parts)
    }

    fn together(rows: &[Vec<u8>]) -> (Vec<u8>, Vec<i32>, Vec<i32>) {
        let mut end = 0;
        let ends: Vec<i32> = rows.iter().map(|row| (end += row.len() as i32, end).1).collect();
        let starts = ends.iter().zip(rows).map(|(end, row)| end - row.len() as i32).collect();
        (rows.concat(), starts, ends)
    }

    fn rows() -> [Vec<u8>; 2] {
        let list = [&[2][..], &1.5f64.to_le_bytes(), &[1, 16], &2.5f64.to_le_bytes(), &[0]].concat();
        [row(&[&[2, 3, 2, b'a'][..], &list].concat()), row(&[0, 2, b'a', 0])]
    }

    #[test]
    fn rows_become_arrays_in_the_order_of_their_fields() {
        let packed = decoded(&rows(), 2).unwrap();
        assert_eq!(packed.lengths, [16, 4, 12, 16]);
        assert_eq!(packed.words, [["a"]]);
        let doubles = [&(-2f64).to_le_bytes()[..], &f64::NAN.to_le_bytes(), &[0; 8]].concat();
        let list =
            [&[0, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0][..], &1.5f64.to_le_bytes(), &2.5f64.to_le_bytes()];
        assert_eq!(packed.arrays, [&doubles[..], &list.concat()].concat());
    }

    #[test]
    fn parts_are_read_one_after_another() {
        assert_eq!(decoded(&rows(), 1), decoded(&rows(), 2));
    }

    #[test]
    fn one_row_that_is_none_leaves_all_to_others() {
        let [first, second] = rows();
        for length in 0..first.len() {
            assert_eq!(decoded(&[second.clone(), first[..length].to_vec()], 2), None, "{length}");
        }
        let with = |change: fn(&mut Vec<u8>)| {
            let mut changed = second.clone();
            change(&mut changed);
            decoded(&[first.clone(), changed], 2)
        };
        assert!(with(|_| {}).is_some());
        assert_eq!(with(|row| row.push(0)), None);
        assert_eq!(with(|row| row[4] = 3), None);
        assert_eq!(with(|row| row[5] = 4), None);
        assert_eq!(with(|row| row[7] = 255), None);
    }
}
