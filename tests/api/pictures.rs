//! Small images, and files that are almost images.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// An image of 2 × 3 pixels, written by a browser.
pub struct Picture {
    pub kind: &'static str,
    file: &'static str,
}

pub const PNG: Picture = Picture {
    kind: "image/png",
    file: "iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAYAAAC56t6BAAAAFElEQVR4AWIyTjvzH4SZGKAAzgAAAAD//4D0ezUAAAAGSURBVAMAaVEEz/KF\
           jUUAAAAASUVORK5CYII=",
};

pub const JPEG: Picture = Picture {
    kind: "image/jpeg",
    file: "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1x\
           eXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2P/wAAR\
           CAADAAIDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAT/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QAFAEBAAAAAAAAAAAAAAAAAAAA\
           Bf/EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AIADg9//2Q==",
};

/// Lossless.
pub const WEBP: Picture = Picture {
    kind: "image/webp",
    file: "UklGRh4AAABXRUJQVlA4TBEAAAAvAYAAAAdQs86Uuf+BiOh/AAA=",
};

/// The start of a PNG file's compressed data.
pub const DATA: &[u8] = b"\x78\x01";

impl Picture {
    pub fn bytes(&self) -> Vec<u8> {
        BASE64_STANDARD.decode(self.file).unwrap()
    }
}

/// The lossy form of WebP, in the simple container and in the extended one.
pub fn more_webp() -> [Vec<u8>; 2] {
    let lossy = "VlA4ICoAAACQAQCdASoCAAMAAsBMJaACdLoAA5gA/ug4v/jeOtvrb28/oUbKJpMAAAA=";
    let frame = BASE64_STANDARD.decode(lossy).unwrap();
    let mut extended = b"VP8X\x0a\0\0\0\0\0\0\0\x01\0\0\x02\0\0".to_vec();
    extended.extend(b"ODD \x01\0\0\0x\0");
    extended.extend(&frame);
    [riff(&frame), riff(&extended)]
}

/// WebP files with a canvas of 2 × 3, and whether their images fit it.
pub fn webp_sizes() -> [(Vec<u8>, bool); 9] {
    const CANVAS: &[u8] = b"\x01\0\0\x02\0\0";
    // 2 × 3, like the canvas, and 16384 × 16384.
    let lossless = |bits: &[u8; 4]| chunk(b"VP8L", &[b"\x2f", bits.as_slice(), b"x"].concat());
    let (fits, huge) = (lossless(b"\x01\x80\0\0"), lossless(b"\xff\xff\xff\x0f"));
    let huge_lossy = chunk(b"VP8 ", b"\0\0\0\x9d\x01\x2a\xff\x3f\xff\x3f");
    let still = |picture: &[u8]| riff(&[&extended(CANVAS), picture].concat());
    let frame = |place: &[u8; 6], sides: &[u8], picture: &[u8]| {
        let data = [place.as_slice(), sides, b"\x0a\0\0\0", picture].concat();
        riff(
            &[
                extended(CANVAS),
                chunk(b"ANIM", b"\0\0\0\0\0\0"),
                chunk(b"ANMF", &data),
            ]
            .concat(),
        )
    };
    [
        (still(&fits), true),
        (still(&huge), false),
        (still(&huge_lossy), false),
        (riff(&[fits.as_slice(), &huge].concat()), false),
        (frame(&[0; 6], CANVAS, &fits), true),
        (frame(&[0; 6], CANVAS, &huge), false),
        (frame(&[0; 6], &[0xff; 6], &huge), false),
        (frame(&[1, 0, 0, 0, 0, 0], CANVAS, &fits), false),
        (frame(&[0; 6], CANVAS, b""), false),
    ]
}

/// The first chunk of an extended WebP file with a canvas of this size.
fn extended(sides: &[u8]) -> Vec<u8> {
    chunk(b"VP8X", &[b"\x02\0\0\0", sides].concat())
}

/// A chunk of a WebP file.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap();
    let padding = vec![0; data.len() % 2];
    [kind, length.to_le_bytes().as_slice(), data, &padding].concat()
}

/// A WebP file with these chunks.
pub fn riff(chunks: &[u8]) -> Vec<u8> {
    let length = u32::try_from(chunks.len() + 4).unwrap();
    [b"RIFF", length.to_le_bytes().as_slice(), b"WEBP", chunks].concat()
}

/// A PNG file with these chunks, each with its checksum.
pub fn png(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in chunks {
        let length = u32::try_from(data.len()).unwrap();
        let sum = crc32fast::hash(&[kind.as_slice(), data].concat());
        file.extend(
            [
                &length.to_be_bytes(),
                kind.as_slice(),
                data,
                &sum.to_be_bytes(),
            ]
            .concat(),
        );
    }
    file
}

/// The header of a PNG file of this size.
pub fn png_header(width: u32, height: u32) -> [u8; 13] {
    let mut header = [0; 13];
    header[..4].copy_from_slice(&width.to_be_bytes());
    header[4..8].copy_from_slice(&height.to_be_bytes());
    header[8] = 8;
    header[9] = 6;
    header
}

/// A PNG file of at least this many bytes, mostly metadata.
pub fn png_of(length: usize) -> Vec<u8> {
    let (start, text) = (PNG.bytes(), vec![b'x'; length - PNG.bytes().len() - 12]);
    let chunk = png(&[(b"tEXt", &text)]);
    let (head, rest) = start.split_at(33);
    [head, &chunk[8..], rest].concat()
}
