//! Parses image files as far as needed to know their type, their size in pixels and their end. Bytes after the end do
//! not belong to the image.

/// What is known about an image without decoding it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageInfo {
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// Length in bytes.
    pub length: usize,
}

/// Width and height in pixels.
type Size = (u32, u32);

/// Parses a PNG file (W3C, "Portable Network Graphics", third edition): a signature, then chunks with correct
/// checksums, from the header over compressed data to the end chunk.
pub(super) fn png(file: &[u8]) -> Option<ImageInfo> {
    let mut rest = file.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let (mut size, mut stream) = (None, Vec::new());
    loop {
        let (head, after) = rest.split_at_checked(8)?;
        let length = usize::try_from(u32::from_be_bytes(*head.first_chunk()?)).ok()?;
        let (data, after) = after.split_at_checked(length)?;
        let (checksum, after) = after.split_at_checked(4)?;
        let kind = &head[4..];
        let mut sum = crc32fast::Hasher::new();
        sum.update(kind);
        sum.update(data);
        if checksum != sum.finalize().to_be_bytes() {
            return None;
        }
        match (kind, size) {
            (b"IHDR", None) => size = Some(png_header(data)?),
            (b"IHDR", Some(_)) | (_, None) => return None,
            // All data chunks form one stream. Its first two bytes are enough to recognize it.
            (b"IDAT", _) => stream.extend(data.iter().take(2 - stream.len())),
            (b"IEND", Some(size)) => {
                let is_whole = data.is_empty() && is_zlib(&stream);
                return is_whole.then_some(info(size, file, after));
            }
            _ => {}
        }
        rest = after;
    }
}

/// Whether a stream has the header of RFC 1950 with its only method, deflate.
fn is_zlib(stream: &[u8]) -> bool {
    matches!(stream, &[method, flags] if method & 0x0f == 8 && u16::from_be_bytes([method, flags]) % 31 == 0)
}

/// The size and length of an image that ends where `rest` begins.
fn info(size: Size, file: &[u8], rest: &[u8]) -> ImageInfo {
    ImageInfo {
        size,
        length: file.len() - rest.len(),
    }
}

fn png_header(data: &[u8]) -> Option<Size> {
    let &[
        w0,
        w1,
        w2,
        w3,
        h0,
        h1,
        h2,
        h3,
        depth,
        color,
        0,
        0,
        interlace @ 0..=1,
    ] = data
    else {
        return None;
    };
    let known = match color {
        0 => [1, 2, 4, 8, 16].contains(&depth),
        3 => [1, 2, 4, 8].contains(&depth),
        2 | 4 | 6 => [8, 16].contains(&depth),
        _ => false,
    };
    let size = (
        u32::from_be_bytes([w0, w1, w2, w3]),
        u32::from_be_bytes([h0, h1, h2, h3]),
    );
    (known && interlace <= 1).then_some(size)
}

/// Parses a JPEG file (ITU-T T.81, annex B): segments from the start marker over one frame header and at least one scan
/// to the end marker.
pub(super) fn jpeg(file: &[u8]) -> Option<ImageInfo> {
    let mut rest = file.strip_prefix(b"\xff\xd8")?;
    let (mut size, mut has_scan) = (None, false);
    loop {
        let (marker, after) = jpeg_marker(rest)?;
        if marker == 0xd9 {
            return size
                .filter(|_| has_scan)
                .map(|size| info(size, file, after));
        }
        let length = usize::from(u16::from_be_bytes(*after.first_chunk()?));
        let (segment, after) = after.split_at_checked(length)?;
        let data = segment.get(2..)?;
        rest = after;
        match marker {
            // Frame headers; the three excluded markers are tables. A second frame header is refused, because programs
            // disagree about which one has the size.
            0xc0..=0xcf if ![0xc4, 0xc8, 0xcc].contains(&marker) => {
                let frame = jpeg_frame(data)?;
                if size.replace(frame).is_some() {
                    return None;
                }
            }
            0xda => {
                size?;
                has_scan = true;
                rest = after_scan(after)?;
            }
            // These markers occur only inside scans, and 0 is not a marker.
            0x00 | 0x01 | 0xd0..=0xd8 => return None,
            _ => {}
        }
    }
}

/// Returns the marker at the start of the data, and what follows it.
fn jpeg_marker(data: &[u8]) -> Option<(u8, &[u8])> {
    // Fill bytes of the same value may precede it.
    let marker = data.iter().position(|byte| *byte != 0xff)?;
    (marker > 0).then_some((data[marker], &data[marker + 1..]))
}

