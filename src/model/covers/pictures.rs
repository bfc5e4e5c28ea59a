//! The forms of image files, as far as they tell what a file is, how large its picture is, and where it ends.

/// Width and height of a PNG file (W3C, "Portable Network Graphics", third edition): its signature, and chunks with good
/// checksums from the header to the end.
pub(super) fn png(file: &[u8]) -> Option<(u32, u32)> {
    let mut rest = file.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let (mut size, mut has_data) = (None, false);
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
            (b"IDAT", _) => has_data = true,
            (b"IEND", _) => return size.filter(|_| has_data),
            _ => {}
        }
        rest = after;
    }
}

fn png_header(data: &[u8]) -> Option<(u32, u32)> {
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

/// Width and height of a JPEG file (ITU-T T.81, annex B): segments from the start over a frame header and at least one
/// scan to the end. Cameras put more behind the end; that is not looked at.
pub(super) fn jpeg(file: &[u8]) -> Option<(u32, u32)> {
    let mut rest = file.strip_prefix(b"\xff\xd8")?;
    let (mut size, mut has_scan) = (None, false);
    loop {
        let after = rest.strip_prefix(b"\xff")?;
        let (&marker, after) = after.split_first()?;
        if marker == 0xff {
            // Any marker may have more of these before it.
            rest = &rest[1..];
            continue;
        }
        if marker == 0xd9 {
            return size.filter(|_| has_scan);
        }
        let length = usize::from(u16::from_be_bytes(*after.first_chunk()?));
        let (segment, after) = after.split_at_checked(length)?;
        let data = segment.get(2..)?;
        rest = after;
        match marker {
            // Frame headers; the three left out are tables.
            0xc0..=0xcf if ![0xc4, 0xc8, 0xcc].contains(&marker) => {
                size = Some(jpeg_frame(data)?);
            }
            0xda => {
                has_scan = true;
                rest = after_scan(after)?;
            }
            // Markers without a segment stand in scans only, and 0 is none.
            0x00 | 0x01 | 0xd0..=0xd8 => return None,
            _ => {}
        }
    }
}

fn jpeg_frame(data: &[u8]) -> Option<(u32, u32)> {
    let (&[_precision, h0, h1, w0, w1, components], each) = data.split_first_chunk()?;
    let size = (
        u32::from(u16::from_be_bytes([w0, w1])),
        u32::from(u16::from_be_bytes([h0, h1])),
    );
    (components > 0 && each.len() == 3 * usize::from(components)).then_some(size)
}

/// What follows the coded data of a scan: the next marker that is neither a stuffed byte nor a restart.
fn after_scan(data: &[u8]) -> Option<&[u8]> {
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7 | 0xff);
    let end = data.windows(2).position(is_marker)?;
    data.get(end..)
}

/// Width and height of a WebP file (RFC 9649): a RIFF container whose chunks are all there.
pub(super) fn webp(file: &[u8]) -> Option<(u32, u32)> {
    let (length, rest) = file.strip_prefix(b"RIFF")?.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let mut rest = rest.get(..length)?.strip_prefix(b"WEBP")?;
    let (mut size, mut has_data) = (None, false);
    while let Some((kind, after)) = rest.split_first_chunk::<4>() {
        let (length, after) = after.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (data, after) = after.split_at_checked(length)?;
        has_data |= matches!(kind, b"VP8 " | b"VP8L" | b"ANMF");
        if size.is_none() {
            size = Some(webp_size(kind, data)?);
        }
        // Chunks begin at even places.
        rest = match length % 2 {
            0 => after,
            _ => after.split_first()?.1,
        };
    }
    size.filter(|_| has_data && rest.is_empty())
}

/// The size that a file's first chunk tells.
fn webp_size(kind: &[u8; 4], data: &[u8]) -> Option<(u32, u32)> {
    match (kind, data) {
        // The size of the whole picture, each side less one, in 24 bits.
        (b"VP8X", &[_flags, _, _, _, w0, w1, w2, h0, h1, h2]) => Some((
            u32::from_le_bytes([w0, w1, w2, 0]) + 1,
            u32::from_le_bytes([h0, h1, h2, 0]) + 1,
        )),
        // A key frame; the two highest bits of each side are about scaling.
        (b"VP8 ", &[frame, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..]) if frame & 1 == 0 => {
            Some((
                u32::from(u16::from_le_bytes([w0, w1]) & 0x3fff),
                u32::from(u16::from_le_bytes([h0, h1]) & 0x3fff),
            ))
        }
        // Each side less one in 14 bits, whether there is transparency in one, the version 0 in three.
        (b"VP8L", &[0x2f, b0, b1, b2, b3, ..]) if b3 >> 5 == 0 => {
            let bits = u32::from_le_bytes([b0, b1, b2, b3]);
            Some(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
        }
        _ => None,
    }
}
