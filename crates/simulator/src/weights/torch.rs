//! PyTorch's zip files (`.ckpt`, `.pt`, `.pth`): a pickle that names tensors, beside their raw bytes.
//!
//! The pickles are written opcode by opcode and call nothing but torch's tensor rebuilding, so scanners find no imports to object to.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::noise::Noise;

/// A state dict with one tensor, `values` 32-bit floats long, under `tensor`.
pub fn torch_state(root: &str, tensor: &str, values: u32, seed: u64) -> Vec<u8> {
    let mut pickle = Pickle::start();
    pickle.dict(|dict| {
        dict.text(root);
        dict.dict(|state| {
            state.text(tensor);
            state.tensor(values, 1);
        });
    });
    archive(&pickle.stop(), values, seed)
}

/// A textual inversion as A1111 trains it: `vectors` vectors of 768 floats.
pub fn torch_embedding(name: &str, vectors: u32, seed: u64) -> Vec<u8> {
    let mut pickle = Pickle::start();
    pickle.dict(|dict| {
        dict.text("string_to_token");
        dict.dict(|token| {
            token.text("*");
            token.number(265);
        });
        dict.text("string_to_param");
        dict.dict(|param| {
            param.text("*");
            param.tensor(vectors * 768, vectors);
        });
        dict.text("name");
        dict.text(name);
        dict.text("step");
        dict.number(2499);
        dict.text("sd_checkpoint_name");
        dict.text("v1-5-pruned-emaonly");
    });
    archive(&pickle.stop(), vectors * 768, seed)
}

fn archive(pickle: &[u8], values: u32, seed: u64) -> Vec<u8> {
    let mut weights = Vec::new();
    Noise::new(seed).half_weights(values as usize * 4, &mut weights);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // A fixed date: the default is "now" when another crate turns on zip's `time` feature.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for (name, bytes) in [
        ("archive/data.pkl", pickle),
        ("archive/byteorder", b"little".as_slice()),
        ("archive/data/0", &weights),
        ("archive/version", b"3\n"),
    ] {
        zip.start_file(name, options).expect("the archive is far below zip's limits");
        zip.write_all(bytes).expect("a Vec takes every write");
    }
    zip.finish().expect("a Vec takes every write").into_inner()
}

/// Pickle protocol 2, as much of it as a state dict needs.
struct Pickle(Vec<u8>);

impl Pickle {
    fn start() -> Self {
        Self(vec![0x80, 2])
    }

    fn stop(mut self) -> Vec<u8> {
        self.0.push(b'.');
        self.0
    }

    fn dict(&mut self, entries: impl FnOnce(&mut Self)) {
        self.0.extend_from_slice(b"}(");
        entries(self);
        self.0.push(b'u');
    }

    fn text(&mut self, text: &str) {
        self.0.push(b'X');
        let length = u32::try_from(text.len()).expect("names are short");
        self.0.extend_from_slice(&length.to_le_bytes());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, number: u32) {
        self.0.push(b'J');
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn global(&mut self, module: &str, name: &str) {
        self.0.extend_from_slice(format!("c{module}\n{name}\n").as_bytes());
    }

    /// `torch._utils._rebuild_tensor_v2(storage, 0, shape, stride, False, OrderedDict())`.
    fn tensor(&mut self, values: u32, rows: u32) {
        self.global("torch._utils", "_rebuild_tensor_v2");
        self.0.extend_from_slice(b"((");
        self.text("storage");
        self.global("torch", "FloatStorage");
        self.text("0");
        self.text("cpu");
        self.number(values);
        self.0.extend_from_slice(b"tQ");
        self.number(0);
        for pair in [[rows, values / rows], [values / rows, 1]] {
            self.0.push(b'(');
            self.number(pair[0]);
            self.number(pair[1]);
            self.0.push(b't');
        }
        self.0.push(0x89);
        self.global("collections", "OrderedDict");
        self.0.extend_from_slice(b")RtR");
    }
}