fn jpeg_frame(data: &[u8]) -> Option<Size> {
    let (&[_precision, h0, h1, w0, w1, components], each) = data.split_first_chunk()?;
    let size = (
        u32::from(u16::from_be_bytes([w0, w1])),
        u32::from(u16::from_be_bytes([h0, h1])),
    );
    (components > 0 && each.len() == 3 * usize::from(components)).then_some(size)
}

/// Returns what follows the coded data of a scan: the next marker that is neither a stuffed byte nor a restart marker.
fn after_scan(data: &[u8]) -> Option<&[u8]> {
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
    let end = data.windows(2).position(is_marker)?;
    data.get(end..)
}

/// Parses a WebP file (RFC 9649): a RIFF container with all its chunks, whose images fit its canvas.
pub(super) fn webp(file: &[u8]) -> Option<ImageInfo> {
    let (length, rest) = file.strip_prefix(b"RIFF")?.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (container, rest) = rest.split_at_checked(length)?;
    let chunks = riff_chunks(container.strip_prefix(b"WEBP")?)?;
    let &(kind, data) = chunks.first()?;
    let size = match kind {
        b"VP8X" => webp_canvas(data)?,
        _ => webp_image(kind, data)?,
    };
    let mut has_image = has_webp_image(&chunks, size)?;
    for (_, frame) in chunks.iter().filter(|(kind, _)| *kind == b"ANMF") {
        has_image |= is_webp_frame(frame, size)?;
    }
    has_image.then_some(info(size, file, rest))
}

/// The name and the data of a chunk.
type Chunk<'f> = (&'f [u8; 4], &'f [u8]);

/// Splits a part of a file into chunks.
fn riff_chunks(mut rest: &[u8]) -> Option<Vec<Chunk<'_>>> {
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        let (kind, after) = rest.split_first_chunk()?;
        let (length, after) = after.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (data, after) = after.split_at_checked(length)?;
        chunks.push((kind, data));
        // Chunks begin at even offsets.
        rest = match length % 2 {
            0 => after,
            _ => after.split_first()?.1,
        };
    }
    Some(chunks)
}

/// Whether the chunks contain an image; `None` if one is broken or has another size.
fn has_webp_image(chunks: &[Chunk<'_>], size: Size) -> Option<bool> {
    let mut has_image = false;
    let images = |(kind, _): &&Chunk<'_>| matches!(*kind, b"VP8 " | b"VP8L");
    for (kind, data) in chunks.iter().filter(images) {
        if webp_image(kind, data)? != size {
            return None;
        }
        has_image = true;
    }
    Some(has_image)
}

/// Whether an animation frame contains an image; `None` if it is broken or not inside the canvas.
fn is_webp_frame(data: &[u8], canvas: Size) -> Option<bool> {
    let (&[x0, x1, x2, y0, y1, y2, sides @ .., _, _, _, _], rest) =
        data.split_first_chunk::<16>()?;
    let size = webp_sides(sides);
    // Offsets are in units of two pixels.
    let place = |bytes| 2 * u32::from_le_bytes(bytes);
    let (x, y) = (place([x0, x1, x2, 0]), place([y0, y1, y2, 0]));
    let is_inside = x + size.0 <= canvas.0 && y + size.1 <= canvas.1;
    is_inside.then(|| has_webp_image(&riff_chunks(rest)?, size))?
}

fn webp_canvas(data: &[u8]) -> Option<Size> {
    let &[_flags, _, _, _, sides @ ..] = data.as_array::<10>()?;
    Some(webp_sides(sides))
}

/// Decodes width and height, each stored minus one in 24 bits.
fn webp_sides([w0, w1, w2, h0, h1, h2]: [u8; 6]) -> Size {
    let side = |bytes| u32::from_le_bytes(bytes) + 1;
    (side([w0, w1, w2, 0]), side([h0, h1, h2, 0]))
}

/// Reads the size from an image chunk.
fn webp_image(kind: &[u8; 4], data: &[u8]) -> Option<Size> {
    match (kind, data) {
        // A key frame. The two highest bits of each side are for scaling.
        (b"VP8 ", &[frame, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..]) if frame & 1 == 0 => {
            Some((
                u32::from(u16::from_le_bytes([w0, w1]) & 0x3fff),
                u32::from(u16::from_le_bytes([h0, h1]) & 0x3fff),
            ))
        }
        // Each side minus one in 14 bits, one bit for transparency, and the version 0 in three bits.
        (b"VP8L", &[0x2f, b0, b1, b2, b3, ..]) if b3 >> 5 == 0 => {
            let bits = u32::from_le_bytes([b0, b1, b2, b3]);
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        _ => None,
    }
}
