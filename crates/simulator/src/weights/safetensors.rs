//! The safetensors container: an 8-byte length, a JSON header, the tensors.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::noise::Noise;
use crate::catalogue::hex;

/// Element types the simulator writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dtype {
    /// 32-bit float.
    F32,
    /// 16-bit float.
    F16,
    /// Brain float.
    Bf16,
}

impl Dtype {
    fn code(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Bf16 => "BF16",
        }
    }

    fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
        }
    }
}

/// What the header says about one tensor.
#[derive(Clone, Debug, Serialize)]
struct Entry {
    dtype: &'static str,
    shape: Vec<usize>,
    data_offsets: [usize; 2],
}

/// A value of the header.
#[derive(Serialize)]
#[serde(untagged)]
enum Part<'a> {
    Metadata(&'a BTreeMap<String, String>),
    Tensor(&'a Entry),
}

/// A safetensors file being put together.
///
/// Maps are sorted and entries are structs, never `serde_json::Map`: its order depends on a feature any other crate may turn on.
#[derive(Clone, Debug)]
pub struct SafetensorsFile {
    metadata: BTreeMap<String, String>,
    tensors: BTreeMap<String, Entry>,
    data: Vec<u8>,
    noise: Noise,
}

impl SafetensorsFile {
    /// An empty file whose weights will come from `noise`.
    pub fn new(noise: Noise) -> Self {
        Self { metadata: BTreeMap::new(), tensors: BTreeMap::new(), data: Vec::new(), noise }
    }

    /// Adds one `__metadata__` entry.
    pub fn metadata(&mut self, key: &str, value: impl Into<String>) -> &mut Self {
        self.metadata.insert(key.to_owned(), value.into());
        self
    }

    /// Adds a tensor of made-up weights.
    ///
    /// # Panics
    /// When the file has a tensor of this name already.
    pub fn tensor(&mut self, name: impl Into<String>, dtype: Dtype, shape: &[usize]) -> &mut Self {
        let bytes = shape.iter().product::<usize>() * dtype.bytes();
        let start = self.data.len();
        self.noise.half_weights(bytes, &mut self.data);
        let entry = Entry { dtype: dtype.code(), shape: shape.to_vec(), data_offsets: [start, start + bytes] };
        let replaced = self.tensors.insert(name.into(), entry);
        assert!(replaced.is_none(), "a tensor was named twice, which leaves a hole in the file");
        self
    }

    /// SHA-256 of the tensors alone, 64 lower-case hex digits: what kohya calls the model hash.
    pub fn tensor_hash(&self) -> String {
        hex(&Sha256::digest(&self.data))
    }

    /// The file as bytes. The header is padded with spaces to 8 bytes, as the reference implementation does.
    pub fn write(&self) -> Vec<u8> {
        let mut header = BTreeMap::new();
        if !self.metadata.is_empty() {
            header.insert("__metadata__", Part::Metadata(&self.metadata));
        }
        for (name, entry) in &self.tensors {
            header.insert(name, Part::Tensor(entry));
        }
        let mut text = serde_json::to_string(&header).expect("strings and numbers always serialise");
        while text.len() % 8 != 0 {
            text.push(' ');
        }
        let mut bytes = Vec::with_capacity(8 + text.len() + self.data.len());
        bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
        bytes.extend_from_slice(text.as_bytes());
        bytes.extend_from_slice(&self.data);
        bytes
    }
}
